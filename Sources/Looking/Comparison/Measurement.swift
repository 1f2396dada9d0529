import Compilation
import GraphIR
import Operators
import Reports
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
  let memory: MemoryMeasurement?
  let verification: VerificationReport?
  let compileSeconds: Double
  let times: StepTimes
  let loss: Double
  let engine: String
  let temporaryByteCount: Int?
  let gradients: [HostTensor]

  init(
    model: String, batch: Int, depth: Int, mode: GradientMode, program: CompiledProgram, weightNames: [String],
    disconnected: [String], memory: MemoryMeasurement?, verification: VerificationReport?, compileSeconds: Double,
    times: StepTimes
  ) throws {
    self.model = model
    self.batch = batch
    self.depth = depth
    self.mode = mode
    plan = program.plan
    self.weightNames = weightNames
    self.disconnected = disconnected
    self.memory = memory
    self.verification = verification
    self.compileSeconds = compileSeconds
    self.times = times
    (engine, temporaryByteCount) = (program.engine, program.temporaryByteCount)
    loss = try program.result(at: 0).doubles[0]
    let first = program.resultNames.count - weightNames.count
    gradients = try weightNames.indices.map { try program.result(at: first + $0) }
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
      model: model, batch: batch, depth: depth, mode: mode.description, engine: engine,
      plannedBytes: plan.memory.arenaByteCount, engineTemporaryBytes: temporaryByteCount,
      highestBytes: memory?.highestByteCount ?? 0,
      writtenBytes: memory?.writtenByteCount ?? 0, residentGrowthBytes: memory?.residentGrowth ?? 0,
      partlyWritten: memory?.buffers.map(partlyWritten), verification: verification,
      lowerBoundBytes: plan.memory.lowerBoundByteCount, residualBytes: plan.graph.residualByteCount,
      persistentBytes: plan.persistentByteCount, kernels: plan.schedule.functions.count,
      planSteps: plan.schedule.stepCount, flops: total,
      recomputeShare: total == 0 ? 0 : Double(flops[.recompute] ?? 0) / Double(total),
      compileSeconds: compileSeconds, secondsPerStep: times.seconds.median, stepSpread: times.spread,
      timeDoubt: times.doubt, loss: loss, gradientCosine: overall.cosine,
      gradientNormRatio: overall.normRatio,
      weights: zip(weightNames, fidelities).map {
        .init(name: $0, cosine: $1.cosine, normRatio: $1.normRatio)
      },
      disconnectedWeights: disconnected)
  }
  private func partlyWritten(_ byteCounts: [Int]) -> [ComparisonRow.BufferCoverage] {
    zip(plan.schedule.problem.buffers, byteCounts).compactMap { buffer, writtenByteCount in
      guard writtenByteCount < buffer.byteCount else { return nil }
      return .init(
        name: plan.name(ofBuffer: buffer.id), category: plan.schedule.buffers[buffer.id].category,
        bytes: buffer.byteCount, writtenBytes: writtenByteCount)
    }
  }
}
