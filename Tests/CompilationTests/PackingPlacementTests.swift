import Compilation
import Differentiation
import GraphIR
import Modeling
import Operators
import Scheduling
import TensorTypes
import TestSupport
import Testing

import struct KernelIR.StreamLimits

/// Weights are packed once, whatever the depth of a recursion; what changes is packed where it changes.
@Suite struct PackingPlacementTests {
  /// Two levels of recursion over one weight, with a product before them; or the weight itself changes in the outer one.
  private struct Nested: Model {
    let weight = Weight([24, 24], .normal(standardDeviation: 0.2))
    let changes: Bool

    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", ["B": 40, "D": 24])
      let first = sigmoid(linear(x, weight.tensor))
      let (h, _) = recur(3, carrying: (first, weight.tensor)) { h, w in
        let inner = recur(2, carrying: h) { h in sigmoid(linear(h, changes ? w : weight.tensor)) + x }
        return (inner, w * 0.5)
      }
      return Step(loss: h.sum())
    }
  }

  /// Depth and number of operands of every packing.
  private static func packings(_ model: Nested) throws -> [[Int]] {
    try packings(model.traced(name: "nested").graph)
  }

  private static func packings(
    _ graph: Graph, _ streams: StreamLimits? = ProgramCheck.smallestStreams
  ) throws -> [[Int]] {
    let options = CompilerOptions(workerCount: 2, target: .generated.streaming(streams))
    let schedule = try Compiler.plan(graph, options).schedule
    var depth = 0
    return schedule.steps.compactMap { step in
      switch step {
      case .call(let call):
        guard case .packing(let operands) = schedule.functions[call.function] else { return nil }
        return [depth, operands.products.count]
      case .loopBegin: depth += 1
      case .loopEnd: depth -= 1
      case .copy, .storeIteration: break
      }
      return nil
    }
  }

  @Test func weightsArePackedBeforeAllLoops() throws {
    #expect(try Self.packings(Nested(changes: false)) == [[0, 1]], "for the first product and for all loops")
  }

  @Test func whatChangesInALoopIsPackedInIt() throws {
    #expect(try Self.packings(Nested(changes: true)) == [[0, 1], [1, 1]])
  }

  /// Products of few rows in a loop, no groups: weights, the second of which changes in every iteration.
  private struct FewRows: Model {
    let (first, second): (Weight, Weight)
    let changes: Bool

    init(changes: Bool) {
      first = Weight([32, 64], .normal(standardDeviation: 0.2))
      second = Weight([64, 32], .normal(standardDeviation: 0.2))
      self.changes = changes
    }

    func step(_ inputs: Inputs) -> Step {
      let (h, _) = recur(3, carrying: (inputs("x", ["B": 40, "D": 32]), second.tensor)) { h, w in
        let next = tanh(matmul(sigmoid(matmul(h, first.tensor)), changes ? w : second.tensor))
        return (next + h, w * 0.5)
      }
      return Step(loss: h.sum())
    }
  }

  /// What a loop does not change is packed before it, for products on their own as well; where it changes they pack it.
  @Test(arguments: [false, true]) func productsOfFewRowsReadPanels(_ changes: Bool) throws {
    let traced = try FewRows(changes: changes).traced(name: "few rows")
    #expect(try Self.packings(traced.graph, StreamLimits()) == [[0, changes ? 1 : 2]])
    #expect(try Self.packings(traced.graph, nil).isEmpty)
    let tensors = traced.graph.parameters.enumerated().map { index, value in
      SampleTensors.tensor(traced.graph.type(of: value), .uniform(-1, 1), seed: UInt64(index))
    }
    try ProgramCheck(traced.graph, tensors, "few rows").run(.few(0))
    try ProgramCheck(traced.graph.withGradients(), tensors, "gradient of few rows").run(.few(1))
  }

  /// Two products with one weight, and between them another one with so many elements.
  private static func distant(_ extent: Int) -> (Graph, [HostTensor]) {
    let build = GraphBuilder(Graph(name: "distant"))
    let types = [[40, 24], [24, 24], [extent, 8], [8, extent]].map { TensorType(.float32, Shape($0)) }
    let p = zip(["x", "w", "a", "b"], types).map { build.graph.addParameter($1, name: $0, role: .input) }
    let inner = DotAxes(leftInner: [1], rightInner: [0])
    func total(_ left: Graph.Value, _ right: Graph.Value) -> Graph.Value {
      build.sum(build.emit1(.sigmoid, build.dot(left, right, inner)), [0, 1])
    }
    func scaled(by number: Graph.Value, _ value: Graph.Value) -> Graph.Value {
      build.multiply(value, build.broadcast(number, to: build.type(of: value).shape, axes: []))
    }
    let between = total(scaled(by: total(build.emit1(.sine, p[0]), p[1]), p[2]), p[3])
    build.graph.addResult(total(scaled(by: between, p[0]), p[1]), name: "y")
    let tensors = types.enumerated().map { SampleTensors.tensor($1, .uniform(-1, 1), seed: UInt64($0)) }
    return (build.graph, tensors)
  }

  /// Panels stay from one product to the next unless they would lie there when memory is highest.
  @Test func panelsAreKeptWhereTheyDoNotRaiseThePeak() throws {
    let (near, far) = (try Self.packings(Self.distant(16).0), try Self.packings(Self.distant(400).0))
    #expect(near == [[0, 1]])
    #expect(far == [[0, 1], [0, 1], [0, 1]])
    for extent in [16, 400] {
      let (graph, tensors) = Self.distant(extent)
      try ProgramCheck(graph, tensors, "distant").run(.few(0))
    }
  }

  @Test(arguments: [false, true]) func packedOperandsGiveTheReferencesBits(_ changes: Bool) throws {
    let traced = try Nested(changes: changes).traced(name: "nested")
    let tensors = traced.graph.parameters.enumerated().map { index, value in
      SampleTensors.tensor(traced.graph.type(of: value), .uniform(-1, 1), seed: UInt64(index))
    }
    try ProgramCheck(traced.graph, tensors, "nested").run(.few(0))
    try ProgramCheck(traced.graph.withGradients(), tensors, "gradient of nested").run(.few(1))
  }
}
