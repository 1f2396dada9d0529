import Recurve
import Testing

/// Inputs, states, weights, results and what the trainer adds share one namespace.
@Suite struct NamespaceTests {
  private static let file = "ModelingTests/NamespaceTests.swift"

  struct Named: Model {
    static let line = #line + 1
    let w = Weight([2], .constant(1))
    let build: @Sendable (Inputs, Tensor) -> Step
    func step(_ inputs: Inputs) -> Step { build(inputs, w.tensor) }
  }

  private func message(_ build: @escaping @Sendable (Inputs, Tensor) -> Step) -> String {
    DraftedModel.message(of: Named(build: build))
  }

  @Test func oneNameMeansOneThing() {
    let line = #line + 2
    let twice = message { inputs, w in
      let x = inputs("x", [2])
      return Step(loss: (x + inputs("x", [2]) + w).sum())
    }
    #expect(
      twice == "\(Self.file):\(line + 1): the name 'x' of an input is taken by an input, made at \(Self.file):\(line)")
    let metric = message { _, w in Step(loss: w.sum(), metrics: [("loss", w.mean())]) }
    let here = "\(Self.file):\(#line - 1)"
    #expect(metric == "\(here): the name 'loss' of a result is taken by the loss, made at \(here)")
    let state = message { inputs, w in Step(loss: (w + inputs.state("w", [2])).sum()) }
    #expect(state.contains("the name 'w' of a state is taken by a weight, made at \(Self.file):\(Named.line)"))
    let updates = message { inputs, w in
      let s = inputs.state("s", [2])
      return Step(loss: (w + s).sum(), updates: [("s", s + 1), ("s", s + 2)])
    }
    #expect(updates.contains("the name 'next.s' of the next value of 's' is taken by the next value of 's', made at "))
    #expect(message { _, w in Step(loss: w.sum(), updates: [("t", w)]) }.contains("update.1: no state is called 't'"))
  }

  private func trainerMessage(
    _ optimizer: Optimizer, _ build: @escaping @Sendable (Inputs, Tensor) -> Step
  ) -> String {
    do {
      _ = try Trainer(Named(build: build), optimizer: optimizer, learningRate: 0.1)
      return ""
    } catch { return "\(error)" }
  }

  @Test func theTrainersNamesAreTaken() {
    let line = #line + 2
    let average = trainerMessage(.gradientDescent().averaging(0.9)) { inputs, w in
      Step(loss: (w + inputs.state("average.w", [2])).sum())
    }
    #expect(
      average == "the name 'average.w' of a state of the optimizer is taken by a state, made at \(Self.file):\(line)")
    let rate = trainerMessage(.adam()) { inputs, w in
      Step(loss: (w * inputs("learning_rate", [])).sum())
    }
    #expect(
      rate == "the name 'learning_rate' of the trainer's learning rate is taken by an input, "
        + "made at \(Self.file):\(line + 5)")
    #expect(
      trainerMessage(.gradientDescent()) { _, w in Step(loss: w.sum(), metrics: [("next.w", w.sum())]) }.hasPrefix(
        "the name 'next.w' of the next value of 'w', which the trainer adds, is taken by a result, made at "))
  }

  /// A label is a label: what the host addresses keeps its name.
  @Test func labelsRenameNothing() throws {
    let model = Named { inputs, w in
      Step(loss: (w.named("s") * inputs("x", [2]).named("data")).named("product").sum())
    }
    let trainer = try Trainer(model, optimizer: .gradientDescent(), learningRate: 1)
    try trainer.step(["x": HostTensor([2], [Float(1), 2])])
    #expect(trainer.weights["w"] == HostTensor([2], [Float(0), -1]))
    #expect(trainer.traced.graph.description.contains("%product = multiply %w, %x"))
  }
}
