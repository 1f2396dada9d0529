import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

@testable import Differentiation

/// Gradients that a model's author writes.
@Suite struct CustomGradientTests {
  /// A recursion whose update is `tanh(h w) + x`, its gradient written by hand or derived.
  struct Recursion: Model {
    enum Style: Sendable { case derived, custom, checkpointed }
    let style: Style
    let mode: GradientMode
    let weight = Weight([4, 4], .normal(standardDeviation: 0.5))

    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", [3, 4])
      let last = recur(6, carrying: x, gradient: mode) { h in
        style == .checkpointed ? checkpoint { update(h) + x } : update(h) + x
      }
      return Step(loss: (last * x).sum())
    }

    private func update(_ h: Tensor) -> Tensor {
      if style == .derived { return tanh(matmul(h, weight.tensor)) }
      return customGradient([h, weight.tensor]) {
        [tanh(matmul($0[0], $0[1]))]
      } gradient: { operands, y, cotangent in
        let inner = cotangent[0] * (1 - y[0] * y[0])
        return [matmul(inner, operands[1].transposed(1, 0)), matmul(operands[0].transposed(1, 0), inner)]
      }[0]
    }
  }

  private static let modes: [GradientMode] = [.full, .last(2), .checkpointed(every: 2), .revolve(slots: 2)]

  private func gradients(_ graph: Graph, _ traced: TracedModel) throws -> [HostTensor] {
    ReferenceEvaluator.evaluate(try graph.withGradients(), LoopLawTests.parameters(traced))
  }

  @Test(arguments: modes) func loopsAndCheckpointsUseIt(_ mode: GradientMode) throws {
    let derived = try Recursion(style: .derived, mode: mode).traced(name: "derived")
    let expected = try gradients(derived.graph, derived)
    for style in [Recursion.Style.custom, .checkpointed] {
      let traced = try Recursion(style: style, mode: mode).traced(name: "custom")
      for (found, needed) in zip(try gradients(traced.graph, traced), expected) {
        for (a, b) in zip(found.doubles, needed.doubles) { #expect(abs(a - b) < 1e-5) }
      }
      #expect(try Graph(parsing: traced.graph.description) == traced.graph)
      let graph = try traced.graph.withGradients()
      let program = try Compiler.compile(graph, CompilerOptions(workerCount: 2))
      for (name, tensor) in zip(program.parameterNames, LoopLawTests.parameters(traced)) {
        try program.set(name, tensor)
      }
      try program.run()
      for (index, result) in ReferenceEvaluator.evaluate(graph, LoopLawTests.parameters(traced)).enumerated() {
        #expect(try program.result(at: index).isIdentical(to: result), "\(style), \(mode)")
      }
      if mode != .last(2) {
        #expect(try GradientCheck.largestError(traced.graph, LoopLawTests.parameters(traced)) < 1e-6)
      }
    }
  }

  /// The modes that keep less compute the same bits.
  @Test func exactModesAgree() throws {
    let all = try [GradientMode.full, .checkpointed(every: 2), .revolve(slots: 2)].map { mode in
      let traced = try Recursion(style: .custom, mode: mode).traced(name: "custom")
      return try gradients(traced.graph, traced)
    }
    for other in all.dropFirst() { for (a, b) in zip(all[0], other) { #expect(a.isIdentical(to: b)) } }
  }

  struct Drafted: Model {
    let w = Weight([3], .values([0.25, -1.5, 2.75]))
    let build: @Sendable (Tensor, Inputs) -> Tensor
    func step(_ inputs: Inputs) -> Step { Step(loss: build(w.tensor, inputs)) }
  }

  private func gradient(_ build: @escaping @Sendable (Tensor, Inputs) -> Tensor) throws -> [Float] {
    let graph = try Drafted(build: build).traced(name: "drafted").graph
    let w = HostTensor([3], [0.25, -1.5, 2.75] as [Float])
    let parameters = graph.parameters.map {
      graph.type(of: $0).elementType == .int32 ? HostTensor([3], [2, 0, 1] as [Int32]) : w
    }
    return ReferenceEvaluator.evaluate(try graph.differentiated().graphOfGradients, parameters)[0].floats
  }

  @Test func straightThroughEstimatorsAreTwoLines() throws {
    let found = try gradient { w, _ in
      let bits = customGradient(w, forward: { floor($0) }, gradient: { _, _, cotangent in cotangent })
      return (bits * .constant(3, [3]) + w).sum()
    }
    #expect(found == [4, 4, 4])
  }

  /// Clipping, which is not linear; reversal; a result that the loss does not depend on.
  @Test func gradientsAreWhatTheAuthorSays() throws {
    let clipped = try gradient { w, _ in
      let same = customGradient(w, forward: { $0 }, gradient: { _, _, c in minimum(c, .constant(1, [3])) })
      return (same * w.detached() * 4).sum()
    }
    #expect(clipped == [1, -6, 1])
    let several = try gradient { w, _ in
      let results = customGradient([w, w * 2]) {
        [$0[0] * $0[1], $0[0] + 1]
      } gradient: { x, _, c in
        [c[0] * 100 + c[1], x[0]]
      }
      return results[0].sum()
    }
    #expect(several == [100.5, 97, 105.5])
  }

  /// The gradient of a gradient goes through the author's, and sees slopes where |x| has a kink.
  @Test func secondDerivativesFollowIt() throws {
    func second(_ build: @escaping @Sendable (Tensor, Inputs) -> Tensor) throws -> [Float] {
      let first = try Drafted(build: build).traced(name: "drafted").graph.withGradients()
      // A second loss: the sum of the first gradients.
      let build = GraphBuilder(first)
      build.graph.addResult(build.sum(build.graph.results[1], [0]), name: "second")
      let found = try build.graph.differentiated(result: build.graph.results.count - 1).graphOfGradients
      let w = HostTensor([3], [0.25, 0, 2.75] as [Float])
      return ReferenceEvaluator.evaluate(found, found.parameters.map { _ in w })[0].floats
    }
    let straight = try second { w, _ in
      let bits = customGradient(w, forward: { floor($0 + 0.5) }, gradient: { _, _, cotangent in cotangent })
      return (bits * bits).sum()
    }
    #expect(straight == [2, 2, 2])
    let smooth = try second { w, _ in softplus(w - w.detached()).sum() }
    #expect(smooth == [0.25, 0.25, 0.25])
    let huber = try second { w, _ in huberLoss(w, .constant(0, [3])).sum() }
    #expect(huber == [1, 1, 0])
  }

  /// No gradient to what is captured, or to integers.
  @Test func onlyOperandsGetOne() throws {
    let captured = try gradient { w, inputs in
      let rows = inputs("rows", [3], .int32)
      let picked = customGradient([w, rows]) {
        [gather(w, $0[1]) * $0[0]]
      } gradient: { x, _, c in
        [c[0] * 5, nil]
      }
      return picked[0].sum()
    }
    #expect(captured == [5, 5, 5])
    let none = try gradient { w, _ in
      (customGradient([w]) {
        $0
      } gradient: { _, _, _ in
        [nil]
      }[0] + w).sum()
    }
    #expect(none == [1, 1, 1])
  }

  @Test func mistakesAreToldWithTheLine() {
    func message(_ build: @escaping @Sendable (Tensor, Inputs) -> Tensor) -> String {
      do {
        _ = try Drafted(build: build).traced(name: "drafted")
        return ""
      } catch { return "\(error)" }
    }
    let place = "DifferentiationTests/CustomGradientTests.swift:"
    let line = #line + 1
    let shape = message { w, _ in customGradient(w, forward: { $0 }, gradient: { _, _, c in c.sum() }).sum() }
    #expect(
      shape == "\(place)\(line): custom_gradient.3: operand 0 is f32[3], its gradient is f32[]; both must agree")
    let count = message { w, _ in
      customGradient([w, w], forward: { $0 }, gradient: { _, _, c in [c[0]] })[0].sum()
    }
    #expect(
      count == "\(place)\(line + 4): custom_gradient.1: needs a gradient or nil for each of 2 operands, got 1")
    let integer = message { w, inputs in
      let operands = [inputs("n", [3], .int32), w]
      return customGradient(operands, forward: { [$0[1]] }, gradient: { x, _, c in [x[0], c[0]] })[0].sum()
    }
    #expect(
      integer
        == "\(place)\(line + 10): custom_gradient.3: operand 0 is i32[3], which has no gradient: return nil for it")
    let leak = message { w, _ in
      var leaked = w
      let result = customGradient(
        w, forward: { $0 },
        gradient: { _, _, c in
          leaked = c
          return c
        })
      return result.sum() + leaked.sum()
    }
    #expect(
      leak.contains(
        "tensor.3: f32[3] belongs to the body of a gradient, return it from there; it cannot be used outside"))
  }

  /// A picture shows the values going on, and the gradient as a box beside them.
  @Test func diagramsShowTheValues() throws {
    let graph = try Drafted { w, _ in
      tanh(customGradient(w, forward: { sin($0) }, gradient: { x, _, c in c * cos(x) })).sum()
    }.traced(name: "drafted").graph
    let diagram = GraphDiagram(
      graph,
      kind: { name in OperatorTable.find(name).flatMap { OperationKind(rawValue: $0.kind.rawValue) } ?? .elementwise })
    let dot = diagram.dot
    func node(_ label: String) -> Substring? {
      dot.split(separator: "\n").first { $0.contains(label) && $0.contains("label") }?.drop { $0 == " " }
        .split(separator: " ").first
    }
    let (first, second) = (try #require(node("sine")), try #require(node("tanh") ?? node("tangent")))
    #expect(dot.contains("\(first) -> \(second)"), "\(dot)")
  }

  /// What a file may hold.
  @Test func graphsThatDoNotFitAreRefused() throws {
    let whole = try Drafted { w, _ in
      customGradient(w, forward: { $0 * 2 }, gradient: { _, _, c in c * 3 }).sum()
    }.traced(name: "drafted").graph.description
    func problem(_ change: (String, String)) -> String {
      do { try Graph(parsing: whole.replacing(change.0, with: change.1)).verify() } catch { return "\(error)" }
      return ""
    }
    #expect(whole.contains("{operands = 1}"), "\(whole)")
    #expect(problem(("operands = 1", "operands = 3")).contains("custom_gradient.1: needs one region and at least 3"))
    #expect(
      problem(("operands = 1", "operands = 0")).contains("custom_gradient.2: region parameters must be the cotangents"))
    #expect(
      problem(("operands = 1", "operands = 2")).contains("custom_gradient.2: region parameters must be the cotangents"))
  }
}
