import Recurve
import ReferenceEvaluation
import Testing

@testable import Training

/// Gradients as a program's results.
@Suite struct GradientProgramTests {
  struct Pair: Sendable {
    let a = Weight([3], .values([1, -2, 3]))
    let b = Weight([3], .values([0.5, 4, 2]))
    let fixed = Weight.constant([3], .values([2, 2, 2]))
    let unused = Weight([1], .zeros)

    /// `sum(a b x + fixed a)`, and how many rows there are.
    func step(_ io: Inputs) -> Step {
      let x = io("x", [3])
      let count = io.state("count", .scalar)
      count.next = count + 1
      let loss = (a.tensor * b.tensor * x + fixed.tensor * a.tensor).sum() + io("n", [], .int32).converted(to: .float32)
      return Step(loss: loss, metrics: [("count_so_far", count)])
    }
  }

  static let one = CompilerOptions(workerCount: 1)
  static let inputs = ["x": HostTensor([3], [1, 10, 100] as [Float]), "n": HostTensor(.scalar, [7] as [Int32])]

  @Test func weightsAndInputsAreChosen() throws {
    let model = Pair()
    let store = try ParameterStore(model)
    let program = try store.gradients("some", with: ["a", "x", "fixed"], Self.one) { model.step($0) }
    let session = Session()
    let results = try program(Self.inputs, in: session)
    #expect(Set(results.keys) == ["loss", "count_so_far", "gradient.a", "gradient.x", "gradient.fixed"])
    #expect(results["loss"]?.floats == [531.5])
    #expect(results["gradient.a"]?.floats == [2.5, 42, 202])
    #expect(results["gradient.x"]?.floats == [0.5, -8, 6])
    #expect(results["gradient.fixed"]?.floats == [1, -2, 3])
    #expect(try program(Self.inputs, in: session)["count_so_far"]?.floats == [1])
    #expect(store["a"]?.floats == [1, -2, 3])
    // Another program's training is seen, and what it evaluates is the oracle's.
    try store.set(["b": HostTensor([3], [1, 1, 1] as [Float])])
    #expect(try program(Self.inputs)["gradient.x"]?.floats == [1, -2, 3])
    let graph = program.traced.graph
    let parameters = graph.parameters.map { value in
      let name = graph[value].name ?? ""
      return store[name] ?? Self.inputs[name] ?? HostTensor(graph.type(of: value), repeating: 0)
    }
    let expected = ReferenceEvaluator.evaluate(graph, parameters)
    let found = try program(Self.inputs)
    for (role, tensor) in zip(graph.resultRoles, expected) where role.updatedParameter == nil {
      #expect(found[role.name]?.isIdentical(to: tensor) == true, "\(role.name)")
    }
  }

  @Test func allTrainedWeightsWithoutAPattern() throws {
    let model = Pair()
    let program = try ParameterStore(model).gradients("all", Self.one) { io in
      Step(loss: model.step(io).loss + model.unused.tensor.detached().sum())
    }
    let results = try program(Self.inputs)
    #expect(Set(results.keys) == ["loss", "gradient.a", "gradient.b", "gradient.unused"])
    #expect(results["gradient.unused"]?.floats == [0])
  }

  @Test func layersTrainOrEvaluate() throws {
    let model = Pair()
    let store = try ParameterStore(model)
    func scale(_ isTraining: Bool) throws -> [Float]? {
      let program = try store.gradients("mode", with: ["a"], isTraining: isTraining, Self.one) { _ in
        Step(loss: (model.a.tensor * (Tensor.isTraining ? 3 : 5)).sum())
      }
      return try program()["gradient.a"]?.floats
    }
    #expect(try scale(true) == [3, 3, 3] && scale(false) == [5, 5, 5])
  }

  @Test func averagesMayBeRead() throws {
    let model = Pair()
    let store = try ParameterStore(model)
    let trainer = try Trainer(
      store, "train", training: "b", optimizer: .gradientDescent().averaging(0.5), learningRate: 1, Self.one
    ) { _ in Step(loss: model.b.tensor.sum()) }
    try trainer.step([:])
    let program = try store.gradients("averaged", with: ["x"], weights: .averaged, Self.one) { model.step($0) }
    #expect(try program(Self.inputs)["gradient.x"]?.floats == [0, -7, 4.5])
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let model = Pair()
    let store = try ParameterStore(model)
    let inputs = try #require(throws: InputError.self) {
      try store.gradients("wrong", with: ["n", "*.gain", "x"], Self.one) { model.step($0) }
    }
    #expect(
      "\(inputs)" == "nothing with a gradient is called 'n'; there are x, count, a, b, fixed\n"
        + "nothing with a gradient is called '*.gain'; there are x, count, a, b, fixed")
    let name = try #require(throws: NameError.self) {
      try store.gradients("taken", with: ["x"], Self.one) { io in
        Step(loss: io("x", []), metrics: [("gradient.x", io("y", []))])
      }
    }
    #expect(
      "\(name)" == "the name 'gradient.x' of a gradient is taken by a result, "
        + "made at TrainingTests/GradientProgramTests.swift:\(#line - 5)")
    let loss = try #require(throws: TypeError.self) { try store.gradients("v", Self.one) { Step(loss: $0("x", [2])) } }
    #expect("\(loss)".contains("the loss must be a floating-point scalar, got f32[2]"))
  }

  @Test func targetsOfGraphsAreChecked() throws {
    let model = Pair()
    let graph = try TracedModel(evaluating: "g", over: ParameterStore(model).paths) { .step(model.step($0)) }.graph
    func message(_ position: Int) -> String {
      do { _ = try graph.differentiated(targets: [position]) } catch { return "\(error)" }
      return ""
    }
    #expect(message(99) == "gradient.2: a target must be one of 6 parameters, got position 99")
    let n = try #require(graph.parameters.firstIndex { graph[$0].name == "n" })
    #expect(message(n) == "gradient.3: 'n' is i32[], which has no gradient")
  }
}
