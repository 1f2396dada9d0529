import Compilation
import Reports

extension Output {
  /// What watching a program costs, told before it runs.
  static func verification(_ program: CompiledProgram) {
    guard program.isNative else { return progress("there is nothing to watch: the reference evaluation has no arena") }
    progress(
      "every step is watched: many times slower, with \(TextTable.bytes(program.verificationByteCount)) more memory")
  }

  /// Watches one run, for commands whose own runs are measured.
  ///
  /// - Throws: `VerificationError` with what is not as it must be.
  static func verify(_ program: CompiledProgram) throws {
    verification(program)
    _ = try program.verify()
  }
}
