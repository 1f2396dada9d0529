import Compilation
import Differentiation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import TestSupport
import Testing

/// Tensors without elements are allowed wherever an operator does not need one.
@Suite struct ZeroExtentTests {
  /// Every sample with each of its extents, and with all of them, set to zero: type, evaluation, code and gradient.
  @Test(arguments: SampleCase.all) func samplesWithoutElements(_ sample: SampleCase) throws {
    let builder = GraphBuilder(Graph(name: "empty"))
    var (results, losses, operands): ([Graph.Value], [Graph.Value], [HostTensor]) = ([], [], [])
    for (number, variant) in sample.zeroVariants.enumerated() {
      // Variants that the type rule refuses leave parameters that nothing reads.
      let found = try? sample.apply(builder, variant.types, variant.attributes, prefix: "v\(number)")
      operands += zip(variant.types, sample.sample.domains).map { SampleTensors.tensor($0, $1, seed: 5) }
      guard let found else { continue }
      results += found
      if let loss = SampleCase.weightedSum(found[0], builder) { losses.append(builder.convert(loss, to: .float64)) }
    }
    if let first = losses.first {
      builder.graph.addResult(losses.dropFirst().reduce(first) { builder.add($0, $1) }, name: "loss")
    }
    for result in results { builder.graph.addResult(result, name: "result") }
    let graph = losses.isEmpty ? builder.graph : try builder.graph.withGradients()
    #expect(graph.allViolations().isEmpty)
    // Where an axis has become shorter, so have the positions on it.
    for need in graph.integerNeeds() where need.firstViolation(in: operands[need.parameter].integers) != nil {
      operands[need.parameter] = HostTensor(operands[need.parameter].type, repeating: 0)
    }
    let evaluated = ReferenceEvaluator.evaluate(graph, operands)
    #expect(evaluated.map(\.type) == graph.results.map { graph.type(of: $0) })
    for fuses in [true, false] {
      let program = try Compiler.compile(graph, CompilerOptions(workerCount: 2, fuses: fuses))
      try program.expect(graph, operands, "\(sample)")
    }
  }

  @Test func sumsOfNothingAreMinusZero() throws {
    let (x, y) = (TensorType(.float32, [2, 0]), TensorType(.float32, [0, 3]))
    let zeros = HostTensor([2], [Float](repeating: -0.0, count: 2))
    #expect(try value(.sum, [x], ["axes": .integers([1])]).isIdentical(to: zeros))
    let product = try value(.dot, [x, y], DotAxes(leftInner: [1], rightInner: [0]).attributes)
    #expect(product.isIdentical(to: HostTensor([2, 3], [Float](repeating: -0.0, count: 6))))
  }

  /// What needs an element says so.
  @Test func nothingHasNoMaximum() throws {
    let empty = TensorType(.float32, [2, 0])
    expect("reduce_maximum.3: axis 1 of f32[2, 0] has no elements") {
      try value(.reduceMaximum, [empty], ["axes": .integers([1])])
    }
    expect("argument_of_maximum.3: axis 1 of f32[2, 0] has no elements") {
      try value(.argumentOfMaximum, [empty], ["axis": .integer(1)])
    }
    expect("argument_sort.4: needs a number from 1 to 0, the elements of a row of f32[2, 0], got 1") {
      try value(.argumentSort, [empty], ["descending": .flag(true), "length": .integer(1)])
    }
    expect("cross_entropy.3: needs at least one class, got f32[2, 0]") {
      try value(.crossEntropy, [empty, TensorType(.int32, [2])])
    }
    expect("gather.2: f32[0, 2] has no rows for the numbers i32[1]") {
      try value(.gather, [TensorType(.float32, [0, 2]), TensorType(.int32, [1])])
    }
    expect("scatter_add.3: f32[0, 2] has no rows for the numbers i32[1]") {
      let types = [TensorType(.float32, [0, 2]), TensorType(.int32, [1]), TensorType(.float32, [1, 2])]
      return try value(.scatterAdd, types)
    }
  }

  /// The joining of the paddings of two empty slices once recursed for ever.
  @Test func emptySlicesAreConcatenatedWithGradient() throws {
    let build = GraphBuilder(Graph(name: "slices"))
    let x = build.graph.addParameter(TensorType(.float32, [4]), name: "x", role: .weight)
    let slices = (0..<2).map { _ in
      build.emit(.slice, [x], ["axis": .integer(0), "start": .integer(2), "end": .integer(2)])[0]
    }
    let joined = build.emit(.concatenate, slices, ["axis": .integer(0)])[0]
    let loss = build.add(build.sum(joined, [0]), build.sum(x, [0]))
    build.graph.addResult(loss, name: "loss")
    let graph = try build.graph.withGradients()
    let operands = [HostTensor([4], [Float](arrayLiteral: 1, 2, 3, 4))]
    #expect(ReferenceEvaluator.evaluate(graph, operands).map(\.doubles) == [[10], [1, 1, 1, 1]])
    try Compiler.compile(graph, CompilerOptions(workerCount: 2)).expect(graph, operands, "slices")
  }

  /// A loop whose carry has no elements, with stacks of nothing.
  @Test(arguments: [GradientMode.full, .last(2), .none, .checkpointed(every: 2), .revolve(slots: 1)])
  func loopsCarryNothing(_ mode: GradientMode) throws {
    let build = GraphBuilder(Graph(name: "loop"))
    let type = TensorType(.float32, [2, 0])
    let start = build.graph.addParameter(type, name: "start", role: .weight)
    let weight = build.graph.addParameter(TensorType(.float32, [2]), name: "weight", role: .weight)
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carry = build.graph.addParameter(type, to: region)
    build.inside(region) {
      let next = build.emit1(.sine, build.add(carry, build.restore(weight, [1], to: type.shape)))
      build.graph[region].results = [next, next]
    }
    var attributes: Attributes = ["count": .integer(3), "carries": .integer(1)]
    for (name, value) in mode.attributes { attributes[name] = value }
    let results = build.emit(.repeat, [start], attributes, regions: [region])
    build.graph.addResult(build.sum(results[0], [0, 1]), name: "loss")
    for result in results { build.graph.addResult(result, name: "result") }
    let graph = try build.graph.withGradients()
    let operands = [HostTensor(type, repeating: 0), HostTensor([2], [Float](arrayLiteral: 1, 2))]
    try Compiler.compile(graph, CompilerOptions(workerCount: 2)).expect(graph, operands, "loop")
  }

  /// Layers of a network on a batch of nothing: no loss, and gradients that add nothing to weights.
  @Test func networksTakeEmptyBatches() throws {
    let build = GraphBuilder(Graph(name: "network"))
    func add(_ name: String, _ shape: Shape, _ type: ElementType = .float32) -> Graph.Value {
      let role: ParameterRole = type == .int32 ? .input : .weight
      return build.graph.addParameter(TensorType(type, shape), name: name, role: role)
    }
    let (tokens, labels) = (add("tokens", [0, 6], .int32), add("labels", [0, 6], .int32))
    let (table, weight) = (add("table", [5, 8]), add("weight", [8, 8]))
    let x = build.emit(
      .rootMeanSquareNormalize, [build.emit1(.gather, table, tokens)], ["epsilon": .number(0.125)])[0]
    let key = build.dot(x, weight, DotAxes(leftInner: [2], rightInner: [1]))
    let scores = build.dot(x, key, DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [2]))
    let mixed = build.dot(
      build.emit1(.softmax, scores), x, DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [1]))
    let losses = build.emit1(.crossEntropy, build.add(mixed, x), labels)
    build.graph.addResult(build.sum(losses, [0, 1]), name: "loss")
    let graph = try build.graph.withGradients()
    let operands = graph.parameters.map { HostTensor(graph.type(of: $0), repeating: 1) }
    let results = ReferenceEvaluator.evaluate(graph, operands)
    #expect(results.allSatisfy { $0.doubles.allSatisfy { $0 == 0 } })
    for workerCount in [1, 3] {
      try Compiler.compile(graph, CompilerOptions(workerCount: workerCount)).expect(graph, operands, "network")
    }
  }

  private func value(_ used: Operator, _ types: [TensorType], _ attributes: Attributes = [:]) throws -> HostTensor {
    let build = GraphBuilder(Graph(name: "empty"))
    let operands = types.enumerated().map { build.graph.addParameter($1, name: "x\($0)", role: .input) }
    build.graph.addResult(try build.apply(used, operands, attributes)[0], name: "result")
    let tensors = types.map { HostTensor($0, repeating: 1) }
    try Compiler.compile(build.graph, CompilerOptions(workerCount: 1)).expect(build.graph, tensors, used.name)
    return ReferenceEvaluator.evaluate(build.graph, tensors)[0]
  }

  private func expect(_ message: String, _ body: () throws -> HostTensor) {
    do {
      _ = try body()
      Issue.record("no error; expected '\(message)'")
    } catch { #expect("\(error)" == message) }
  }
}

extension SampleCase {
  /// The sample with one of its extents set to zero wherever it stands, for each extent; last with all of them.
  fileprivate var zeroVariants: [(types: [TensorType], attributes: Attributes)] {
    var extents = Set(sample.operands.flatMap(\.shape.extents))
    if case .integers(let shape)? = sample.attributes["shape"] { extents.formUnion(shape) }
    let sets = extents.sorted().map { Set([$0]) }
    return (sets + [extents]).map { zeros in
      func emptied(_ extents: [Int]) -> [Int] { extents.map { zeros.contains($0) ? 0 : $0 } }
      var attributes = sample.attributes
      if case .integers(let shape)? = attributes["shape"] { attributes["shape"] = .integers(emptied(shape)) }
      return (sample.operands.map { $0.with(Shape(emptied($0.shape.extents))) }, attributes)
    }
  }
}
