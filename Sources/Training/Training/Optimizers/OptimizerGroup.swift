import GraphIR
import Modeling
import TensorTypes

/// The learning rate of a group of weights.
public enum GroupRate: Sendable, Hashable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// So many times the trainer's rate of each step.
  case factor(Double)
  /// A schedule of its own, whatever the trainer's rate.
  case schedule(LearningRate)

  public init(floatLiteral value: Double) { self = .factor(value) }
  public init(integerLiteral value: Int) { self = .factor(Double(value)) }
}

extension Optimizer {
  /// Treats the weights of a pattern apart from the others; of several groups that match a weight the first one counts.
  ///
  ///     Optimizer.adamW(decay: 0.1).group("**.gain", decay: 0).group("embedding.**", .adagrad(), rate: 0.1)
  ///       .group("backbone.**", .frozen)
  ///
  /// Clipping and accumulation hold for all weights together. A pattern that no trained weight is left for is an error when a
  /// training step is built.
  /// - Parameters:
  ///   - rule: in place of the optimizer's; `.frozen` for weights that stay as they are.
  ///   - rate: a factor of the trainer's learning rate, or a schedule.
  ///   - decay: in place of the rule's, whatever `decaying(where:)` says.
  ///   - averaged: whether running averages are kept of these weights, too, where `averaging(_:)` asks for some. Without them
  ///     evaluation uses the weights themselves, and a table of which a step looks up some rows may be updated in those alone.
  public func group(
    _ pattern: PathPattern, _ rule: Optimizer? = nil, rate: GroupRate = 1, decay: Double? = nil, averaged: Bool = true
  ) -> Optimizer {
    with {
      $0.groups.append(
        OptimizerGroup(pattern: pattern, optimizer: rule, rate: rate, decay: decay, isAveraged: averaged))
    }
  }

  /// Leaves weights as they are: constants of the step, for which no gradient is computed.
  ///
  /// As the rule of a group; or of all weights but those of groups, as in `.frozen.group("head.**", .adamW())`.
  public static let frozen: Optimizer = Optimizer(Frozen())

  var isFrozen: Bool { rule is Frozen }
}

private struct Frozen: OptimizerRule {
  let name = "frozen"

  func update(_ step: WeightUpdate) -> Tensor { step.weight }
}

/// Weights of a pattern and what holds for them.
struct OptimizerGroup: Sendable {
  var pattern: PathPattern
  /// Only its rule counts; nil for that of the other weights.
  var optimizer: Optimizer?
  var rate: GroupRate
  var decay: Double?
  var isAveraged: Bool

  /// What is wrong with its numbers, beside the rule of the other weights.
  func problems(_ base: Optimizer) -> [String] {
    let used = optimizer ?? base
    var problems = (optimizer?.rule.allSettings ?? []).compactMap(\.problem)
    if let decay, let problem = OptimizerSetting.notNegative("decay", decay).problem { problems.append(problem) }
    if decay != nil, used.rule.decay == nil { problems.append("decay is set, but \(used.rule.name) has none") }
    if used.isFrozen, rate != 1 { problems.append("rate is set, but its weights are frozen") }
    if used.isFrozen, !isAveraged { problems.append("averaged is set, but its weights are frozen") }
    if optimizer?.isPlain == false {
      problems.append("\(used.rule.name) has options of a whole optimizer: set them on that")
    }
    switch rate {
    case .factor(let factor): problems += [OptimizerSetting.notNegative("rate", factor).problem].compactMap { $0 }
    case .schedule(let schedule): problems += schedule.problems.map { "rate: \($0)" }
    }
    return problems.map { "group '\(pattern)': \($0)" }
  }

  /// The input of the step that sets the rate, where it has a schedule of its own.
  var rateName: String? {
    if case .schedule = rate { "\(TrainingStep.rateName).\(pattern)" } else { nil }
  }
}

/// What holds for one weight.
struct WeightGroup {
  var rule: any OptimizerRule
  /// The group's pattern where it has a rule of its own.
  var owner: String?
  var decay: Double
  /// Of the rate of the input.
  var factor: Double
  var rateName: String
  /// Of the running average that stays in each step; nil where none is kept.
  var averageShare: Double?
}

extension Optimizer {
  func group(of path: String) -> OptimizerGroup? { groups.first { $0.pattern.matches(path) } }

  func freezes(_ path: String) -> Bool { (group(of: path)?.optimizer ?? self).isFrozen }

  func treatment(of path: String, _ shape: Shape) -> WeightGroup {
    let group = group(of: path)
    let used = group?.optimizer?.rule ?? rule
    let own = isDecayed?(path, shape) == false ? 0 : used.decay ?? 0
    let factor = if case .factor(let factor) = group?.rate { factor } else { 1.0 }
    return WeightGroup(
      rule: used, owner: group?.optimizer == nil ? nil : group?.pattern.description, decay: group?.decay ?? own,
      factor: factor, rateName: group?.rateName ?? TrainingStep.rateName,
      averageShare: group?.isAveraged == false ? nil : averageShare)
  }

  /// - Throws: `OptimizerError` with every group that none of the weights is left for, and when all weights are frozen.
  func check(weights: [String]) throws {
    let taken = Set(weights.compactMap { path in groups.firstIndex { $0.pattern.matches(path) } })
    let known = weights.isEmpty ? "none" : weights.joined(separator: ", ")
    var problems = groups.indices.filter { !taken.contains($0) }.map { index in
      let pattern = groups[index].pattern
      return weights.contains(where: pattern.matches)
        ? "group '\(pattern)': all weights that it matches are in groups before it"
        : "group '\(pattern)': no weight is called so; there are \(known)"
    }
    if !weights.isEmpty, weights.allSatisfy(freezes) { problems.append("all weights are frozen: \(known)") }
    if !problems.isEmpty { throw OptimizerError(optimizer: name, problems: problems) }
  }
}
