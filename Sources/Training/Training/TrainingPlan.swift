/// How long a session trains, and what happens on the way.
public struct TrainingPlan: Sendable {
  /// Steps in all, those of a resumed run included.
  public var steps: Int
  public var checkpointEvery = 100
  /// Checkpoints to keep; the newest is one of them.
  public var keptCheckpoints = 1
  /// Steps between validations; 0 for none.
  public var validateEvery = 0
  public var validationBatches = 4
  /// Validations in a row that may fail to lower the loss before training stops; 0 for no limit.
  public var patience = 0

  /// The most steps of a run. Counters of twice as many steps fit into 32 bits, so that a task can count on from a
  /// checkpoint of any run.
  public static let largestStepCount: Int = (1 << 30) - 1

  public init(steps: Int) { self.steps = steps }

  /// - Throws: `TrainingPlanError` with every number that is out of its range.
  public func check() throws {
    let numbers = [
      ("steps", steps, 1), ("checkpointEvery", checkpointEvery, 1), ("keptCheckpoints", keptCheckpoints, 1),
      ("validateEvery", validateEvery, 0), ("validationBatches", validationBatches, 1), ("patience", patience, 0),
    ]
    var problems = numbers.filter { !($0.2...Self.largestStepCount).contains($0.1) }.map { name, value, least in
      "\(name) is \(value), needs \(least) to \(Self.largestStepCount)"
    }
    if patience > 0 && validateEvery == 0 {
      problems.append("patience is \(patience), needs validateEvery of at least 1, which is 0")
    }
    if !problems.isEmpty { throw TrainingPlanError(problems: problems) }
  }

  /// - Parameter done: steps of the checkpoint that the run goes on from.
  /// - Throws: `TrainingPlanError` where these are more than the plan has: a run of fewer would say what is not true.
  func check(after done: Int) throws {
    if steps >= done { return }
    throw TrainingPlanError(problems: ["steps is \(steps), needs at least \(done), which the checkpoint has"])
  }
}

/// Numbers of a training plan that are out of their ranges.
public struct TrainingPlanError: UsageError, Hashable, CustomStringConvertible {
  public var problems: [String]

  public var description: String { "training plan: " + problems.joined(separator: "; ") }
}
