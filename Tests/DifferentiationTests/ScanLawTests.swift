import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

/// The laws of gradients through loops that read sequences and keep outputs, bit for bit on the reference evaluation.
@Suite struct ScanLawTests {
  /// A recurrent network whose sequence comes from a weight, so that it gets a gradient too.
  struct Network: Model {
    enum Style: Sendable {
      case loop(GradientMode)
      case unrolled
      /// Outputs and state of the first iterations stop the gradient.
      case stopped(kept: Int)
    }

    let style: Style
    let times: Int
    let weight = Weight([4, 4], .normal(standardDeviation: 0.6))
    let sequence: Weight

    init(style: Style, times: Int) {
      self.style = style
      self.times = times
      sequence = Weight([times, 3, 4], .normal(standardDeviation: 1))
    }

    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", ["B": 3, "D": 4])
      let (last, outputs) = run(sequence.tensor * 0.5, x)
      return Step(loss: (last * x).sum() + (outputs * outputs).sum())
    }

    private func update(_ h: Tensor, _ part: Tensor) -> (state: Tensor, output: Tensor) {
      let next = tanh(linear(h, weight.tensor) + part)
      return (next + h * 0.5, next * part)
    }

    private func run(_ parts: Tensor, _ x: Tensor) -> (Tensor, Tensor) {
      switch style {
      case .loop(let mode):
        let result = scan(parts, carrying: x, gradient: mode) { h, part in update(h, part) }
        return (result.state, result.outputs)
      case .unrolled: return unrolled(parts, x, stoppingAfter: nil)
      case .stopped(let kept): return unrolled(parts, x, stoppingAfter: times - kept)
      }
    }

    private func unrolled(_ parts: Tensor, _ x: Tensor, stoppingAfter stop: Int?) -> (Tensor, Tensor) {
      var (h, outputs) = (x, [Tensor]())
      for index in 0..<times {
        let next = update(h, parts.at(index, axis: 0))
        h = next.state
        outputs.append(next.output.reshaped(to: [1, 3, 4]))
        if let stop, index + 1 == stop {
          h = h.detached()
          outputs = outputs.map { $0.detached() }
        }
      }
      return (h, concatenate(outputs, axis: 0))
    }
  }

  static func gradients(_ style: Network.Style, _ times: Int) throws -> [HostTensor] {
    let traced = try Network(style: style, times: times).traced(name: "network")
    let graph = try traced.graph.withGradients()
    return ReferenceEvaluator.evaluate(graph, LoopLawTests.parameters(traced))
  }

  private func expectIdentical(_ a: Network.Style, _ b: Network.Style, _ times: Int) throws {
    let (left, right) = try (Self.gradients(a, times), Self.gradients(b, times))
    #expect(left.count == 3 && right.count == 3)
    for (one, other) in zip(left, right) { #expect(one.isIdentical(to: other), "\(a), \(b), T = \(times)") }
  }

  @Test(arguments: 1...5) func loopEqualsUnrolledProgram(_ times: Int) throws {
    try expectIdentical(.loop(.full), .unrolled, times)
  }

  @Test(arguments: 1...5) func truncatedLoopsEqualStoppedPrograms(_ times: Int) throws {
    for kept in 1...times { try expectIdentical(.loop(.last(kept)), .stopped(kept: kept), times) }
    try expectIdentical(.loop(.none), .stopped(kept: 0), times)
  }

  @Test(arguments: 1...7) func exactModesEqualFull(_ times: Int) throws {
    for every in 1...4 { try expectIdentical(.loop(.checkpointed(every: every)), .loop(.full), times) }
    for slots in 1...4 { try expectIdentical(.loop(.revolve(slots: slots)), .loop(.full), times) }
  }

  @Test func gradientsEqualCentralDifferences() throws {
    for mode in [GradientMode.full, .checkpointed(every: 2), .revolve(slots: 1)] {
      let traced = try Network(style: .loop(mode), times: 3).traced(name: "network")
      let error = try GradientCheck.largestError(traced.graph, LoopLawTests.parameters(traced))
      #expect(error < 1e-6, "\(mode): \(error)")
    }
  }

  @Test func compiledProgramsEqualTheOracle() throws {
    for mode in [GradientMode.full, .last(2), .none, .checkpointed(every: 2), .revolve(slots: 1)] {
      let traced = try Network(style: .loop(mode), times: 5).traced(name: "network")
      let graph = try traced.graph.withGradients()
      let expected = ReferenceEvaluator.evaluate(graph, LoopLawTests.parameters(traced))
      let program = try Compiler.compile(graph, CompilerOptions(workerCount: 2))
      for (value, tensor) in zip(traced.graph.parameters, LoopLawTests.parameters(traced)) {
        try program.set(traced.graph[value].name ?? "", tensor)
      }
      try program.run()
      for index in expected.indices {
        #expect(try program.result(at: index).isIdentical(to: expected[index]), "\(mode), result \(index)")
      }
    }
  }

  /// A sequence is read where it is: the backward part keeps no copy of it.
  @Test func sequencesAreNotKeptTwice() throws {
    let traced = try Network(style: .loop(.full), times: 5).traced(name: "network")
    let graph = try traced.graph.withGradients()
    let loops = graph.operations.filter { $0.name == "repeat" }
    let backward = try #require(loops.last.map { Repeat($0, in: graph) })
    let forward = try #require(loops.first.map { Repeat($0, in: graph) })
    #expect(backward.stackedInputs.contains(forward.stackedInputs[0]))
    // The loop's own output and tanh; the state h follows from neither, so it is kept.
    #expect(forward.stacks.count <= 3)
  }

  @Test func mistakesAreNamed() {
    func message(_ body: @escaping @Sendable (Inputs) -> Tensor) -> String {
      struct Mistaken: Model {
        let body: @Sendable (Inputs) -> Tensor
        func step(_ inputs: Inputs) -> Step { Step(loss: body(inputs).sum()) }
      }
      do {
        _ = try Mistaken(body: body).traced(name: "mistaken")
        return ""
      } catch { return "\(error)" }
    }
    let wrong = message { inputs in
      scan(3, [inputs("s", [4, 2])], carrying: [inputs("x", [2])]) { ([$0[0] + $1[0]], []) }.state[0]
    }
    #expect(wrong.contains("recur.3: a sequence needs 3 parts along its first axis, its shape is [4, 2]"))
    #expect(wrong.contains("ScanLawTests.swift:"))
    let scalar = message { inputs in scan(inputs("s", .scalar), carrying: inputs("x", [2])) { h, part in h + part } }
    #expect(scalar.contains("recur.3: a sequence needs 1 parts along its first axis, its shape is []"))
  }
}
