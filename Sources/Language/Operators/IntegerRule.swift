import TensorTypes

/// What an operator needs of the integers that it reads: those that address something must lie in a range.
public enum IntegerRule: Sendable {
  /// Any number will do: it is compared or computed with, and what the results may hold says nothing of it.
  case free
  /// Every element of the results is an element of an operand, or new: operands may hold what results may hold.
  ///
  /// - Parameter isWhole: whether every element of the operands is in the results; where it is not known, they are looked for.
  case moved(isWhole: @Sendable (OperationSignature) -> Bool)
  /// Operands are positions: what each may hold, nil for any number. Of the operands `moving`, any element may become any
  /// element of the result, as positions say: all of them may hold what all of those may.
  case addresses(moving: [Int] = [], @Sendable (OperationSignature) -> [AcceptedIntegers?])
  /// What each operand may hold, given what the result may hold and the operands that are one known number.
  case computed(@Sendable (_ result: AcceptedIntegers, _ numbers: [Int?]) -> [AcceptedIntegers?])
}

extension IntegerRule {
  /// Elements are moved, and none is left out of results that have as many as the operands.
  public static let moved: IntegerRule = .moved { signature in
    signature.operands.reduce(0) { $0 + $1.elementCount } <= signature.results[0].elementCount
  }
}

/// Integers that may stand where something is addressed by them.
public struct AcceptedIntegers: Hashable, Sendable {
  public var range: Range<Int>
  /// A number beside the range that addresses nothing: an ignored label.
  public var ignored: Int?

  public init(_ range: Range<Int>, ignoring ignored: Int? = nil) {
    self.range = range
    self.ignored = ignored
  }

  public func contains(_ number: Int) -> Bool { range.contains(number) || number == ignored }

  /// Numbers that are in both, where neither has one beside its range.
  func intersection(_ other: AcceptedIntegers) -> AcceptedIntegers? {
    guard ignored == nil, other.ignored == nil else { return nil }
    return Self.from(max(range.lowerBound, other.range.lowerBound), to: min(range.upperBound, other.range.upperBound))
  }

  /// What `x` may be where `x + number` is accepted.
  func shifted(by number: Int) -> AcceptedIntegers {
    AcceptedIntegers(
      (range.lowerBound - number)..<(range.upperBound - number), ignoring: ignored.map { $0 - number })
  }

  /// What `x` may be where `-x` is accepted.
  var negated: AcceptedIntegers {
    AcceptedIntegers((1 - range.upperBound)..<(1 - range.lowerBound), ignoring: ignored.map { -$0 })
  }

  /// What `x` may be where `x * factor` is accepted; nil for any number, if the factor is 0.
  func divided(by factor: Int) -> AcceptedIntegers? {
    if factor == 0 { return nil }
    if factor < 0 { return divided(by: -factor)?.negated }
    // Rounded up, so that the first and the one past the last are right.
    func quotient(_ number: Int) -> Int { number / factor + (number % factor > 0 ? 1 : 0) }
    var divided = Self.from(quotient(range.lowerBound), to: quotient(range.upperBound))
    if let ignored, ignored % factor == 0 { divided.ignored = ignored / factor }
    return divided
  }

  private static func from(_ lower: Int, to upper: Int) -> AcceptedIntegers {
    AcceptedIntegers(lower..<max(lower, upper))
  }
}

extension AcceptedIntegers: CustomStringConvertible {
  /// `0..<5`, `0..<5 or -100`
  public var description: String { "\(range)" + (ignored.map { " or \($0)" } ?? "") }
}
