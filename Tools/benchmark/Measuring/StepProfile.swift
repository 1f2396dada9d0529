import Foundation
import Profiling
import Recurve

extension WorkloadOptions {
  /// Shows on standard error where the time of a program goes, if that was asked for.
  func showProfile(_ program: CompiledProgram, repetitions: Int = 7) throws {
    guard profile else { return }
    let ceilings = try MachineCeilings.measured(compilerOptions())
    let text = Profile(program, repetitions: repetitions, ceilings: ceilings).table(limit: 40)
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
