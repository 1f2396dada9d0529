import Foundation
import StandardStreams

/// A process that is given some time; what it prints goes to a file.
public struct ChildProcess {
  public enum Status: Equatable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)
    case outOfTime
    case unknown

    public var description: String {
      switch self {
      case .exited(let code): "exit code \(code)"
      case .signalled(let signal): "signal \(signal)"
      case .outOfTime: "no end in time"
      case .unknown: "a status that the system did not keep"
      }
    }
  }

  private let identifier: pid_t
  private let log: String

  public init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let log = NSTemporaryDirectory() + "recurve-fuzz-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).log"
    self.log = log
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let inherited = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var texts = ([path] + arguments).map { strdup($0) } + [nil]
    var variables = inherited.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in texts + variables { free(text) } }
    var identifier = pid_t()
    var status = posix_spawn(&identifier, path, &actions, nil, &texts, &variables)
    // A program that was written just now may still be open in a process that another thread is starting.
    for _ in 0..<100 where status == ETXTBSY {
      usleep(10_000)
      status = posix_spawn(&identifier, path, &actions, nil, &texts, &variables)
    }
    guard status == 0 else { throw FuzzError("cannot start \(path): \(SystemMessage.text(status))") }
    self.identifier = identifier
  }

  /// Waits for the end, which comes after so many seconds at the latest.
  public func wait(seconds: Double) -> (status: Status, output: String) {
    let end = ContinuousClock.now + .seconds(seconds)
    var status: Int32 = 0
    var isLate = false
    var pause = 0.0005
    var found = waitpid(identifier, &status, WNOHANG)
    while found == 0 || (found < 0 && errno == EINTR) {
      if !isLate, ContinuousClock.now > end {
        isLate = true
        kill(identifier, SIGKILL)
      }
      Thread.sleep(forTimeInterval: pause)
      pause = min(pause * 1.5, 0.02)
      found = waitpid(identifier, &status, WNOHANG)
    }
    let output = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    unlink(log)
    guard found == identifier else { return (.unknown, output) }
    let signal = status & 0x7f
    return (isLate ? .outOfTime : signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal), output)
  }
}
