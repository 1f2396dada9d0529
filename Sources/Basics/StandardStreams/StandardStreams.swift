import Foundation

/// Standard output and standard error, either of which may vanish or fill up while a program works.
public enum StandardStreams {
  /// Writes a message to standard error, quoted and cut for people. A failure is ignored: there is nobody left to tell.
  ///
  /// - Parameter longest: scalars that are written at most.
  public static func say(_ message: String, longest: Int = 4_000) {
    _ = write(Quoting.message(message, longest: longest) + "\n", to: STDERR_FILENO)
  }

  /// Redraws a line of standard error, which a terminal then shows in place of the last one; a failure is ignored.
  ///
  /// - Parameter isLast: whether the next line stands below.
  public static func redraw(_ line: String, isLast: Bool) {
    let line = Quoting.line(line)
    let isTerminal = isatty(STDERR_FILENO) == 1
    _ = write(isTerminal ? "\r\u{1B}[K" + line + (isLast ? "\n" : "") : line + "\n", to: STDERR_FILENO)
  }

  /// Writes text to standard output; what controls terminals is replaced.
  ///
  /// - Throws: `StandardStreamError` when it cannot be written.
  public static func print(_ text: String) throws {
    if let problem = write(Quoting.lines(text) + "\n", to: STDOUT_FILENO) {
      throw StandardStreamError(problem: problem)
    }
  }

  /// Makes a closed pipe or a file at its limit an error of the write, in place of the end of the process; lets the ends of
  /// child processes be waited for. Called before the process opens any file.
  public static func surviveFailures() {
    occupyClosedStreams()
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    // Ignored by whoever started this process, it would hide how the processes that this one starts end.
    signal(SIGCHLD, SIG_DFL)
  }

  /// The next file that is opened gets the lowest free number: where a stream is closed, what is meant for it would end up in
  /// a log or a checkpoint. What holds its place cannot be written either.
  private static func occupyClosedStreams() {
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// - Returns: what kept the text from being written whole, or nil.
  private static func write(_ text: String, to file: Int32) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Foundation.write(file, rest.baseAddress, rest.count)
        if written < 0 && (errno == EINTR || (errno == EAGAIN && waitUntilWritable(file))) { continue }
        guard written > 0 else { return SystemMessage.text() }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
      return nil
    }
  }

  /// Waits for room where another process has made the file one that does not block.
  ///
  /// - Returns: whether waiting is possible.
  private static func waitUntilWritable(_ file: Int32) -> Bool {
    var event = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
    return poll(&event, 1, -1) >= 0 || errno == EINTR
  }
}

/// Standard output that could not be written.
public struct StandardStreamError: Error, Hashable, Sendable, CustomStringConvertible {
  public let problem: String

  public var description: String { "standard output cannot be written: \(problem)" }
}
