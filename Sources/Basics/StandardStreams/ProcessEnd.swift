/// How a process ended.
public enum ProcessEnd: Hashable, Sendable, CustomStringConvertible {
  /// By itself, with a status from 0 to 255; 0 is success.
  case exited(status: Int32)
  case signalled(Int32)

  /// - Parameter status: as `waitpid` gives it, of a process that has ended.
  public init(waitStatus status: Int32) {
    let signal = status & 0x7F
    self = signal == 0 ? .exited(status: status >> 8 & 0xFF) : .signalled(signal)
  }

  /// `status 3`, `signal 9`.
  public var description: String {
    switch self {
    case .exited(let status): "status \(status)"
    case .signalled(let signal): "signal \(signal)"
    }
  }
}
