import GraphIR
import ReferenceEvaluation
import TensorTypes
import TestSupport
import Testing
import Transforms

/// Each pass on a graph that it changes, and on one that it must leave alone.
@Suite struct PassTests {
  private func graph(_ body: String) throws -> Graph {
    try Graph(parsing: "graph @g(input %x: f32[4], input %y: f32[4]) {\n\(body)\n}\n")
  }

  private func expect(_ pass: Pass, _ before: String, becomes after: String) throws {
    let (old, new) = (try graph(before), pass.run(try graph(before)))
    let difference = GoldenText.difference(new.canonicalText, try graph(after).canonicalText)
    #expect(difference == nil, "\(pass.name):\n\(difference ?? "")")
    let inputs = [Float(0), 1].map { HostTensor(Shape([4]), [$0, -2, 0.5, -0.0]) }
    for (a, b) in zip(ReferenceEvaluator.evaluate(old, inputs), ReferenceEvaluator.evaluate(new, inputs)) {
      #expect(a.isIdentical(to: b))
    }
  }

  private func expect(_ pass: Pass, leaves body: String) throws { try expect(pass, body, becomes: body) }

  static func constant(_ value: String) -> String {
    "constant {element_type = f32, shape = [4], value = \(value)} : f32[4]"
  }

  @Test func simplificationIsExact() throws {
    try expect(
      .simplification, "%0 = \(Self.constant("1.0"))\n%1 = multiply %x, %0 : f32[4]\nreturn \"r\" %1",
      becomes: "%0 = \(Self.constant("1.0"))\nreturn \"r\" %x")
    try expect(
      .simplification, "%0 = negate %x : f32[4]\n%1 = negate %0 : f32[4]\nreturn \"r\" %1",
      becomes: "%0 = negate %x : f32[4]\nreturn \"r\" %x")
    // -0 + 0 is 0, so adding 0 is not the identity.
    try expect(.simplification, leaves: "%0 = \(Self.constant("0.0"))\n%1 = add %x, %0 : f32[4]\nreturn \"r\" %1")
  }

  @Test func commonSubexpressionsAreComputedOnce() throws {
    try expect(
      .commonSubexpressionElimination,
      "%0 = multiply %x, %y : f32[4]\n%1 = multiply %x, %y : f32[4]\n%2 = add %0, %1 : f32[4]\nreturn \"r\" %2",
      becomes: "%0 = multiply %x, %y : f32[4]\n%1 = add %0, %0 : f32[4]\nreturn \"r\" %1")
    // Recomputation hangs on an anchor and is not shared with what it repeats.
    try expect(
      .commonSubexpressionElimination,
      leaves: """
        %0 = sine %x : f32[4]
        %1 = anchor %x, %0 : f32[4]
        %2 = sine %1 : f32[4]
        %3 = add %0, %2 : f32[4]
        return "r" %3
        """)
  }

  @Test func deadCodeAndDeadCarriesGo() throws {
    try expect(
      .deadCodeElimination, "%0 = sine %x : f32[4]\nreturn \"r\" %x", becomes: "return \"r\" %x")
    try expect(
      .deadCodeElimination,
      """
      %a, %b = repeat %x, %y {carries = 2, count = 2} : f32[4], f32[4] (%s: i32[], %p: f32[4], %q: f32[4]) {
        %0 = sine %p : f32[4]
        %1 = cosine %q : f32[4]
        yield %0, %1
      }
      return "r" %a
      """,
      becomes: """
        %a = repeat %x {carries = 1, count = 2} : f32[4] (%s: i32[], %p: f32[4]) {
          %0 = sine %p : f32[4]
          yield %0
        }
        return "r" %a
        """)
  }

  @Test func invariantsLeaveLoops() throws {
    try expect(
      .invariantHoisting,
      """
      %a = repeat %x {carries = 1, count = 2} : f32[4] (%s: i32[], %p: f32[4]) {
        %0 = sine %y : f32[4]
        %1 = multiply %p, %0 : f32[4]
        yield %1
      }
      return "r" %a
      """,
      becomes: """
        %0 = sine %y : f32[4]
        %a = repeat %x {carries = 1, count = 2} : f32[4] (%s: i32[], %p: f32[4]) {
          %1 = multiply %p, %0 : f32[4]
          yield %1
        }
        return "r" %a
        """)
  }

  @Test func logSaysWhatChanged() throws {
    var log = PassLog()
    let pipeline = Pipeline([.deadCodeElimination, .invariantHoisting])
    _ = pipeline.run(try graph("%0 = sine %x : f32[4]\nreturn \"r\" %x"), log: &log)
    #expect(log.text == "dead-code-elimination: 1 -> 0 operations\ninvariant-hoisting: (unchanged)")
  }
}
