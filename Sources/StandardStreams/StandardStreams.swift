import Foundation

/// Standard output and standard error, either of which may vanish or fill up while a program works.
public enum StandardStreams {
  /// Writes a line to standard error. A failure is ignored: there is nobody left to tell.
  public static func say(_ line: String) { show(line + "\n") }

  /// Writes text to standard error as it is; a failure is ignored.
  public static func show(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Writes text to standard output.
  ///
  /// - Throws: `StandardStreamError` when it cannot be written.
  public static func print(_ text: String) throws {
    if let problem = write(text + "\n", to: STDOUT_FILENO) { throw StandardStreamError(problem: problem) }
  }

  /// Makes a closed pipe or a file at its limit an error of the write, in place of the end of the process.
  public static func surviveFailures() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// - Returns: what kept the text from being written whole, or nil.
  private static func write(_ text: String, to file: Int32) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Foundation.write(file, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return String(cString: strerror(errno)).lowercased() }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
      return nil
    }
  }
}

/// Standard output that could not be written.
public struct StandardStreamError: Error, Hashable, Sendable, CustomStringConvertible {
  public let problem: String

  public var description: String { "standard output cannot be written: \(problem)" }
}
