/// Numbers with operations between them, of which products come first. Each has a value: a quotient stands alone, nothing is
/// divided by zero, and the numbers on the way to it fit.
public struct ArithmeticExpression: Sendable, Hashable {
  public private(set) var operands: [Int128]
  public private(set) var operations: [ArithmeticOperation]

  /// - Throws: `ArithmeticError` for what has no value.
  public init(_ operands: [Int128], _ operations: [ArithmeticOperation]) throws {
    guard operands.count == operations.count + 1 else {
      throw ArithmeticError.operands(operands.count, operations: operations.count)
    }
    self.init(known: operands, operations)
    try check(text)
  }

  /// An expression that is known to have a value, of its generator or on the way to another one's.
  init(known operands: [Int128], _ operations: [ArithmeticOperation]) {
    (self.operands, self.operations) = (operands, operations)
  }

  /// What an expression is worth.
  public enum Value: Sendable, Hashable {
    case number(Int128)
    case quotient(Int128, remainder: Int128)
  }

  public var value: Value {
    if operations == [.division] {
      return .quotient(operands[0] / operands[1], remainder: operands[0] % operands[1])
    }
    var rest = self
    while !rest.operations.isEmpty { rest = rest.reduced }
    return .number(rest.operands[0])
  }

  /// The expression with one operation less: the first product, or else the first of all.
  var reduced: ArithmeticExpression {
    let place = operations.firstIndex(of: .multiplication) ?? 0
    let (a, b) = (operands[place], operands[place + 1])
    var rest = self
    switch rest.operations.remove(at: place) {
    case .addition: rest.operands[place] = a + b
    case .subtraction: rest.operands[place] = a - b
    case .multiplication: rest.operands[place] = a * b
    case .division: rest.operands[place] = a / b
    }
    rest.operands.remove(at: place + 1)
    return rest
  }

  /// What is written on the way to the answer: of one product the sums of those with each digit of the second number, from the
  /// last one on; of a chain what is left after each operation. Nothing where the answer comes at once.
  public var steps: [ArithmeticExpression] {
    if operations == [.multiplication] { return sumsOfPartialProducts }
    var (steps, rest) = ([ArithmeticExpression](), self)
    while rest.operations.count > 1 {
      rest = rest.reduced
      steps.append(rest)
    }
    return steps
  }

  private var sumsOfPartialProducts: [ArithmeticExpression] {
    let digits = "\(operands[1])".reversed().compactMap(\.wholeNumberValue)
    var (place, sum) = (Int128(1), operands[0] * Int128(digits[0]))
    return digits.dropFirst().map { digit in
      place *= 10
      let product = operands[0] * Int128(digit) * place
      defer { sum += product }
      return ArithmeticExpression(known: [sum, product], [.addition])
    }
  }

  /// Of the longest operand.
  public var digits: Int { operands.map { "\($0)".count }.max() ?? 0 }

  /// As people write it: `345+678`.
  public var text: String { text(\.description) }

  func text(_ written: (Int128) -> String) -> String {
    zip(operations, operands.dropFirst()).reduce(written(operands[0])) { $0 + $1.0.rawValue + written($1.1) }
  }

  /// The same text for expressions that differ in the order of summands or factors alone, however they are mixed: what is
  /// added comes first, then what is taken away, each in order.
  public var canonicalText: String {
    if operations.contains(.division) { return text }
    let ordered = terms.sorted {
      $0.isTaken == $1.isTaken ? $0.factors.lexicographicallyPrecedes($1.factors) : $1.isTaken
    }
    let texts = ordered.map { ($0.isTaken ? "-" : "+") + $0.factors.map(\.description).joined(separator: "x") }
    return String(texts.joined().dropFirst())
  }

  /// Products, or numbers alone, with whether each is taken away from the others; factors in order.
  private var terms: [(isTaken: Bool, factors: [Int128])] {
    var terms = [(isTaken: false, factors: [operands[0]])]
    for (operation, operand) in zip(operations, operands.dropFirst()) {
      if operation == .multiplication {
        terms[terms.count - 1].factors.append(operand)
      } else {
        terms.append((operation == .subtraction, [operand]))
      }
    }
    return terms.map { ($0.isTaken, $0.factors.sorted()) }
  }
}

extension ArithmeticExpression {
  /// Of a product: what 128 bits hold.
  static let mostDigits = 36

  /// - Parameter text: of the expression, for messages.
  private func check(_ text: String) throws {
    let lengths = operands.map { "\($0.magnitude)".count }
    for (operand, length) in zip(operands, lengths) where length > ArithmeticSettings.digitLimit {
      throw ArithmeticError.tooManyDigits("\(operand.magnitude)", ArithmeticSettings.digitLimit)
    }
    for (operation, operand) in zip(operations, operands.dropFirst()) where operation == .division && operand == 0 {
      throw ArithmeticError.divisionByZero(text)
    }
    if operations.contains(.division), operations.count > 1 { throw ArithmeticError.chainedDivision(text) }
    let digits = lengths.reduce(0, +)
    if operations.contains(.multiplication), digits > Self.mostDigits {
      throw ArithmeticError.tooLarge(text, digits, Self.mostDigits)
    }
  }

  /// Reads a question: `345+678`, with `=` behind it or without; spaces do not matter, and `*` stands for `x`.
  ///
  /// - Throws: `ArithmeticError` with the column.
  public init(question: String) throws {
    var scanner = QuestionScanner(question)
    var (operands, operations): ([Int128], [ArithmeticOperation]) = ([try scanner.number()], [])
    while let operation = try scanner.operation() {
      operations.append(operation)
      operands.append(try scanner.number())
    }
    self.init(known: operands, operations)
    try check(question)
  }
}

/// Reads a question from its beginning to its end.
private struct QuestionScanner {
  private let text: String
  private let characters: [(column: Int, character: Character)]
  private var place = 0

  init(_ text: String) {
    self.text = text
    characters = text.enumerated().map { ($0.offset + 1, $0.element) }.filter { !$0.character.isWhitespace }
  }

  mutating func number() throws -> Int128 {
    var digits = ""
    while place < characters.count, characters[place].character.isASCII, characters[place].character.isNumber {
      digits.append(characters[place].character)
      place += 1
    }
    if digits.isEmpty { throw refusal("a digit") }
    guard digits.count <= ArithmeticSettings.digitLimit, let number = Int128(digits) else {
      throw ArithmeticError.tooManyDigits(digits, ArithmeticSettings.digitLimit)
    }
    return number
  }

  /// Nil at the end; an expression without operations is none.
  mutating func operation() throws -> ArithmeticOperation? {
    let isAtEnd = place == characters.count || characters[place].character == "=" && place + 1 == characters.count
    let hasOperation = characters.contains { Self.operation($0.character) != nil }
    if isAtEnd, hasOperation { return nil }
    guard place < characters.count, let operation = Self.operation(characters[place].character) else {
      throw refusal(hasOperation ? "one of + - x / or the end" : "one of + - x /")
    }
    place += 1
    return operation
  }

  private static func operation(_ character: Character) -> ArithmeticOperation? {
    ArithmeticOperation(rawValue: character == "*" || character == "X" || character == "×" ? "x" : "\(character)")
  }

  private func refusal(_ needed: String) -> ArithmeticError {
    let found = place < characters.count ? "'\(characters[place].character)'" : "the end"
    let column = place < characters.count ? characters[place].column : text.count + 1
    return .question(text, column: column, found: found, needed: needed)
  }
}
