/// An experiment that has been run, as it is saved.
public struct ExperimentResult: Codable, Sendable {
  public var name: String
  public var title: String
  public var promise: String
  public var seeds: [UInt64]
  public var seconds: Double
  public var findings: Findings

  public init(_ experiment: Experiment, seeds: [UInt64], seconds: Double, findings: Findings) {
    name = experiment.name
    title = experiment.title
    promise = experiment.promise
    self.seeds = seeds
    self.seconds = seconds
    self.findings = findings
  }
}
