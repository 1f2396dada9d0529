import Recurve
import Testing

/// Operators that a package adds.
@Suite struct ComposedOperatorTests {
  static let softsign: Operator = .composed("test_softsign", "x / (1 + |x|)", operands: 1) { x in
    [x[0] / (1 + abs(x[0]))]
  }
  static let walk: Operator = .composed("test_walk", "three steps", operands: 2) { x in
    [recur(3, carrying: x[0]) { h in sin(h) + x[1] }]
  }

  struct Using: Model {
    let w = Weight([3], .values([-2, 0.5, 3]))
    let used: Operator
    func step(_ inputs: Inputs) -> Step {
      let operands = used.name == "test_walk" ? [w.tensor, w.tensor * 2] : [w.tensor]
      return Step(loss: apply(used, operands).sum())
    }
  }

  @Test func aRegisteredOperatorIsTracedDifferentiatedAndCompiled() throws {
    try OperatorTable.register(Self.softsign)
    try OperatorTable.register(Self.softsign)
    let trainer = try Trainer(Using(used: Self.softsign), optimizer: .gradientDescent(), learningRate: 1)
    #expect(trainer.traced.graph.description.contains("= test_softsign %w : f32[3]"))
    let loss = try trainer.step([:])["loss"]
    #expect(loss?.floats == [Float(-2) / 3 + Float(0.5) / 1.5 + Float(3) / 4])
    let expected: [Float] = [-2 - 1 / 9, 0.5 - 1 / 2.25, 3 - 1 / 16]
    for (found, needed) in zip(try #require(trainer.weights["w"]).floats, expected) {
      #expect(abs(found - needed) < 1e-6)
    }
  }

  @Test func loopsMayBeInside() throws {
    try OperatorTable.register(Self.walk)
    let traced = try Using(used: Self.walk).traced(name: "walk")
    let program = try Compiler.compile(try traced.graph.differentiated().graph, CompilerOptions(workerCount: 1))
    try program.set("w", HostTensor([3], [Float(-2), 0.5, 3]))
    try program.run()
    let loss = try program.result("loss").floats[0]
    var sum: Float = 0
    for w in [Float(-2), 0.5, 3] {
      var h = Double(w)
      for _ in 0..<3 { h = sine(h) + Double(w) * 2 }
      sum += Float(h)
    }
    #expect(abs(loss - sum) < 1e-5)
  }

  private func sine(_ x: Double) -> Double {
    // A series is enough for a test without the C library.
    var (term, sum) = (x, x)
    for k in 1..<30 {
      term *= -x * x / Double((2 * k) * (2 * k + 1))
      sum += term
    }
    return sum
  }

  @Test func namesAreTakenOnce() {
    let other = Operator.composed("add", "another sum", operands: 1) { x in [x[0]] }
    #expect(throws: OperatorTableError(name: "add", problem: .isTaken)) { try OperatorTable.register(other) }
    #expect(throws: OperatorTableError(name: "no word", problem: .isNoWord)) {
      try OperatorTable.register(.composed("no word", "", operands: 1) { $0 })
    }
    #expect(throws: OperatorTableError(name: "repeat", problem: .isStructural)) { try OperatorTable.register(.repeat) }
    #expect(DraftedModel.message { apply(other, [$0("x", [2])]) }.contains("another operator is called 'add'"))
    let unknown = Operator.composed("test_unknown", "", operands: 1) { $0 }
    #expect(
      DraftedModel.message { apply(unknown, [$0("x", [2])]) }.contains("operator 'test_unknown' is not registered"))
  }

  /// A rule that nothing asks would be silently ignored.
  @Test func rulesFitWhatTheOperatorIs() {
    let type: Operator.TypeRule = { $0.operands }
    func problem(_ gradient: GradientRule, _ semantics: Semantics, _ integers: IntegerRule = .free) -> String {
      let used = Operator(
        name: "test_unfit", summary: "", kind: .elementwise, type: type, gradient: gradient, semantics: semantics,
        integers: integers, samples: [])
      do { try OperatorTable.register(used) } catch { return "\(error)" }
      return "registered"
    }
    let primitive = Semantics.primitive(
      evaluate: { $0.operands }, lower: { _ in .view }, export: { $0.operands })
    let composite = Semantics.composite { _, operands, _ in operands }
    #expect(problem(.decomposed, primitive).contains("is a primitive: its gradient is a rule or none"))
    #expect(problem(.structural, primitive).contains("is a loop or a checkpoint"))
    #expect(problem(.decomposed, composite, .moved).contains("its rule for integers cannot be 'moved'"))
  }

  @Test func mistakesInsideAreToldWhereItIsUsed() throws {
    let wrong = Operator.composed("test_wrong", "", operands: 1) { x in [x[0] + .constant(1, [5]), x[0]] }
    try OperatorTable.register(wrong)
    let text = DraftedModel.message { apply(wrong, [$0("x", [2])]) }
    let place = "ModelingTests/ComposedOperatorTests.swift:"
    #expect(
      text.hasPrefix("\(place)\(#line - 2): test_wrong.1: \(place)\(#line - 4): add.1: operands must have one shape"))
    #expect(
      DraftedModel.message { apply(wrong, [$0("x", [2]), $0("y", [2])]) }.contains(
        "test_wrong.0: needs 1 operands, got 2"))
    let valued = Operator.composed("test_valued", "", operands: 1) { x in [x[0] + .values([1, 2] as [Float], [2])] }
    try OperatorTable.register(valued)
    #expect(
      DraftedModel.message { apply(valued, [$0("x", [2])]) }.contains(
        "numbers of an operator's own are made by 'Tensor.constant', got values f32[2]; or make them an operand"))
    let asking = Operator.composed("test_asking", "", operands: 1) { x in [Tensor.isTraining ? x[0] * 2 : x[0]] }
    try OperatorTable.register(asking)
    #expect(
      DraftedModel.message { apply(asking, [$0("x", [2])]) }.contains(
        "an operator cannot ask whether the program trains: it would not be told"))
    let empty = Operator.composed("test_empty", "", operands: 1) { _ in [] }
    try OperatorTable.register(empty)
    #expect(DraftedModel.message { apply(empty, [$0("x", [2])]) }.contains("it returns no tensor"))
  }
}
