import Recurve
import Testing

@testable import ArithmeticGPT

@Suite struct ExpressionTests {
  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  private static func notation(
    _ variant: Arithmetic.Variant, _ chosen: [String: String] = [:]
  ) throws -> ArithmeticNotation {
    try ArithmeticNotation(try variant.settings.applying(chosen))
  }

  @Test(arguments: [
    (Arithmetic.Variant.sums, [:], "345+678", "345+678=", "3201"),
    (.sums, ["order": "plain"], "345+678", "345+678=", "1023"),
    (.sums, ["padding": "zeros"], "5+67", "005+067=", "2700"),
    (.sums, ["order": "both"], "345+678", "543+876=", "3201"),
    (.sums, ["order": "both", "padding": "zeros"], "5+67", "500+760=", "2700"),
    (.sums, ["order": "both", "operands": "3", "scratchpad": "yes"], "12+34+56", "21+43+65=", "64+65=201"),
    (.sums, ["operands": "3", "scratchpad": "yes"], "12+34+56", "12+34+56=", "64+65=201"),
    (.sums, ["operations": "+x", "operands": "2-4"], "2+3x4", "2+3x4=", "41"),
    (.sums, ["operations": "+-x", "operands": "2-4", "scratchpad": "yes"], "20-3x4+1", "20-3x4+1=", "02-21+1=8+1=9"),
    (.differences, [:], "12-345", "12-345=", "-333"), (.differences, [:], "7-7", "7-7=", "0"),
    (.products, [:], "34x52", "34x52=", "8671"), (.scratchpad, [:], "34x52", "34x52=", "86+0071=8671"),
    (.scratchpad, ["digits": "3"], "123x456", "123x456=", "837+0516=8886+00294=88065"),
    (.scratchpad, [:], "34x2", "34x2=", "86"), (.quotients, [:], "17/5", "17/5=", "3r2"),
    (.quotients, ["order": "reversed"], "1000/3", "1000/3=", "333r1"),
  ])
  func notationsAreAsDocumented(
    _ variant: Arithmetic.Variant, _ chosen: [String: String], _ text: String, _ question: String, _ response: String
  ) throws {
    let notation = try Self.notation(variant, chosen)
    let expression = try ArithmeticExpression(question: text)
    #expect(notation.question(expression) == question && notation.response(expression) == response)
    #expect(notation.plainAnswer(in: response) == notation.plainAnswer(of: expression))
  }

  /// What is right in one notation is what integers say.
  @Test(arguments: Arithmetic.Variant.allCases) func answersAreRight(_ variant: Arithmetic.Variant) throws {
    for chosen in [
      [:], ["digits": "1-10"], ["order": "plain", "scratchpad": "yes"], ["padding": "zeros"], ["order": "both"],
    ] {
      let notation = try Self.notation(variant, chosen)
      let longest = notation.settings.longestQuestion + notation.settings.longestResponse(notation)
      for expression in try ArithmeticExpressions(notation.settings, seed: 3).batch(0, of: .training, count: 200) {
        let (a, b) = (expression.operands[0], expression.operands[1])
        let needed =
          switch variant {
          case .sums: "\(a + b)"
          case .differences: "\(a - b)"
          case .products, .scratchpad: "\(a * b)"
          case .quotients: "\(a / b)r\(a % b)"
          }
        let response = notation.response(expression)
        #expect(notation.plainAnswer(in: response) == needed, "\(expression.text)")
        #expect(notation.question(expression).count + response.count <= longest, "\(expression.text): \(response)")
      }
    }
  }

  /// Mixed operations of several operands, too, fit into what is set aside for them.
  @Test func longestTextsHaveRoom() throws {
    let notation = try Self.notation(.sums, ["operations": "+-x/", "operands": "2-5", "scratchpad": "yes"])
    let longest = notation.settings.longestQuestion + notation.settings.longestResponse(notation)
    let expressions = try ArithmeticExpressions(notation.settings, seed: 1).batch(1, of: .training, count: 2000)
    #expect(Set(expressions.flatMap(\.operations)).count == 4 && Set(expressions.map(\.operands.count)).count == 4)
    for expression in expressions {
      let text = notation.question(expression) + notation.response(expression)
      #expect(text.count <= longest, "\(text)")
      #expect(!expression.operations.contains(.division) || expression.operations.count == 1)
    }
  }

  @Test func questionsAreReadAsPeopleWriteThem() throws {
    #expect(try ArithmeticExpression(question: " 12 + 34 = ").text == "12+34")
    #expect(try ArithmeticExpression(question: "3*4×5").text == "3x4x5")
    #expect(try ArithmeticExpression(question: "2+3x4").value == .number(14))
    #expect(try ArithmeticExpression(question: "007/2").value == .quotient(3, remainder: 1))
  }

  @Test(arguments: [
    ("", "'', column 1: got the end, needs a digit"), ("12", "'12', column 3: got the end, needs one of + - x /"),
    ("12+", "'12+', column 4: got the end, needs a digit"), ("-3+4", "'-3+4', column 1: got '-', needs a digit"),
    ("3a+4", "'3a+4', column 2: got 'a', needs one of + - x / or the end"),
    ("3+4=7", "'3+4=7', column 4: got '=', needs one of + - x / or the end"),
    ("٣+4", "'٣+4', column 1: got '٣', needs a digit"),
    ("1/0", "'1/0' divides by zero"),
    ("8/4/2", "'8/4/2' has a quotient among other operations, which has a remainder; needs one division alone"),
    ("1234567890123456789+1", "1234567890123456789 has 19 digits, needs at most 18"),
  ])
  func whatIsNoQuestionIsRefused(_ text: String, _ message: String) {
    #expect(error { try ArithmeticExpression(question: text) } == message)
  }

  /// What is no question either: expressions that are made of numbers have values, too.
  @Test func whatHasNoValueIsRefused() throws {
    func message(_ operands: [Int128], _ operations: [ArithmeticOperation]) -> String {
      error { try ArithmeticExpression(operands, operations).value }
    }
    #expect(message([5, 0], [.division]) == "'5/0' divides by zero")
    #expect(message([5], [.division]) == "got operands: 1, needs 2 for operations: 1")
    #expect(message([], []) == "got operands: 0, needs 1 for operations: 0")
    #expect(message([8, 4, 2], [.division, .addition]).hasPrefix("'8/4+2' has a quotient among other operations"))
    #expect(message([.max, 1], [.addition]).hasSuffix(" has 39 digits, needs at most 18"))
    let large: Int128 = 999_999_999_999_999_999
    #expect(
      message([large, large, 2], [.multiplication, .multiplication])
        == "the factors of '\(large)x\(large)x2' have 37 digits, needs at most 36")
    #expect(try ArithmeticExpression([large, large], [.multiplication]).steps.count == 17)
    #expect(try ArithmeticExpression([17, 5], [.division]).value == .quotient(3, remainder: 2))
  }

  /// Divisors are of one digit until their own digits are chosen.
  @Test(arguments: [
    (["digits": "5"], 5...5, 1...1), (["last-digits": "2"], 1...4, 2...2),
    (["digits": "1-5", "last-digits": "2"], 1...5, 2...2),
  ])
  func lastDigitsAreTheVariantsOwn(
    _ chosen: [String: String], _ digits: ClosedRange<Int>, _ lastDigits: ClosedRange<Int>
  ) throws {
    let settings = try Arithmetic.Variant.quotients.settings.applying(
      ["operations": "usual", "last-digits": "usual"].merging(chosen) { $1 })
    #expect(settings.digits == digits && settings.lastDigits == lastDigits)
    let expressions = try ArithmeticExpressions(settings, seed: 1).batch(0, of: .training, count: 100)
    #expect(expressions.allSatisfy { lastDigits.contains("\($0.operands[1])".count) })
  }

  @Test(arguments: [
    (["digits": "0"], "setting digits is '0', needs a range within 1-18"),
    (["digits": "3-1"], "setting digits is '3-1', needs a number, or a range as 1-3"),
    (["digits": "1-2-3"], "setting digits is '1-2-3', needs a number, or a range as 1-3"),
    (["last-digits": "19"], "setting last-digits is '19', needs a range within 1-18"),
    (["operands": "1"], "setting operands is '1', needs a range within 2-5"),
    (["operations": ""], "setting operations is '', needs at least one of + - x /"),
    (["operations": "+%"], "setting operations is '+%', needs some of + - x /, without spaces"),
    (
      ["operations": "/", "operands": "3"],
      "setting operands is '3', needs 2, since quotients with remainders are not divided again"
    ),
    (
      ["operations": "x", "digits": "10", "operands": "4"],
      "setting digits is '10', needs products of at most 36 digits"
    ),
  ])
  func settingsOutOfRangeAreRefused(_ chosen: [String: String], _ message: String) {
    #expect(error { try Arithmetic.Variant.sums.settings.applying(chosen) } == message)
  }

  @Test func whatHasNoAnswerIsSaid() throws {
    let notation = try Self.notation(.sums)
    for response in ["", "=", "12+", "1-2", "--1", "1r2r3", "12=+"] {
      #expect(notation.plainAnswer(in: response) == nil, "\(response)")
    }
    #expect(notation.plainAnswer(in: "00") == "00" && notation.plainAnswer(in: "-01") == "-10")
  }

  /// Each operand has lengths of its own that were learned.
  @Test func lengthsThatWereNotLearnedAreNoted() throws {
    var settings = ArithmeticSettings([.division], digits: 2...4)
    settings.lastDigits = 1...1
    func note(_ text: String) throws -> String? { settings.note(on: try ArithmeticExpression(question: text)) }
    #expect(try note("1234/5") == nil)
    #expect(try note("1234/56") == "a number of 2 digits as the last; the model was trained on 1")
    #expect(try note("1/5") == "a number of 1 digits; the model was trained on 2-4")
    let sums = Arithmetic.Variant.sums.settings
    #expect(
      sums.note(on: try ArithmeticExpression(question: "1000+2+3"))
        == "3 operands; the model was trained on 2, and a number of 4 digits; the model was trained on 1-3")
  }
}
