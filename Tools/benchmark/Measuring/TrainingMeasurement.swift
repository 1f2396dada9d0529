import CodeGeneration
import Foundation
import Recurve

/// A workload that trains: a model, the numbers it starts from, the work of a step.
protocol TrainingWorkload {
  /// From the model to a graph that trains it.
  func step() throws -> TrainingStep
  /// Sets weights, inputs and the learning rate.
  func load(_ program: CompiledProgram) throws
  /// Operations of the matrix products of one step, counted as the workload's page does; nil where none does, and all that
  /// the compiler counts is meant.
  var contractionFlops: Int? { get }
}

/// Runs a training workload and takes its figures.
struct TrainingMeasurement {
  let workload: any TrainingWorkload
  let options: WorkloadOptions
  private let baseline: Int

  /// The bare process is measured here, so make this before anything large.
  init(_ workload: any TrainingWorkload, _ options: WorkloadOptions) {
    (self.workload, self.options) = (workload, options)
    ProcessMemory.trim()
    ProcessMemory.resetPeak()
    baseline = ProcessMemory.resident
  }

  /// The losses of the first steps, nothing timed.
  func losses(_ count: Int) throws -> [Double] {
    let step = try workload.step()
    let program = try Compiler.compile(step.graph, options.compilerOptions())
    try load(step, program)
    let run = TrainingRun(program)
    for _ in 0..<count { try run.step() }
    return run.losses
  }

  func figures(defaultSteps: Int = 21) throws -> TrainingFigures {
    var figures = TrainingFigures()
    let cold = options.cold ? ColdCache() : nil
    let run = TrainingRun(try program(cold?.cache ?? KernelCache(), &figures))
    try run.step()
    figures.compile_peak_bytes = ProcessMemory.peak - baseline
    for _ in 0..<2 { try run.step() }
    let start = run.seconds.reduce(figures.compile_seconds, +)
    (figures.work_bytes, figures.peak_bytes) = try memory(run)
    let windows = try time(run, &figures)
    // Steps that happened to be slower than the first ones give no time back.
    figures.latency_seconds = max(figures.compile_seconds, start - 3 * windows.median)
    let steps = options.steps ?? defaultSteps
    while run.losses.count < steps { try run.step() }
    figures.losses = Array(run.losses.prefix(steps))
    try figures.describe(run.program)
    try options.showProfile(run.program)
    try cold.map { try measureStart($0, &figures) }
    return figures
  }

  private func program(_ cache: KernelCache, _ figures: inout TrainingFigures) throws -> CompiledProgram {
    let watch = Stopwatch()
    let step = try workload.step()
    let program = try Compiler.compile(step.graph, options.compilerOptions(cache))
    figures.compile_seconds = watch.seconds
    try load(step, program)
    return program
  }

  private func time(_ run: TrainingRun, _ figures: inout TrainingFigures) throws -> TimedWindows {
    let (faults, count) = (ProcessMemory.minorFaultCount, run.losses.count)
    let windows = try TimedWindows(run.program, seconds: options.seconds, fewest: 5, most: 200, run.step)
    let steps = run.losses.count - count
    figures.minor_faults_per_step = Double(ProcessMemory.minorFaultCount - faults) / Double(steps)
    let flops = workload.contractionFlops ?? run.program.plan.schedule.flops.values.reduce(0, +)
    figures.take(windows, contractionFlops: flops)
    return windows
  }

  private func load(_ step: TrainingStep, _ program: CompiledProgram) throws {
    for (name, state) in step.optimizerStates { try program.set(name, state) }
    try workload.load(program)
  }

  /// Of two steps that start without an arena.
  private func memory(_ run: TrainingRun) throws -> (work: Int, peak: Int) {
    run.program.releaseArena()
    ProcessMemory.trim()
    let idle = ProcessMemory.resident
    ProcessMemory.resetPeak()
    for _ in 0..<2 { try run.step() }
    return (ProcessMemory.peak - idle, ProcessMemory.peak - baseline)
  }

  /// Builds once more, now that the cache is full.
  private func measureStart(_ cold: ColdCache, _ figures: inout TrainingFigures) throws {
    figures.cold_seconds = figures.compile_seconds
    let watch = Stopwatch()
    _ = try Compiler.compile(workload.step().graph, options.compilerOptions(cold.cache))
    figures.warm_seconds = watch.seconds
    cold.remove()
  }
}

/// A training program at work, with what its steps returned.
private final class TrainingRun {
  let program: CompiledProgram
  private(set) var losses: [Double] = []
  private(set) var seconds: [Double] = []

  init(_ program: CompiledProgram) { self.program = program }

  /// One step, its loss read.
  func step() throws {
    let watch = Stopwatch()
    try program.run()
    losses.append(try program.result(at: 0).doubles[0])
    seconds.append(watch.seconds)
  }
}
