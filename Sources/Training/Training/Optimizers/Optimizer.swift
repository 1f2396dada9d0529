import GraphIR
import Operators
import TensorTypes

/// What turns gradients into the next values of weights, as operations of the compiled step: a rule, for some weights perhaps
/// another one, and what happens to gradients before.
///
///     Optimizer.adamW(decay: 0.1).group("**.gain", decay: 0).clipping(globalNorm: 1).accumulating(4)
public struct Optimizer: Sendable {
  let rule: any OptimizerRule
  var groups: [OptimizerGroup] = []
  /// Which weights decay, by name and shape; nil for all.
  var isDecayed: (@Sendable (String, Shape) -> Bool)?
  var clippingNorm: Double?
  var microStepCount = 1
  var averageShare: Double?
  var reportsGradientNorms = false

  /// An optimizer by a rule, the library's or one of the caller's own.
  public init(_ rule: some OptimizerRule) { self.rule = rule }

  /// The numbers of the rule, its decay among them.
  public var settings: [OptimizerSetting] { rule.allSettings }

  /// Its rules: `adamw`, or `adamw, adagrad (embedding.**)` with groups. Checkpoints are of one name.
  public var name: String {
    let others = groups.compactMap { group in group.optimizer.map { "\($0.rule.name) (\(group.pattern))" } }
    return ([rule.name] + others).joined(separator: ", ")
  }
}

extension Optimizer {
  /// Limits weight decay to the weights for which the predicate holds, usually the matrices: biases and gains stay free.
  public func decaying(where predicate: @escaping @Sendable (_ name: String, _ shape: Shape) -> Bool) -> Optimizer {
    with { $0.isDecayed = predicate }
  }

  /// Scales all gradients by `min(1, limit / (norm + 1e-6))`, norm being that of all gradients together (Pascanu et al.
  /// 2013; torch.nn.utils.clip_grad_norm_).
  public func clipping(globalNorm limit: Double) -> Optimizer { with { $0.clippingNorm = limit } }

  /// The most steps that make one update: they are counted in single precision.
  public static let mostAccumulated: Int = 1 << 24

  /// Updates the weights in every `count`th step only, by the mean of the gradients since the last update.
  public func accumulating(_ count: Int) -> Optimizer { with { $0.microStepCount = count } }

  /// Keeps a running average of every weight, `average = share average + (1 - share) weight`, from the initial weights on;
  /// evaluation uses it (TRM: 0.999). Groups may be left out.
  public func averaging(_ share: Double) -> Optimizer { with { $0.averageShare = share } }

  /// Reports the Euclidean norm of each weight's gradient, before clipping, as `gradient_norm.` and the weight's name.
  public func reportingGradientNorms() -> Optimizer { with { $0.reportsGradientNorms = true } }

  func with(_ change: (inout Optimizer) -> Void) -> Optimizer {
    var changed = self
    change(&changed)
    return changed
  }

  /// Whether it is a rule and nothing else.
  var isPlain: Bool {
    groups.isEmpty && isDecayed == nil && clippingNorm == nil && microStepCount == 1 && averageShare == nil
      && !reportsGradientNorms
  }

  /// - Throws: `OptimizerError` with every number that is out of its range.
  public func check() throws {
    var all = rule.allSettings + [.within("accumulating", microStepCount, 1...Self.mostAccumulated)]
    if let clippingNorm { all.append(.positive("clipping(globalNorm:)", clippingNorm)) }
    if let averageShare { all.append(.share("averaging", averageShare)) }
    let problems = all.compactMap(\.problem) + groups.flatMap { $0.problems(self) }
    if !problems.isEmpty { throw OptimizerError(optimizer: name, problems: problems) }
  }
}
