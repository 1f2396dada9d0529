import ArgumentParser
import CodeGeneration
import Foundation
import Recurve

struct WorkloadOne: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "w1", abstract: "Training steps of a Tiny Recursive Model, as all peers run them.")

  @Option(help: "tiny, small or base.") var size: String = "small"
  @Option(help: "attn or mlp.") var variant: String = "attn"
  @Option(help: "full, detached or ckpt.") var mode: String = "full"
  @Option(help: "Cycles.") var depth: Int = 3
  @Option(help: "Steps to run.") var steps: Int = 21
  @Option(help: "Threads.") var threads: Int = 2
  @Option(help: "generated or openblas.") var matmul: String = "generated"
  @Option(help: "Folder with w1_<size>_<variant>.safetensors; the same numbers are generated without it.")
  var data: String?
  @Flag(help: "Prints one JSON object.") var json = false

  struct Report: Codable {
    var size: String
    var variant: String
    var mode: String
    var depth: Int
    var threads: Int
    var matmul: String
    var losses: [Double]
    var step_seconds: Double
    var compile_seconds: Double
    var planned_bytes: Int
    var measured_bytes: Int
    var persistent_bytes: Int
    var kernels: Int
    var plan_steps: Int
    var flops: Int
    var gigaflops_per_second: Double
  }

  func run() throws {
    let report = try measure()
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print(
        String(
          format: "%@ %@ %@ T=%d: %.1f ms/step, %.0f GF/s, planned %.1f MB, loss %.6f -> %.6f", size, variant, mode,
          depth, report.step_seconds * 1e3, report.gigaflops_per_second, Double(report.planned_bytes) / 1e6,
          report.losses.first ?? .nan, report.losses.last ?? .nan))
    }
  }

  func measure() throws -> Report {
    let (sizes, variant, gradient) = try arguments()
    let model = PeerModel(sizes, variant, gradient: gradient)
    let traced = try model.traced(name: "w1")
    let training = try TrainingStep(traced.graph, .adamW(betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1))
    var options = CompilerOptions(workerCount: threads)
    options.provider = ContractionProvider(rawValue: matmul) ?? .generated
    let start = ContinuousClock.now
    let program = try Compiler.compile(training.graph, options)
    let compileSeconds = Self.seconds(since: start)
    try load(program, model, training)
    let measured = program.measureTouchedByteCount() ?? 0
    var losses: [Double] = []
    var times: [Double] = []
    for _ in 0..<steps {
      let start = ContinuousClock.now
      program.run()
      losses.append(program.result(at: 0).doubles[0])
      times.append(Self.seconds(since: start))
    }
    let median = times.isEmpty ? .nan : times.sorted()[times.count / 2]
    let flops = program.plan.schedule.flops.values.reduce(0, +)
    return Report(
      size: size, variant: self.variant, mode: mode, depth: depth, threads: threads, matmul: matmul, losses: losses,
      step_seconds: median, compile_seconds: compileSeconds, planned_bytes: program.plan.memory.arenaByteCount,
      measured_bytes: measured, persistent_bytes: program.plan.persistentByteCount,
      kernels: program.plan.schedule.functions.count, plan_steps: program.plan.schedule.stepCount, flops: flops,
      gigaflops_per_second: Double(flops) / median / 1e9)
  }

  private func arguments() throws -> (PeerSizes, PeerVariant, GradientMode) {
    guard var sizes = PeerSizes.all.first(where: { $0.name == size }) else {
      throw ValidationError("--size got '\(size)', needs tiny, small or base")
    }
    guard let variant = PeerVariant(rawValue: variant) else {
      throw ValidationError("--variant got '\(variant)', needs attn or mlp")
    }
    guard depth >= 1, steps >= 1, threads >= 1 else {
      throw ValidationError("--depth, --steps and --threads need at least 1")
    }
    guard ContractionProvider(rawValue: matmul) != nil else {
      throw ValidationError("--matmul got '\(matmul)', needs generated or openblas")
    }
    sizes.depth = depth
    switch mode {
    case "full": return (sizes, variant, .full)
    case "detached": return (sizes, variant, .last(1))
    case "ckpt": return (sizes, variant, .checkpointed(every: 1))
    default: throw ValidationError("--mode got '\(mode)', needs full, detached or ckpt")
    }
  }

  private func load(_ program: CompiledProgram, _ model: PeerModel, _ training: TrainingStep) throws {
    let numbers = PeerNumbers(sizes: model.sizes, variant: model.variant)
    let tensors = try data.map(numbers.read) ?? numbers.generated()
    func tensor(_ name: String) throws -> HostTensor {
      guard let tensor = tensors[name] else { throw BenchmarkError.missingTensor(name) }
      return tensor
    }
    for (weight, file) in model.fileNames() { try program.set(weight, try tensor(file)) }
    for input in ["in.x", "in.y"] { try program.set(input, try tensor(input)) }
    for (name, state) in training.optimizerStates { try program.set(name, state) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1e-4)]))
  }

  private static func seconds(since start: ContinuousClock.Instant) -> Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
