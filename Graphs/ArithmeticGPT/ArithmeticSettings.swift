import DecoderTransformer
import Recurve

/// Which expressions a model learns, and how they are written.
public struct ArithmeticSettings: Sendable, Hashable {
  /// How the digits of numbers are written.
  public enum Order: String, Sendable, CaseIterable {
    /// Questions as people do, answers with the last digit first: each then depends on the operands and on the digit before
    /// alone.
    case reversed
    /// Questions and answers with the last digit first.
    case both
    /// As people do.
    case plain
  }

  /// Among which an expression draws each of its operations.
  public var operations: [ArithmeticOperation]
  /// Digits of operands, each number of them equally likely.
  public var digits: ClosedRange<Int>
  /// Of the last operand, a divisor for example, whatever `digits` are; as they are without.
  public var lastDigits: ClosedRange<Int>?
  public var operands: ClosedRange<Int> = 2...2
  public var order: Order = .reversed
  /// Whether numbers have zeros in front up to the longest that there is.
  public var isPadded = false
  /// Whether answers are led to by steps: partial products and their sums, or the expression with one operation less each time.
  public var hasScratchpad = false

  public init(_ operations: [ArithmeticOperation], digits: ClosedRange<Int>) {
    (self.operations, self.digits) = (operations, digits)
  }

  /// Digits that an operand can have.
  public static let digitLimit: Int = 18
  public static let operandLimit: Int = 5

  /// - Throws: `ModelFamilyError.setting` with what is out of its range.
  public func check() throws {
    func refuse(_ name: String, _ value: String, _ needed: String) throws {
      throw ModelFamilyError.setting(name, found: value, needed: needed)
    }
    if operations.isEmpty { try refuse("operations", "", "at least one of + - x /") }
    for (name, range) in [("digits", digits), ("last-digits", lastDigits ?? digits)]
    where range.lowerBound < 1 || range.upperBound > Self.digitLimit {
      try refuse(name, range.written, "a range within 1-\(Self.digitLimit)")
    }
    if operands.lowerBound < 2 || operands.upperBound > Self.operandLimit {
      try refuse("operands", operands.written, "a range within 2-\(Self.operandLimit)")
    }
    if operations == [.division], operands != 2...2 {
      try refuse("operands", operands.written, "2, since quotients with remainders are not divided again")
    }
    let digitCount = max(digits.upperBound, lastDigits?.upperBound ?? 1) * operands.upperBound
    // Of the numbers that the computer computes in.
    if operations.contains(.multiplication), digitCount > 36 {
      try refuse("digits", digits.written, "products of at most 36 digits")
    }
  }
}

extension ArithmeticSettings {
  /// Numbers of lengths that operands in their places did not have.
  private func strangeLengths(of expression: ArithmeticExpression) -> [String] {
    let last = expression.operands.count - 1
    let lengths = expression.operands.enumerated().map { place, number in
      (length: "\(number)".count, learned: place == last ? lastDigits ?? digits : digits, isLast: place == last)
    }
    return lengths.filter { !$0.learned.contains($0.length) }.map { found in
      let own = found.isLast && lastDigits != nil ? " as the last" : ""
      return "a number of \(found.length) digits\(own); the model was trained on \(found.learned.written)"
    }
  }

  /// Why an answer is worth little, since nothing alike was trained on; nil where there is no reason.
  func note(on expression: ArithmeticExpression) -> String? {
    let reasons =
      [
        operands.contains(expression.operands.count) || expression.operations == [.division]
          ? nil : "\(expression.operands.count) operands; the model was trained on \(operands.written)"
      ].compactMap { $0 } + strangeLengths(of: expression)
    return reasons.isEmpty ? nil : reasons.joined(separator: ", and ")
  }
}

/// One of the four, as questions write it.
public enum ArithmeticOperation: String, Sendable, CaseIterable {
  case addition = "+"
  case subtraction = "-"
  case multiplication = "x"
  /// With remainder: `17/5=3r2`.
  case division = "/"
}

extension ArithmeticSettings {
  /// As the variant has it.
  static let usual: String = "usual"

  /// What `--set` can choose.
  static let own: [ModelSetting] = [
    text("operations", "which of them an expression has", needed: "some of + - x /, without spaces"),
    text("digits", "of operands", needed: "a number, or a range as 1-3"),
    text("last-digits", "of the last operand; 1 in quotients, else as digits", needed: "a number, or a range as 1-3"),
    text("operands", "how many", needed: "a number, or a range as 2-4"),
    choice("order", "of digits; both: of questions as well as answers", ["reversed", "both", "plain"]),
    choice("padding", "zeros in front of numbers", ["zeros", "none"]),
    choice("scratchpad", "whether steps lead to answers", ["yes", "no"]),
    ModelSetting(
      "positions", "how tokens are placed; places: digits in their numbers, with order=both",
      .choices(GPT.Sizes.Positions.names), standard: "rotary"),
  ]

  private static func text(_ name: String, _ summary: String, needed: String) -> ModelSetting {
    ModelSetting(name, summary, .text(needed: needed), standard: usual)
  }

  private static func choice(_ name: String, _ summary: String, _ names: [String]) -> ModelSetting {
    ModelSetting(name, summary, .choices([usual] + names), standard: usual)
  }

  /// The settings with those that a user chose.
  ///
  /// - Throws: `ModelFamilyError.setting`.
  func applying(_ chosen: [String: String]) throws -> ArithmeticSettings {
    var settings = self
    let chosen = chosen.filter { $0.value != Self.usual }
    for (name, value) in chosen.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "operations": settings.operations = try Self.operations(value)
      case "digits": settings.digits = try Self.range(name, value)
      case "last-digits": settings.lastDigits = try Self.range(name, value)
      case "operands": settings.operands = try Self.range(name, value)
      case "order": settings.order = Order(rawValue: value) ?? settings.order
      case "padding": settings.isPadded = value == "zeros"
      case "scratchpad": settings.hasScratchpad = value == "yes"
      default: break
      }
    }
    try settings.check()
    return settings
  }

  /// Where tokens are placed by their digits' places: these are counted from the first digit that is written.
  ///
  /// - Throws: `ModelFamilyError.setting` for an order in which that says nothing, and for numbers that are too long.
  mutating func beginWithLastDigits(chosen order: String?) throws {
    if let order, order != Self.usual, order != Order.both.rawValue {
      throw ModelFamilyError.setting("order", found: order, needed: "both, where positions are places of digits")
    }
    self.order = .both
    if longestNumber > DigitPlaces.count {
      throw ModelFamilyError.setting(
        "digits", found: digits.written, needed: "numbers of at most \(DigitPlaces.count) digits with positions=places")
    }
  }

  private static func operations(_ text: String) throws -> [ArithmeticOperation] {
    let found = try text.map { character in
      guard let operation = ArithmeticOperation(rawValue: "\(character)") else {
        throw ModelFamilyError.setting("operations", found: text, needed: "some of + - x /, without spaces")
      }
      return operation
    }
    return ArithmeticOperation.allCases.filter(found.contains)
  }

  private static func range(_ name: String, _ text: String) throws -> ClosedRange<Int> {
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = bounds.first.flatMap({ $0 }), let last = bounds.last.flatMap({ $0 }), bounds.count <= 2,
      first <= last
    else { throw ModelFamilyError.setting(name, found: text, needed: "a number, or a range as 1-3") }
    return first...last
  }
}

extension ClosedRange<Int> {
  var written: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)" }
}

/// What a user got wrong about expressions.
public enum ArithmeticError: UsageError, Hashable, CustomStringConvertible {
  case question(String, column: Int, found: String, needed: String)
  case tooManyDigits(String, Int)
  case tooLarge(String, Int, Int)
  case divisionByZero(String)
  case chainedDivision(String)
  case noExpressions(String)
  case unlearned(String, String, known: String)
  case operands(Int, operations: Int)
  case context(String, Int, Int)

  public var description: String {
    switch self {
    case .question(let text, let column, let found, let needed):
      "'\(text)', column \(column): got \(found), needs \(needed)"
    case .tooManyDigits(let number, let limit): "\(number) has \(number.count) digits, needs at most \(limit)"
    case .tooLarge(let text, let found, let most):
      "the factors of '\(text)' have \(found) digits, needs at most \(most)"
    case .divisionByZero(let text): "'\(text)' divides by zero"
    case .chainedDivision(let text):
      "'\(text)' has a quotient among other operations, which has a remainder; needs one division alone"
    case .unlearned(let text, let operation, let known):
      "'\(text)' has \(operation), which the model was not trained on; it knows \(known)"
    case .noExpressions(let part): "the settings leave no expressions for \(part); needs more digits"
    case .operands(let found, let operations):
      "got operands: \(found), needs \(operations + 1) for operations: \(operations)"
    case .context(let text, let found, let most):
      "'\(text)' is \(found) tokens long with its answer, needs at most \(most), which the model sees"
    }
  }
}
