/// What is wrong at one line of a model.
public struct TraceProblem: Hashable, Sendable, CustomStringConvertible {
  public var message: String
  public var location: SourceLocation?
  public var scope: String

  public var description: String {
    let place = location.map { "\($0): " } ?? ""
    return place + message + (scope.isEmpty ? "" : " (in \(scope))")
  }
}

/// Everything that is wrong with a model.
public struct TraceError: Error, CustomStringConvertible {
  public var problems: [TraceProblem]

  public var description: String {
    problems.count == 1
      ? "\(problems[0])"
      : "\(problems.count) problems:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}

/// A message about names, lines or layers, which no operator's constraint has a number for.
struct TraceMessage: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}
