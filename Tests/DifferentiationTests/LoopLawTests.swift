import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

@testable import Differentiation

/// The laws of gradients through loops, bit for bit on the reference evaluation.
@Suite struct LoopLawTests {
  /// A recursion written as a loop, or by hand.
  struct Recursion: Model {
    enum Style: Sendable {
      case loop(GradientMode)
      case unrolled
      /// The first iterations by hand behind a stopped gradient, the last ones as written.
      case stopped(kept: Int)
      /// Each iteration of the loop inside a checkpoint.
      case checkpointedBody
      /// Two updates of an inner state per iteration.
      case nested(outer: GradientMode, inner: GradientMode)
    }

    let style: Style
    let times: Int
    let weight = Weight([6, 6], .normal(standardDeviation: 0.6))
    let bias = Weight([6], .normal(standardDeviation: 0.3))

    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", ["B": 3, "D": 6])
      return Step(loss: (state(x) * x).sum())
    }

    private func update(_ h: Tensor, _ x: Tensor) -> Tensor {
      tanh(linear(rmsNorm(h), weight.tensor) + bias.tensor) + h * 0.5 + x
    }

    private func state(_ x: Tensor) -> Tensor {
      switch style {
      case .loop(let mode): return recur(times, carrying: x, gradient: mode) { update($0, x) }
      case .unrolled: return (0..<times).reduce(x) { h, _ in update(h, x) }
      case .stopped(let kept):
        let start = (0..<(times - kept)).reduce(x) { h, _ in update(h, x) }
        return (0..<kept).reduce(kept < times ? start.detached() : start) { h, _ in update(h, x) }
      case .checkpointedBody: return recur(times, carrying: x) { h in checkpoint { update(h, x) } }
      case .nested(let outer, let inner):
        return recur(times, carrying: (x, x), gradient: outer) { y, z in
          let z = recur(3, carrying: z, gradient: inner) { z in update(z, x + y) }
          return (update(y + z, x), z)
        }.0
      }
    }
  }

  static func gradients(_ style: Recursion.Style, _ times: Int) throws -> [HostTensor] {
    let traced = try Recursion(style: style, times: times).traced(name: "recursion")
    let graph = try traced.graph.withGradients()
    return ReferenceEvaluator.evaluate(graph, parameters(traced))
  }

  static func parameters(_ traced: TracedModel) -> [HostTensor] {
    let weights = Dictionary(uniqueKeysWithValues: traced.initialWeights(seed: 5).map { ($0.name, $0.tensor) })
    return traced.graph.parameters.map { value in
      weights[traced.graph[value].name ?? ""]
        ?? Initializer.normal(standardDeviation: 1).tensor(traced.graph.type(of: value).shape, seed: 9)
    }
  }

  private func expectIdentical(_ a: [HostTensor], _ b: [HostTensor], _ what: String) {
    #expect(a.count == b.count)
    for (left, right) in zip(a, b) { #expect(left.isIdentical(to: right), "\(what)") }
  }

  @Test(arguments: 1...5) func loopEqualsUnrolledProgram(_ times: Int) throws {
    try expectIdentical(Self.gradients(.loop(.full), times), Self.gradients(.unrolled, times), "T = \(times)")
  }

  @Test(arguments: 1...5) func lastEqualsStoppedProgram(_ times: Int) throws {
    for kept in 1...times {
      try expectIdentical(
        Self.gradients(.loop(.last(kept)), times), Self.gradients(.stopped(kept: kept), times),
        "last(\(kept)) of \(times)")
    }
    try expectIdentical(Self.gradients(.loop(.last(times)), times), Self.gradients(.loop(.full), times), "last(T)")
  }

  @Test(arguments: 1...9) func exactModesEqualFull(_ times: Int) throws {
    let full = try Self.gradients(.loop(.full), times)
    for every in 1...4 {
      try expectIdentical(Self.gradients(.loop(.checkpointed(every: every)), times), full, "every \(every) of \(times)")
    }
    for slots in 1...4 {
      try expectIdentical(Self.gradients(.loop(.revolve(slots: slots)), times), full, "\(slots) slots of \(times)")
    }
    try expectIdentical(Self.gradients(.checkpointedBody, times), full, "checkpoint")
  }

  @Test func exactModesEqualFullInNestedLoops() throws {
    let full = try Self.gradients(.nested(outer: .full, inner: .full), 4)
    let exact: [GradientMode] = [.full, .checkpointed(every: 1), .checkpointed(every: 3), .revolve(slots: 2)]
    for outer in exact {
      for inner in exact {
        try expectIdentical(
          Self.gradients(.nested(outer: outer, inner: inner), 4), full, "outer \(outer), inner \(inner)")
      }
    }
  }

  @Test func gradientsEqualCentralDifferences() throws {
    let styles: [Recursion.Style] = [
      .loop(.full), .loop(.checkpointed(every: 2)), .loop(.revolve(slots: 1)), .checkpointedBody,
      .nested(outer: .full, inner: .full),
    ]
    for style in styles {
      let traced = try Recursion(style: style, times: 3).traced(name: "recursion")
      let error = try GradientCheck.largestError(traced.graph, Self.parameters(traced))
      #expect(error < 1e-6, "\(style): \(error)")
    }
  }

  @Test func modeNoneGivesNoGradientAndNamesTheWeights() throws {
    let traced = try Recursion(style: .loop(.none), times: 3).traced(name: "recursion")
    let differentiated = try traced.graph.differentiated()
    #expect(differentiated.disconnectedWeights == ["weight", "bias"])
    let results = ReferenceEvaluator.evaluate(differentiated.graphWithGradients, Self.parameters(traced))
    for gradient in results.dropFirst() { #expect(gradient.doubles.allSatisfy { $0 == 0 }) }
  }

  @Test func detachedLoopsStackNothing() throws {
    let traced = try Recursion(style: .nested(outer: .last(1), inner: .full), times: 5).traced(name: "recursion")
    let graph = try traced.graph.differentiated().graph
    var loops = 0
    graph.forEachOperation { identifier, _ in
      let operation = graph[identifier]
      guard case .loop = operation.used.semantics, operation.annotation.role == .detached else { return }
      loops += 1
      #expect(Repeat(operation, in: graph).stacks.isEmpty)
    }
    #expect(loops == 2)
  }

  /// Carries that are written and never read, or that are a constant after the first iteration: all modes agree in the
  /// signs of zeros too.
  @Test(arguments: [true, false]) func exactModesEqualFullWhereIterationsDoNotMatter(_ isUnread: Bool) throws {
    struct Idle: Model {
      let mode: GradientMode
      let isUnread: Bool
      let weight = Weight([4], .normal(standardDeviation: 1))
      let start = Weight([4], .normal(standardDeviation: 1))
      func step(_ inputs: Inputs) -> Step {
        let x = inputs("x", [4])
        let (a, b) = recur(3, carrying: (start.tensor, weight.tensor), gradient: mode) { a, b in
          isUnread ? (weight.tensor * x, a) : (b, x)
        }
        return Step(loss: (isUnread ? b : a).sum())
      }
    }
    func gradients(_ mode: GradientMode) throws -> [HostTensor] {
      let traced = try Idle(mode: mode, isUnread: isUnread).traced(name: "idle")
      return ReferenceEvaluator.evaluate(try traced.graph.withGradients(), Self.parameters(traced))
    }
    let full = try gradients(.full)
    for mode in [GradientMode.checkpointed(every: 1), .checkpointed(every: 2), .revolve(slots: 1), .revolve(slots: 2)] {
      try expectIdentical(gradients(mode), full, "\(mode)")
    }
  }

  /// A carry that enters varied but leaves as a constant makes the loop's result constant: nothing is differentiated.
  @Test(arguments: [GradientMode.full, .checkpointed(every: 1), .revolve(slots: 1)])
  func carryReplacedByAConstantStopsTheGradient(_ mode: GradientMode) throws {
    struct Replaced: Model {
      let mode: GradientMode
      let weight = Weight([3], .constant(2))
      func step(_ inputs: Inputs) -> Step {
        let y = recur(3, carrying: weight.tensor, gradient: mode) { _ in .constant(1, [3]) }
        return Step(loss: (y * 2).sum())
      }
    }
    let traced = try Replaced(mode: mode).traced(name: "replaced")
    let differentiated = try traced.graph.differentiated()
    #expect(differentiated.disconnectedWeights == ["weight"])
    let results = ReferenceEvaluator.evaluate(differentiated.graphWithGradients, Self.parameters(traced))
    #expect(results[1].doubles == [0, 0, 0])
  }

  @Test(arguments: [GradientMode.full, .last(1), .checkpointed(every: 1)])
  func tripCountChangesNoCounts(_ mode: GradientMode) throws {
    let counts = try [3, 1000].map { times in
      let traced = try Recursion(style: .loop(mode), times: times).traced(name: "recursion")
      let plan = try Compiler.plan(try traced.graph.withGradients(), CompilerOptions(workerCount: 1))
      return [plan.schedule.stepCount, plan.schedule.functions.count, plan.graph.operations.count]
    }
    #expect(counts[0] == counts[1])
  }
}
