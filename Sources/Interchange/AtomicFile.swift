import Foundation

/// Writes whole files so that even a sudden end of the machine leaves the old content or the new one.
public enum AtomicFile {
  /// Writes under a temporary name in the same folder, forces the bytes to disk, then renames.
  ///
  /// - Throws: `AtomicFileError`.
  public static func write(_ data: Data, to path: String) throws {
    let temporary = "\(path).\(getpid()).part"
    do {
      try writeAndSync(data, to: temporary)
      guard rename(temporary, path) == 0 else { throw AtomicFileError(path: path, problem: systemMessage()) }
    } catch {
      unlink(temporary)
      throw error
    }
    syncFolder(of: path)
  }

  private static func writeAndSync(_ data: Data, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw AtomicFileError(path: path, problem: systemMessage()) }
    defer { close(file) }
    try data.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let written = Foundation.write(file, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { throw AtomicFileError(path: path, problem: systemMessage()) }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
    guard fsync(file) == 0 else { throw AtomicFileError(path: path, problem: systemMessage()) }
  }

  /// The new name survives only once the folder itself is on disk; a folder that cannot be opened is left to the system.
  private static func syncFolder(of path: String) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let file = open(folder, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  private static func systemMessage() -> String { String(cString: strerror(errno)).lowercased() }
}

/// A file that could not be written.
public struct AtomicFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let problem: String

  public var description: String { "\(path): cannot be written: \(problem)" }
}
