import Compilation
import GraphIR
import Operators
import Scheduling
import TensorTypes

/// One mode at one depth, run.
struct Measurement {
  let model: String
  let batch: Int
  let depth: Int
  let mode: GradientMode
  let plan: CompilationPlan
  let weightNames: [String]
  let disconnected: [String]
  let measuredByteCount: Int
  let compileSeconds: Double
  let seconds: Double
  let loss: Double
  let gradients: [HostTensor]

  init(
    model: String, batch: Int, depth: Int, mode: GradientMode, program: CompiledProgram, weightNames: [String],
    disconnected: [String], measuredByteCount: Int, compileSeconds: Double, seconds: Double
  ) {
    self.model = model
    self.batch = batch
    self.depth = depth
    self.mode = mode
    plan = program.plan
    self.weightNames = weightNames
    self.disconnected = disconnected
    self.measuredByteCount = measuredByteCount
    self.compileSeconds = compileSeconds
    self.seconds = seconds
    loss = program.result(at: 0).doubles[0]
    let first = program.resultNames.count - weightNames.count
    gradients = weightNames.indices.map { program.result(at: first + $0) }
  }

  func row(against reference: [HostTensor]) -> ComparisonRow {
    let fidelities = zip(gradients, reference).map { gradient, full in
      var fidelity = GradientFidelity()
      fidelity.add(gradient, full)
      return fidelity
    }
    var overall = GradientFidelity()
    for fidelity in fidelities { overall.add(fidelity) }
    let flops = plan.schedule.flops
    let total = flops.values.reduce(0, +)
    return ComparisonRow(
      model: model, batch: batch, depth: depth, mode: mode.description,
      plannedBytes: plan.memory.arenaByteCount, measuredBytes: measuredByteCount,
      lowerBoundBytes: plan.memory.lowerBoundByteCount, residualBytes: plan.graph.residualByteCount,
      persistentBytes: plan.persistentByteCount, kernels: plan.schedule.functions.count,
      planSteps: plan.schedule.stepCount, flops: total,
      recomputeShare: total == 0 ? 0 : Double(flops[.recompute] ?? 0) / Double(total),
      compileSeconds: compileSeconds, secondsPerStep: seconds, loss: loss, gradientCosine: overall.cosine,
      gradientNormRatio: overall.normRatio,
      weights: zip(weightNames, fidelities).map {
        .init(name: $0, cosine: $1.cosine, normRatio: $1.normRatio)
      },
      disconnectedWeights: disconnected)
  }
}
