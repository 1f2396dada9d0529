/// An error in what somebody asked a command for, in contrast to what went wrong on the way: commands exit with 64.
///
/// Model families let the errors about their `ModelOptions` conform.
public protocol UsageError: Error {
  var isUsage: Bool { get }
}

extension UsageError {
  public var isUsage: Bool { true }
}
