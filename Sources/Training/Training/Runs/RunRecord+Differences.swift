extension RunRecord {
  /// What a run was made with, and what is asked for or found now.
  public struct Difference: Sendable, Hashable {
    public var fact: Fact
    public var recorded: String
    public var found: String
  }

  /// Everything in which a run that goes on as the other would differ from what it was.
  public func differences(to other: RunRecord) -> [Difference] {
    let found = Dictionary(other.facts().map { ($0.name, $0.value) }) { first, _ in first }
    return facts().compactMap { fact in
      guard !fact.mayChange, fact.value != found[fact.name] else { return nil }
      if fact.option == "--data", data.isSame(as: other.data) { return nil }
      return Difference(fact: fact, recorded: fact.value, found: found[fact.name] ?? "none")
    }
  }
}

extension RunRecord {
  /// Judging asks for what training held out, which other bytes tell nothing about.
  ///
  /// - Throws: `DataChangedError`.
  public func checkData() throws {
    if data.hasChanged, let path = data.path { throw DataChangedError(path: path) }
  }
}

/// Data that are no longer those of the run.
public struct DataChangedError: Error, Hashable, CustomStringConvertible {
  public var path: String

  public var description: String {
    "\(path) is not what it was when the run began, so what was held out is not known; needs the same bytes, or, where a "
      + "command has --data, the file to judge on"
  }
}

/// A run that is to go on as another one.
public struct RunChangedError: UsageError, Hashable, CustomStringConvertible {
  /// Of the record.
  public var path: String
  public var differences: [RunRecord.Difference]
  /// Whether only the command line is wrong, and not what it leads to.
  public var isUsage: Bool
  private let isOfOptions: Bool

  /// - Parameter given: the options that somebody gave. A file that has changed is nobody's wrong option.
  public init(path: String, differences: [RunRecord.Difference], given: Set<String>) {
    (self.path, self.differences) = (path, differences)
    isOfOptions = differences.contains { $0.fact.option.map(given.contains) ?? false }
    isUsage = differences.allSatisfy { $0.fact.option.map { given.contains($0) && $0 != "--data" } ?? false }
  }

  public var description: String {
    let lines = differences.map { difference in
      let name = difference.fact.option ?? difference.fact.name
      return "  \(name): the run has \(difference.recorded), now it is \(difference.found)"
    }
    return """
      the run cannot go on as another one (\(path)):
      \(lines.joined(separator: "\n"))
      \(isOfOptions ? "leave these options out to go on as before" : "needs what the run was made with"), start a new run \
      with another --output, or give --accept-changes
      """
  }
}
