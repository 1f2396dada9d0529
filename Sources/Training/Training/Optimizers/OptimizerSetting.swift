/// A number of an optimizer with the range that it needs.
public struct OptimizerSetting: Hashable, Sendable {
  public let name: String
  public let value: Double
  /// What the number is and must be; nil where it is so.
  public let problem: String?

  private init(_ name: String, _ value: Double, _ isRight: Bool, _ needed: String) {
    self.name = name
    self.value = value
    problem = isRight ? nil : "\(name) is \(value), needs \(needed)"
  }

  /// From 0 to below 1.
  public static func share(_ name: String, _ value: Double) -> Self {
    Self(name, value, (0..<1).contains(value), "at least 0 and less than 1")
  }
  public static func positive(_ name: String, _ value: Double) -> Self {
    Self(name, value, value > 0 && Float(value).isFinite, value > 0 ? limit : "more than 0")
  }
  public static func notNegative(_ name: String, _ value: Double) -> Self {
    Self(name, value, value >= 0 && Float(value).isFinite, value >= 0 ? limit : "at least 0")
  }
  /// Steps compute in single precision.
  private static let limit = "at most what f32 holds, about 3.4e38"
  static func within(_ name: String, _ value: Int, _ range: ClosedRange<Int>) -> Self {
    let needed = value < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
    return Self(name, Double(value), range.contains(value), needed)
  }
  static func atLeastOne(_ name: String, _ value: Int) -> Self { Self(name, Double(value), value >= 1, "at least 1") }
}

/// Numbers of an optimizer that are out of their ranges, or groups that fit no weight.
public struct OptimizerError: UsageError, Hashable, CustomStringConvertible {
  public var optimizer: String
  public var problems: [String]

  public var description: String { "\(optimizer): " + problems.joined(separator: "; ") }
}
