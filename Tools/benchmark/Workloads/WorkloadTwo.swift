import ArgumentParser
import CodeGeneration
import Foundation
import Recurve

struct WorkloadTwo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "w2", abstract: "Steps of a tiny perceptron: what a step costs beside its arithmetic.")

  @OptionGroup var options: WorkloadOptions

  struct Report: Codable {
    /// The loss that each step returned.
    var losses: [Double] = []
    /// The same from the program that holds all steps.
    var fused_losses: [Double] = []
    /// Seconds per step: each loss read; the last of 200 read; 1000 steps in one program.
    var sync_seconds = Double.nan
    var async_seconds = Double.nan
    var fused_seconds = Double.nan
    var clean = false
    var other_share = 0.0
    /// Why the times cannot be relied on; null where nothing speaks against them.
    var doubt: String?
    var compile_seconds = Double.nan
    var cold_seconds: Double?
    var warm_seconds: Double?
    /// Building and the first step.
    var first_seconds = Double.nan
    var peak_bytes = 0
    var planned_bytes = 0
    var kernels = 0
    var plan_steps = 0
  }

  /// Steps of one timed run: loops over the one program, and the loop inside the other.
  static let loopLength = 200
  static let fusedLength = 1000

  func run() throws {
    let report = try measure()
    try options.show(
      report,
      String(
        format: "w2: sync %.2f us, async %.2f us, fused %.3f us per step, loss %.6f -> %.6f%@",
        report.sync_seconds * 1e6, report.async_seconds * 1e6, report.fused_seconds * 1e6,
        report.losses.first ?? .nan, report.losses.last ?? .nan,
        (report.clean ? "" : " (noisy)") + (report.doubt.map { " (? \($0))" } ?? "")))
  }

  func measure() throws -> Report {
    ProcessMemory.resetPeak()
    let baseline = ProcessMemory.resident
    var report = Report()
    let cold = options.cold ? ColdCache() : nil
    let program = try measureSingle(cold?.cache ?? KernelCache(), &report)
    try measureFused(cold?.cache ?? KernelCache(), &report)
    report.peak_bytes = ProcessMemory.peak - baseline
    report.planned_bytes = program.plan.memory.arenaByteCount
    report.kernels = program.plan.schedule.functions.count
    report.plan_steps = program.plan.schedule.stepCount
    try options.showProfile(program, repetitions: 1000)
    if let cold {
      report.cold_seconds = report.compile_seconds
      let watch = Stopwatch()
      _ = try Compiler.compile(try Self.step().graph, options.compilerOptions(cold.cache))
      report.warm_seconds = watch.seconds
      cold.remove()
    }
    return report
  }

  private func measureSingle(_ cache: KernelCache, _ report: inout Report) throws -> CompiledProgram {
    let watch = Stopwatch()
    let step = try Self.step()
    let program = try Compiler.compile(step.graph, options.compilerOptions(cache))
    report.compile_seconds = watch.seconds
    try load(program)
    func loss() throws -> Double { try program.result(at: 0).doubles[0] }
    let first = try Stopwatch.time { try program.run() }
    report.losses = [try loss()]
    report.first_seconds = report.compile_seconds + first
    for _ in 1..<(options.steps ?? 201) {
      try program.run()
      report.losses.append(try loss())
    }
    var last = 0.0
    report.sync_seconds = try time(program, Self.loopLength, &report) {
      for _ in 0..<Self.loopLength {
        try program.run()
        last = try loss()
      }
    }
    report.async_seconds = try time(program, Self.loopLength, &report) {
      for _ in 0..<Self.loopLength { try program.run() }
      last = try loss()
    }
    precondition(last.isFinite, "the loss is \(last)")
    return program
  }

  private func measureFused(_ cache: KernelCache, _ report: inout Report) throws {
    let step = try Self.step().repeated(Self.fusedLength)
    let program = try Compiler.compile(step.graph, options.compilerOptions(cache))
    try load(program)
    try program.run()
    report.fused_losses = Array(try program.result(at: 0).doubles.prefix(options.steps ?? 201))
    report.fused_seconds = try time(program, Self.fusedLength, &report) { try program.run() }
  }

  private func time(
    _ program: CompiledProgram, _ steps: Int, _ report: inout Report, _ action: () throws -> Void
  ) rethrows -> Double {
    let windows = try TimedWindows(program, seconds: options.seconds, fewest: 3, action)
    let isFirst = report.sync_seconds.isNaN
    report.clean = windows.isClean && (isFirst || report.clean)
    report.other_share = max(report.other_share, windows.otherShare)
    report.doubt = report.doubt ?? windows.doubt
    return windows.median / Double(steps)
  }

  private func load(_ program: CompiledProgram) throws {
    let tensors = try options.tensors("w2", generated: ExclusiveOr.numbers)
    for (weight, file) in ExclusiveOr.fileNames { try program.set(weight, try tensors[file]) }
    for input in ["in.x", "in.y"] { try program.set(input, try tensors[input]) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1)]))
  }

  static func step() throws -> TrainingStep {
    try TrainingStep(ExclusiveOr().traced(name: "w2").graph, .gradientDescent())
  }
}
