import Recurve
import Testing

@testable import ArithmeticGPT

/// What is tested was never trained on.
@Suite struct SplitTests {
  private typealias Part = ArithmeticExpressions.Part

  @Test(arguments: Arithmetic.Variant.allCases) func partsShareNoExpression(_ variant: Arithmetic.Variant) throws {
    let expressions = ArithmeticExpressions(variant.settings, seed: 7)
    let batches = try (0..<8).map { try expressions.batch($0, of: .training, count: 128) }
    let training = Set(batches.joined().map(\.canonicalText))
    for part in [Part.validation, .test] {
      let other = try expressions.distinct(200, of: part)
      #expect(Set(other).count == other.count && !other.isEmpty)
      #expect(other.allSatisfy { !training.contains($0.canonicalText) }, "\(part)")
    }
  }

  /// All hundred sums of one digit: whatever is drawn, both orders of summands are in one part.
  @Test func theHundredSumsAreDivided() throws {
    let all = try (0..<100).map { try ArithmeticExpression([Int128($0 / 10), Int128($0 % 10)], [.addition]) }
    let parts = Dictionary(grouping: all, by: Part.of)
    #expect(parts.count == 3 && parts[.training]?.count ?? 0 > 70)
    for expression in all {
      let turned = try ArithmeticExpression(expression.operands.reversed(), expression.operations)
      #expect(Part.of(expression) == Part.of(turned))
    }
    var settings = Arithmetic.Variant.sums.settings
    settings.digits = 1...1
    let drawn = try ArithmeticExpressions(settings, seed: 1).batch(0, of: .training, count: 1500)
    #expect(Set(drawn) == Set(parts[.training] ?? []))
    let tested = try ArithmeticExpressions(settings, seed: 2).distinct(4096, of: .test)
    #expect(Set(tested) == Set(parts[.test] ?? []), "as many as there are")
  }

  /// Steps on the way are trained on as well: none is what a test asks.
  @Test func stepsOfTrainingAreNoTests() throws {
    var settings = Arithmetic.Variant.sums.settings
    (settings.digits, settings.operands, settings.hasScratchpad) = (1...1, 2...3, true)
    let drawn = try ArithmeticExpressions(settings, seed: 1).batch(0, of: .training, count: 1500)
    #expect(drawn.contains { $0.operands.count == 3 })
    let steps = drawn.flatMap(\.steps).filter { $0.operands.allSatisfy { $0 < 10 } }
    #expect(!steps.isEmpty && steps.allSatisfy { Part.of($0) == .training })
    #expect(try ArithmeticExpression([3, 4, 3], [.addition, .addition]).steps.map(\.text) == ["7+3"])
    #expect(try ArithmeticExpression([12, 345], [.multiplication]).steps.map(\.text) == ["60+480", "540+3600"])
  }

  @Test(arguments: [
    ("5+3-2", "3+5-2"), ("3-2+5", "3+5-2"), ("9-4-2", "9-2-4"), ("2x3+1", "1+2x3"), ("7-5x2", "7-2x5"),
    ("12+5x4x3-2x1", "3x4x5+12-1x2"), ("10+9", "9+10"), ("9-10", "9-10"), ("17/5", "17/5"),
  ])
  func ordersOfMixedTermsAreOne(_ question: String, _ canonical: String) throws {
    #expect(try ArithmeticExpression(question: question).canonicalText == canonical)
    // The value is that of the question, whatever order it is written in.
    #expect(
      try ArithmeticExpression(question: canonical).value == ArithmeticExpression(question: question).value)
  }

  @Test func batchesAreFunctionsOfTheirNumber() throws {
    let expressions = ArithmeticExpressions(Arithmetic.Variant.sums.settings, seed: 7)
    #expect(try expressions.batch(5, of: .training, count: 8) == expressions.batch(5, of: .training, count: 8))
    #expect(try expressions.batch(5, of: .training, count: 8) != expressions.batch(6, of: .training, count: 8))
    let digits = try expressions.batch(0, of: .training, count: 1500).map { "\($0.operands[0])".count }
    for length in 1...3 { #expect(abs(digits.count { $0 == length } - 500) < 110) }
  }
}
