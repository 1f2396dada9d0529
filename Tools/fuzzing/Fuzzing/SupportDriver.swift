import Foundation

/// The C parts below kernels, driven at random under the sanitizers.
public enum SupportDriver: String, Sendable, CaseIterable {
  case contractions, workers, arena, functions

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Drivers").path

  /// What the sanitizers, or the driver itself, find wrong.
  public func problems(seed: UInt64 = 1) throws -> [String] {
    try Sanitizer.allCases.flatMap { try problems(seed: seed, $0) }
  }

  private func problems(seed: UInt64, _ sanitizer: Sanitizer) throws -> [String] {
    let folder = try WorkFolder()
    let text = try String(contentsOfFile: Self.folder + "/\(rawValue).c", encoding: .utf8)
    let executable = try sanitizer.executable([rawValue: text], in: folder)
    let (status, output) = try ChildProcess(executable, ["\(seed)"]).wait(seconds: 120)
    return status == .exited(0) ? [] : ["\(status) under \(sanitizer.rawValue): \(output.prefix(3000))"]
  }
}
