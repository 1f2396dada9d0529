import Differentiation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import TestSupport
import Testing
import Transforms

/// What the gradient computes again, and what it reads where it was kept.
@Suite struct RecomputationTests {
  /// A graph whose operations from a position on belong to the gradient.
  private func graph(_ body: String, backwardFrom first: Int) throws -> Graph {
    var graph = try Graph(parsing: "graph @g(input %x: f32[4], input %y: f32[4]) {\n\(body)\n}\n")
    for identifier in graph[Graph.body].operations.dropFirst(first) { graph[identifier].annotation.role = .backward }
    return graph
  }

  private func expect(
    _ before: String, backwardFrom first: Int, becomes after: String, ofAtLeast byteCount: Int = 0
  ) throws {
    let (old, wanted) = (try graph(before, backwardFrom: first), try graph(after, backwardFrom: first))
    let new = Pass.deadCodeElimination.run(Pass.recomputation(ofAtLeast: byteCount).run(old))
    let difference = GoldenText.difference(new.canonicalText, wanted.canonicalText)
    #expect(difference == nil, "\(difference ?? "")")
    let inputs = [Float(0), 1].map { HostTensor(Shape([4]), [$0, -2, 0.5, -0.0]) }
    for (a, b) in zip(ReferenceEvaluator.evaluate(old, inputs), ReferenceEvaluator.evaluate(new, inputs)) {
      #expect(a.isIdentical(to: b))
    }
  }

  private func expect(_ body: String, backwardFrom first: Int, isLeft byteCount: Int = 0) throws {
    try expect(body, backwardFrom: first, becomes: body, ofAtLeast: byteCount)
  }

  /// The forward part multiplies by y, which is there anyway, what the gradient reads as well.
  private static let scaled = """
    %0 = power %x, %y : f32[4]
    %1 = multiply %0, %y : f32[4]
    %2 = cosine %1 : f32[4]
    %3 = multiply %2, %1 : f32[4]
    %4 = multiply %3, %0 : f32[4]
    return "r" %4
    """

  @Test func cheapValuesAreComputedAgainFromWhatIsKept() throws {
    try expect(
      Self.scaled, backwardFrom: 3,
      becomes: """
        %0 = power %x, %y : f32[4]
        %1 = multiply %0, %y : f32[4]
        %2 = cosine %1 : f32[4]
        %5 = multiply %0, %y : f32[4]
        %3 = multiply %2, %5 : f32[4]
        %4 = multiply %3, %0 : f32[4]
        return "r" %4
        """)
  }

  @Test func smallValuesAreKept() throws { try expect(Self.scaled, backwardFrom: 3, isLeft: 17) }

  @Test func nothingIsKeptLongerForIt() throws {
    // The power is not read after the product that would need it.
    try expect(
      """
      %0 = power %x, %y : f32[4]
      %1 = multiply %0, %y : f32[4]
      %2 = cosine %1 : f32[4]
      %3 = multiply %2, %0 : f32[4]
      %4 = multiply %3, %1 : f32[4]
      return "r" %4
      """, backwardFrom: 3)
  }

  /// What is returned as well, and what is dear.
  @Test(arguments: [
    ("multiply", "return \"r\" %2\nreturn \"kept\" %0"), ("power", "return \"r\" %2"),
  ])
  func othersAreKept(_ operation: String, _ results: String) throws {
    let body = "%0 = \(operation) %x, %y : f32[4]\n%1 = cosine %0 : f32[4]\n%2 = multiply %1, %0 : f32[4]\n\(results)"
    try expect(body, backwardFrom: 2)
  }

  /// A rule that computes the function for its slope computes it for both.
  @Test func whatTheGradientComputesAnywayIsShared() throws {
    try expect(
      """
      %0 = power %x, %y : f32[4]
      %1 = multiply %0, %x : f32[4]
      %2 = cosine %1 : f32[4]
      %3 = multiply %2, %1 : f32[4]
      %4 = power %x, %y : f32[4]
      %5 = multiply %3, %4 : f32[4]
      return "r" %5
      """, backwardFrom: 3,
      becomes: """
        %0 = power %x, %y : f32[4]
        %1 = multiply %0, %x : f32[4]
        %2 = cosine %1 : f32[4]
        %6 = power %x, %y : f32[4]
        %7 = multiply %6, %x : f32[4]
        %3 = multiply %2, %7 : f32[4]
        %5 = multiply %3, %6 : f32[4]
        return "r" %5
        """)
  }

  /// Bodies of loops have forward and backward parts of their own where a loop holds whole steps of training.
  @Test func bodiesOfLoopsAreLookedAtToo() throws {
    let loop = { (body: String) in
      "%a = repeat %x {carries = 1, count = 2} : f32[4] (%s: i32[], %p: f32[4]) {\n\(body)\n}\nreturn \"r\" %a"
    }
    let before = """
      %0 = sine %p : f32[4]
      %1 = multiply %0, %y : f32[4]
      %2 = cosine %1 : f32[4]
      %3 = multiply %2, %1 : f32[4]
      %4 = multiply %3, %0 : f32[4]
      yield %4
      """
    var graph = try graph(loop(before), backwardFrom: 1)
    let body = graph[graph[Graph.body].operations[0]].regions[0]
    for identifier in graph[body].operations.dropFirst(3) { graph[identifier].annotation.role = .backward }
    let new = Pass.recomputation(ofAtLeast: 0).run(graph)
    #expect(
      new[body].operations.map { new[$0].name } == ["sine", "multiply", "cosine", "multiply", "multiply", "multiply"])
    #expect(new.allViolations().isEmpty)
  }

  /// No bit changes, and never is more kept from the forward part for the gradient.
  @Test(arguments: 1..<60 as Range<UInt64>) func nothingChangesButWhatIsKept(_ seed: UInt64) throws {
    let program = RandomProgram(seed: seed)
    let passes = Pipeline.standard.passes.filter { $0.name != Pass.recomputation().name }
    let old = Pipeline(passes).run(try program.graph.withGradients())
    let new = Pass.recomputation(ofAtLeast: 0).run(old)
    #expect(new.allViolations().isEmpty)
    #expect(new.residualByteCount <= old.residualByteCount)
    let tensors = program.data.tensors(for: old)
    for (a, b) in zip(ReferenceEvaluator.evaluate(old, tensors), ReferenceEvaluator.evaluate(new, tensors)) {
      #expect(a.isIdentical(to: b))
    }
  }
}
