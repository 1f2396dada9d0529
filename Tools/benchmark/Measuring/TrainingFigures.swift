import Foundation
import Recurve

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
  /// Why the times cannot be relied on; null where nothing speaks against them.
  var doubt: String?
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
  /// Up to the highest address that a step writes, and how many bytes it writes at least once.
  var highest_bytes = 0
  var written_bytes = 0
  var persistent_bytes = 0
  var kernels = 0
  var plan_steps = 0
  var flops = 0
  var contraction_flops = 0
  var gigaflops_per_second = Double.nan
}

extension TrainingFigures {
  mutating func take(_ windows: TimedWindows, contractionFlops: Int) {
    (step_seconds, least_seconds, timed_steps) = (windows.median, windows.least, windows.times.count)
    (clean, other_share, doubt) = (windows.isClean, windows.otherShare, windows.doubt)
    contraction_flops = contractionFlops
    gigaflops_per_second = Double(contractionFlops) / step_seconds / 1e9
  }

  /// What the plan promises and what the arena says.
  mutating func describe(_ program: CompiledProgram) throws {
    planned_bytes = program.plan.memory.arenaByteCount
    let memory = try program.measureMemory(countsBuffers: false)
    (highest_bytes, written_bytes) = (memory?.highestByteCount ?? 0, memory?.writtenByteCount ?? 0)
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
    return "\(title): \(numbers)\(clean ? "" : " (noisy)")\(doubt.map { " (? \($0))" } ?? "")"
  }
}
