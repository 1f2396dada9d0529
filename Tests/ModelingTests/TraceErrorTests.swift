import Recurve
import Testing

/// What a model's author is told: every problem at once, both shapes, the line.
@Suite struct TraceErrorTests {
  struct Faulty: Model {
    let build: @Sendable (Inputs) -> Tensor
    func step(_ inputs: Inputs) -> Step { Step(loss: build(inputs).sum()) }
  }

  private func message(_ build: @escaping @Sendable (Inputs) -> Tensor) -> String {
    do {
      _ = try Faulty(build: build).traced(name: "faulty")
      return ""
    } catch { return "\(error)" }
  }

  @Test func shapeErrorSaysBothShapesAndTheLine() {
    let line = #line + 1
    let text = message { inputs in inputs("a", ["B": 2, "D": 3]) + inputs("b", ["B": 4, "D": 3]) }
    #expect(
      text == "ModelingTests/TraceErrorTests.swift:\(line): "
        + "add.1: operands must have one shape, got [B=2, D=3] and [B=4, D=3]")
  }

  @Test func problemsAreReportedTogether() {
    let text = message { inputs in
      let (a, b) = (inputs("a", [2, 3]), inputs("b", [4, 5]))
      return linear(a, b) + a.slice(0..<9, axis: 1) + a * b
    }
    #expect(text.hasPrefix("3 problems:"))
    #expect(text.contains("dot.2: paired axes must agree, got [3] of f32[2, 3] and [5] of f32[4, 5]"))
    #expect(text.contains("slice.2: range 0..<9 must lie in 0..<3, axis 1 of f32[2, 3]"))
    #expect(text.contains("add.1") == false, "what follows from an error is not reported")
    #expect(text.contains("multiply.1: operands must have one shape, got [2, 3] and [4, 5]"))
  }

  @Test func recursionNeedsAnIteration() {
    #expect(
      message { recur(0, carrying: $0("x", [2])) { $0 } }.contains("recur.1: needs at least 1 iteration, got 0"))
    #expect(
      message { recur(2, carrying: $0("x", [2]), gradient: .last(0)) { $0 } }
        .contains("recur.2: last(k) needs k of at least 1, got 0"))
    #expect(
      message { recur(2, carrying: $0("x", [2]), gradient: .revolve(slots: 0)) { $0 } }
        .contains("recur.2: revolve(slots:) needs at least 1 slot, got 0"))
  }

  @Test func carriesKeepTheirTypes() {
    let text = message { recur(2, carrying: $0("x", ["D": 4])) { $0.slice(0..<2, axis: 0) } }
    #expect(
      text.contains("repeat.4: carry 0 enters the step as f32[D=4] and leaves it as f32[D=2]; both must agree"))
  }

  @Test func namesAndScopesReachTheGraph() throws {
    let traced = try Faulty { inputs in
      let x = inputs("x", [2]).named("x")
      return scope("outer") { scope("inner") { tanh(x).named("h") } } + sin(x).named("h")
    }.traced(name: "named")
    let text = traced.graph.description
    #expect(text.contains("%h = hyperbolic_tangent %x") && text.contains("%h_2 = sine %x"))
    let inner = traced.graph.operations.first { $0.name == "hyperbolic_tangent" }
    #expect(inner.map { traced.graph.scopePath($0.annotation.scope) } == "outer/inner")
    let line = inner.flatMap { $0.annotation.location }.flatMap { traced.location($0) }
    #expect(line?.file == "ModelingTests/TraceErrorTests.swift")
  }
}
