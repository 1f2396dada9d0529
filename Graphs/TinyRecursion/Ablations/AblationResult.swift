import Recurve

/// What became of an ablation from one seed.
public struct AblationResult: Sendable, Codable {
  public var ablation: String
  public var seed: UInt64
  /// Held-out puzzles that are solved after all supervision steps, at the end.
  public var exactAccuracy = 0.0
  public var cellAccuracy = 0.0
  /// Exact accuracies on the way.
  public var curve: [Point] = []
  /// Of training steps alone.
  public var seconds = 0.0
  /// Of a training step; nil in files of programs that did not write it.
  public var medianStepSeconds: Double?
  /// What a training step is planned to compute in, and what of it the system gave.
  public var plannedBytes = 0
  public var residentBytes = 0
  /// The first step whose loss was not finite, after which nothing was trained; nil where there was none.
  public var divergedAtStep: Int?

  public struct Point: Sendable, Codable {
    public var step: Int
    public var exactAccuracy: Double

    private enum CodingKeys: String, CodingKey {
      case step
      case exactAccuracy = "exact_accuracy"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case ablation, seed, curve, seconds
    case exactAccuracy = "exact_accuracy"
    case cellAccuracy = "cell_accuracy"
    case medianStepSeconds = "median_step_seconds"
    case plannedBytes = "planned_bytes"
    case residentBytes = "resident_bytes"
    case divergedAtStep = "diverged_at_step"
  }

  init(ablation: String, seed: UInt64) { (self.ablation, self.seed) = (ablation, seed) }

  mutating func judge(_ session: TrainingSession, _ batches: Int, _ step: Int) throws {
    let found = try session.validate(batches: batches)
    func value(_ name: String) -> Double { found.first { $0.name == name }?.value ?? .nan }
    (exactAccuracy, cellAccuracy) = (value("exact_accuracy"), value("cell_accuracy"))
    if curve.last?.step != step { curve.append(Point(step: step, exactAccuracy: exactAccuracy)) }
  }
}
