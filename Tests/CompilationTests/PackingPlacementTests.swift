import Compilation
import Differentiation
import Modeling
import Scheduling
import TensorTypes
import TestSupport
import Testing

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
    let graph = try model.traced(name: "nested").graph
    let options = CompilerOptions(workerCount: 2, streams: ProgramCheck.smallestStreams)
    let schedule = try Compiler.plan(graph, options).schedule
    var depth = 0
    return schedule.steps.compactMap { step in
      switch step {
      case .call(let call):
        guard case .packing(let operands) = schedule.functions[call.function] else { return nil }
        return [depth, operands.parts.count]
      case .loopBegin: depth += 1
      case .loopEnd: depth -= 1
      case .copy, .storeIteration: break
      }
      return nil
    }
  }

  @Test func weightsArePackedBeforeAllLoops() throws {
    #expect(
      try Self.packings(Nested(changes: false)) == [[0, 1], [0, 1]], "for the first product, and for all loops")
  }

  @Test func whatChangesInALoopIsPackedInIt() throws {
    #expect(try Self.packings(Nested(changes: true)) == [[0, 1], [1, 1]])
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
