import Modeling

/// How a gradient moves a weight, in the DSL.
///
///     struct SignDescent: OptimizerRule {
///       let name = "sign"
///       func update(_ step: WeightUpdate) -> Tensor { step.weight - step.rate * sign(step.gradient) }
///     }
///     let trainer = try Trainer(model, optimizer: Optimizer(SignDescent()).clipping(globalNorm: 1))
///
/// Everything that the rule computes is part of the compiled step; what it keeps from step to step is in checkpoints.
public protocol OptimizerRule: Sendable {
  /// For messages and the headers of checkpoints.
  var name: String { get }
  /// Its numbers but the decay, checked when a training step is built.
  var settings: [OptimizerSetting] { get }
  /// The weight decay, where the rule has one: it reads `WeightUpdate.decay`, `decayed` or `penalized` then.
  var decay: Double? { get }
  /// Whether a row of a weight, and of the states beside it, stays as it is where its gradient is zero and nothing decays, and
  /// depends on no other row: then a table of which a step looks up some rows is updated in those alone.
  var leavesRowsWithoutGradient: Bool { get }
  /// Whether weight decay moves a row whose gradient is zero.
  var decaysRowsWithoutGradient: Bool { get }
  /// The next value of one weight, of the weight's type. Called once for each weight, while the step is traced: what is wrong
  /// in it is thrown as `TraceError` with the rule's lines.
  func update(_ step: WeightUpdate) -> Tensor
}

extension OptimizerRule {
  public var settings: [OptimizerSetting] { [] }
  public var decay: Double? { nil }
  public var leavesRowsWithoutGradient: Bool { false }
  public var decaysRowsWithoutGradient: Bool { true }

  var allSettings: [OptimizerSetting] { settings + (decay.map { [.notNegative("decay", $0)] } ?? []) }
}
