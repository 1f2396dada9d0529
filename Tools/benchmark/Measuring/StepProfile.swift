import Profiling
import Recurve
import StandardStreams

extension WorkloadOptions {
  /// Shows on standard error where the time of a program goes, if that was asked for.
  func showProfile(_ program: CompiledProgram, repetitions: Int = 7) throws {
    guard profile else { return }
    let ceilings = try MachineCeilings.measured(compilerOptions())
    let text = try Profile(program, repetitions: repetitions, ceilings: ceilings).table(limit: 40)
    // Forty rows of long paths are more than a message has.
    StandardStreams.say(text, longest: 100_000)
  }
}
