import GraphIR
import Operators
import TensorTypes

/// A rule that turns gradients into the next values of weights, as graph operations of the compiled step.
///
///     Optimizer.adamW(decay: 0.1).decaying { _, shape in shape.rank > 1 }.clipping(globalNorm: 1).accumulating(4)
public struct Optimizer: Sendable {
  public let name: String
  /// Its numbers, checked when a training step is built.
  public let settings: [OptimizerSetting]
  /// Emits the update of one weight and returns its next value.
  let update: @Sendable (OptimizerContext) -> Graph.Value
  /// Which weights decay, by name and shape.
  var isDecayed: @Sendable (String, Shape) -> Bool = { _, _ in true }
  var clippingNorm: Double?
  var microStepCount = 1
  var averageShare: Double?
  var reportsGradientNorms = false

  init(
    _ name: String, _ settings: [OptimizerSetting] = [],
    update: @escaping @Sendable (OptimizerContext) -> Graph.Value
  ) {
    self.name = name
    self.settings = settings
    self.update = update
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
  /// evaluation uses it (TRM: 0.999).
  public func averaging(_ share: Double) -> Optimizer { with { $0.averageShare = share } }

  /// Reports the Euclidean norm of each weight's gradient, before clipping, as `gradient_norm.` and the weight's name.
  public func reportingGradientNorms() -> Optimizer { with { $0.reportsGradientNorms = true } }

  private func with(_ change: (inout Optimizer) -> Void) -> Optimizer {
    var changed = self
    change(&changed)
    return changed
  }

  /// - Throws: `OptimizerError` with every number that is out of its range.
  public func check() throws {
    var all = settings + [.within("accumulating", microStepCount, 1...Self.mostAccumulated)]
    if let clippingNorm { all.append(.positive("clipping(globalNorm:)", clippingNorm)) }
    if let averageShare { all.append(.share("averaging", averageShare)) }
    let problems = all.compactMap(\.problem)
    if !problems.isEmpty { throw OptimizerError(optimizer: name, problems: problems) }
  }
}

/// A number of an optimizer with the range that it needs.
public struct OptimizerSetting: Hashable, Sendable {
  public let name: String
  public let value: Double
  /// What the number must be; nil where it is so.
  let problem: String?

  private init(_ name: String, _ value: Double, _ isRight: Bool, _ needed: String) {
    self.name = name
    self.value = value
    problem = isRight ? nil : "\(name) is \(value), needs \(needed)"
  }

  static func share(_ name: String, _ value: Double) -> Self {
    Self(name, value, (0..<1).contains(value), "at least 0 and less than 1")
  }
  static func positive(_ name: String, _ value: Double) -> Self {
    Self(name, value, value > 0 && value.isFinite, "more than 0")
  }
  static func notNegative(_ name: String, _ value: Double) -> Self {
    Self(name, value, value >= 0 && value.isFinite, "at least 0")
  }
  static func within(_ name: String, _ value: Int, _ range: ClosedRange<Int>) -> Self {
    let needed = value < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
    return Self(name, Double(value), range.contains(value), needed)
  }
  static func atLeastOne(_ name: String, _ value: Int) -> Self { Self(name, Double(value), value >= 1, "at least 1") }
}

/// Numbers of an optimizer that are out of their ranges.
public struct OptimizerError: UsageError, Hashable, CustomStringConvertible {
  public var optimizer: String
  public var problems: [String]

  public var description: String { "\(optimizer): " + problems.joined(separator: "; ") }
}
