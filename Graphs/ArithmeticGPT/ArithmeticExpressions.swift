import Recurve

/// Endless expressions of given settings, of which each belongs to one part for ever: what is tested was never trained on.
public struct ArithmeticExpressions: Sendable {
  /// Which expressions: of ten, eight, one and one.
  public enum Part: String, Sendable, CaseIterable {
    case training, validation, test

    /// The part of an expression, by a hash of its text in which the order of summands or factors does not count. It depends on
    /// nothing else: runs with other settings or seeds have the same parts.
    public static func of(_ expression: ArithmeticExpression) -> Part {
      switch CounterRandom.mixed(ByteHash.of(expression.canonicalText.utf8)) % 10 {
      case 0: .test
      case 1: .validation
      default: .training
      }
    }
  }

  public let settings: ArithmeticSettings
  public let seed: UInt64

  public init(_ settings: ArithmeticSettings, seed: UInt64) { (self.settings, self.seed) = (settings, seed) }

  /// The expressions of a batch, a pure function of seed and number.
  ///
  /// - Throws: `ArithmeticError.noExpressions` where the part seems to have none.
  public func batch(_ number: Int, of part: Part, count: Int) throws -> [ArithmeticExpression] {
    var random = CounterRandom(seed: seed, stream: UInt64(bitPattern: Int64(number)) &* 3 &+ part.stream)
    return try (0..<count).map { _ in try draw(of: part, &random) }
  }

  /// Expressions of a part that differ from each other, as many as asked for or as there are.
  public func distinct(_ count: Int, of part: Part, number: Int = 0) throws -> [ArithmeticExpression] {
    var random = CounterRandom(seed: seed, stream: ~(UInt64(bitPattern: Int64(number)) &* 3 &+ part.stream))
    var (known, found) = (Set<ArithmeticExpression>(), [ArithmeticExpression]())
    // With every expression known, none of a thousand draws is new.
    var misses = 0
    while found.count < count, misses < 1000 {
      let expression = try draw(of: part, &random)
      misses = known.insert(expression).inserted ? 0 : misses + 1
      if misses == 0 { found.append(expression) }
    }
    return found
  }

  private func draw(of part: Part, _ random: inout CounterRandom) throws -> ArithmeticExpression {
    for _ in 0..<10_000 {
      let expression = draw(&random)
      if Part.of(expression) == part, part != .training || hasOwnSteps(expression) { return expression }
    }
    throw ArithmeticError.noExpressions(part.rawValue)
  }

  /// Whether the steps on the way tell nothing that is asked in a test: `3+4+3=7+3=01` answers `7+3`.
  private func hasOwnSteps(_ expression: ArithmeticExpression) -> Bool {
    guard settings.hasScratchpad else { return true }
    return expression.steps.allSatisfy { !isAsked($0) || Part.of($0) == .training }
  }

  /// Whether an expression can be drawn.
  private func isAsked(_ expression: ArithmeticExpression) -> Bool {
    guard settings.operands.contains(expression.operands.count),
      expression.operations.allSatisfy(settings.operations.contains)
    else { return false }
    return expression.operands.enumerated().allSatisfy { place, number in
      let isLast = place == expression.operands.count - 1
      let digits = isLast ? settings.lastDigits ?? settings.digits : settings.digits
      return number >= 0 && digits.contains("\(number)".count)
    }
  }

  private func draw(_ random: inout CounterRandom) -> ArithmeticExpression {
    let all = settings.operations
    let first = all[random.index(below: all.count)]
    if first == .division { return ArithmeticExpression(known: operands(2, dividing: true, &random), [.division]) }
    let count = settings.operands.lowerBound + random.index(below: settings.operands.count)
    let others = all.filter { $0 != .division }
    let rest = (2..<count).map { _ in others[random.index(below: others.count)] }
    return ArithmeticExpression(known: operands(count, dividing: false, &random), [first] + rest)
  }

  private func operands(_ count: Int, dividing: Bool, _ random: inout CounterRandom) -> [Int128] {
    (0..<count).map { place in
      let isLast = place == count - 1
      let digits = isLast ? settings.lastDigits ?? settings.digits : settings.digits
      let length = digits.lowerBound + random.index(below: digits.count)
      let start = Self.powers[length - 1]
      // Numbers of one digit begin with 0, divisors with 1.
      let least = length == 1 && !(dividing && isLast) ? 0 : start
      return Int128(least + random.index(below: Self.powers[length] - least))
    }
  }

  private static let powers: [Int] = (0...ArithmeticSettings.digitLimit).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}

extension ArithmeticExpressions.Part {
  fileprivate var stream: UInt64 {
    switch self {
    case .training: 0
    case .validation: 1
    case .test: 2
    }
  }
}
