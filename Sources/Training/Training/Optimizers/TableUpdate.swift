/// How the update of a step treats a table of which the loss looks up rows.
public struct TableUpdate: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The path of the table.
  public var weight: String
  /// Rows that a step updates at most; nil for all.
  public var rowCount: Int?
  /// Why all rows are updated.
  public var reason: String?

  private enum CodingKeys: String, CodingKey {
    case weight, reason
    case rowCount = "rows"
  }

  init(_ weight: String, _ rowCount: Int?, _ reason: String?) {
    (self.weight, self.rowCount, self.reason) = (weight, rowCount, reason)
  }

  public var description: String {
    rowCount.map { "\(weight): at most \($0) rows a step" } ?? "\(weight): all rows a step, since \(reason ?? "")"
  }
}

extension Optimizer {
  /// Why a step with these options changes all rows of a table; nil where those with a gradient are enough.
  func reasonForAllRows(_ group: WeightGroup) -> String? {
    if !group.rule.leavesRowsWithoutGradient { return "\(group.rule.name) moves rows that have no gradient" }
    if group.decay != 0 && group.rule.decaysRowsWithoutGradient { return "weights decay" }
    if group.averageShare != nil { return "weights are averaged" }
    if clippingNorm != nil { return "gradients are clipped" }
    if microStepCount > 1 { return "gradients are accumulated" }
    return reportsGradientNorms ? "gradient norms are reported" : nil
  }
}
