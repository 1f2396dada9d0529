/// A question about a model, with an answer that is measured over several seeds.
public struct Experiment: Sendable {
  /// What it is called on the command line: `4a`.
  public let name: String
  /// What it is about: `Momentum`.
  public let title: String
  /// The idea, in a few sentences.
  public let idea: String
  /// What was promised, to be held against what is measured.
  public let promise: String
  /// How many seeds make a median.
  public let seedCount: Int
  /// Trains, measures and judges.
  public let measure: @Sendable (ExperimentRun) throws -> Findings

  public init(
    name: String, title: String, idea: String, promise: String, seedCount: Int,
    measure: @escaping @Sendable (ExperimentRun) throws -> Findings
  ) {
    self.name = name
    self.title = title
    self.idea = idea
    self.promise = promise
    self.seedCount = seedCount
    self.measure = measure
  }
}
