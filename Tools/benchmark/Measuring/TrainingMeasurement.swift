import CodeGeneration
import Foundation
import Recurve

/// A workload that trains: a model, the numbers it starts from, the work of a step.
protocol TrainingWorkload {
  /// From the model to a program that can run.
  func build(_ options: CompilerOptions) throws -> CompiledProgram
  /// Sets weights, optimizer states and inputs.
  func load(_ program: CompiledProgram) throws
  /// Operations of the matrix products of one step, counted as the workload's page does.
  var contractionFlops: Int { get }
}

/// Figures of a training step, taken as the peers' harness takes them.
struct TrainingFigures: Codable {
  /// The loss that each step returned, on one fixed batch.
  var losses: [Double] = []
  /// Median and least seconds of a step, and how many were timed.
  var step_seconds = Double.nan
  var least_seconds = Double.nan
  var timed_steps = 0
  /// Whether the machine was quiet, and the share of it that others used.
  var clean = false
  var other_share = 0.0
  /// From the model to a program that can run; with an empty cache, and again with a full one.
  var compile_seconds = Double.nan
  var cold_seconds: Double?
  var warm_seconds: Double?
  /// What one pays before steps take their steady time: building and the first three steps, less three steady ones.
  var latency_seconds = Double.nan
  /// Resident memory that a step needs beyond what stays between steps.
  var work_bytes = 0
  /// Largest resident memory of steady steps, and of the time up to the first step, beyond the bare process.
  var peak_bytes = 0
  var compile_peak_bytes = 0
  var minor_faults_per_step = 0.0
  var planned_bytes = 0
  var measured_bytes = 0
  var persistent_bytes = 0
  var kernels = 0
  var plan_steps = 0
  var flops = 0
  var contraction_flops = 0
  var gigaflops_per_second = Double.nan
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
    let program = try workload.build(options.compilerOptions())
    try workload.load(program)
    return (0..<count).map { _ in Self.step(program) }
  }

  func figures(defaultSteps: Int = 21) throws -> TrainingFigures {
    var figures = TrainingFigures()
    let cold = options.cold ? try ColdCache() : nil
    let watch = Stopwatch()
    let program = try workload.build(options.compilerOptions(cold?.cache ?? KernelCache()))
    figures.compile_seconds = watch.seconds
    try workload.load(program)
    var calls: [Double] = []
    func one() { calls.append(Stopwatch.time { figures.losses.append(Self.step(program)) }) }
    one()
    figures.compile_peak_bytes = ProcessMemory.peak - baseline
    for _ in 0..<2 { one() }
    let start = calls.reduce(figures.compile_seconds, +)
    (figures.work_bytes, figures.peak_bytes) = memory(program) { for _ in 0..<2 { one() } }
    let (faults, count) = (ProcessMemory.minorFaultCount, calls.count)
    let windows = TimedWindows(seconds: options.seconds, fewest: 5, most: 200, one)
    figures.minor_faults_per_step = Double(ProcessMemory.minorFaultCount - faults) / Double(calls.count - count)
    let steps = options.steps ?? defaultSteps
    while figures.losses.count < steps { one() }
    figures.losses = Array(figures.losses.prefix(steps))
    figures.take(windows, contractionFlops: workload.contractionFlops)
    figures.latency_seconds = start - 3 * windows.median
    figures.describe(program)
    if options.profile { StepProfile(program).show() }
    try cold.map { try measureStart($0, &figures) }
    return figures
  }

  private func memory(_ program: CompiledProgram, _ steps: () -> Void) -> (work: Int, peak: Int) {
    program.releaseArena()
    ProcessMemory.trim()
    let idle = ProcessMemory.resident
    ProcessMemory.resetPeak()
    steps()
    return (ProcessMemory.peak - idle, ProcessMemory.peak - baseline)
  }

  /// Builds once more, now that the cache is full.
  private func measureStart(_ cold: ColdCache, _ figures: inout TrainingFigures) throws {
    figures.cold_seconds = figures.compile_seconds
    let watch = Stopwatch()
    _ = try workload.build(options.compilerOptions(cold.cache))
    figures.warm_seconds = watch.seconds
    cold.remove()
  }

  private static func step(_ program: CompiledProgram) -> Double {
    program.run()
    return program.result(at: 0).doubles[0]
  }
}

extension TrainingFigures {
  fileprivate mutating func take(_ windows: TimedWindows, contractionFlops: Int) {
    (step_seconds, least_seconds, timed_steps) = (windows.median, windows.least, windows.times.count)
    (clean, other_share) = (windows.isClean, windows.otherShare)
    contraction_flops = contractionFlops
    gigaflops_per_second = Double(contractionFlops) / step_seconds / 1e9
  }

  /// What the plan promises and what the arena says.
  fileprivate mutating func describe(_ program: CompiledProgram) {
    planned_bytes = program.plan.memory.arenaByteCount
    measured_bytes = program.measureTouchedByteCount() ?? 0
    persistent_bytes = program.plan.persistentByteCount
    kernels = program.plan.schedule.functions.count
    plan_steps = program.plan.schedule.stepCount
    flops = program.plan.schedule.flops.values.reduce(0, +)
  }

  /// One line for people.
  func line(_ title: String) -> String {
    let numbers = String(
      format: "%.1f ms/step, %.0f GF/s, planned %.1f MB, work %.1f MB, loss %.6f -> %.6f", step_seconds * 1e3,
      gigaflops_per_second, Double(planned_bytes) / 1e6, Double(work_bytes) / 1e6, losses.first ?? .nan,
      losses.last ?? .nan)
    return "\(title): \(numbers)" + (clean ? "" : " (noisy)")
  }
}

/// An empty folder for compiled kernels.
struct ColdCache {
  let cache: KernelCache

  init() throws {
    let folder = NSTemporaryDirectory() + "recurve-benchmark-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    cache = KernelCache(folder: folder)
    try cache.createFolder()
  }

  func remove() { try? FileManager.default.removeItem(atPath: cache.folder) }
}
