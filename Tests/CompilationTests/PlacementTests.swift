import Compilation
import GraphIR
import KernelIR
import Operators
import TensorTypes
import TestSupport
import Testing

/// Where values are computed: in their part of a concatenation, transposed, moved; always with the reference's bits.
@Suite struct PlacementTests {
  private static let inner = DotAxes(leftInner: [1], rightInner: [0])

  private func graph(_ body: (GraphBuilder, [Graph.Value]) -> Graph.Value, _ shapes: [Shape]) -> (Graph, [HostTensor]) {
    let build = GraphBuilder(Graph(name: "placement"))
    let parameters = shapes.enumerated().map { index, shape in
      build.graph.addParameter(TensorType(.float32, shape), name: "p\(index)", role: .input)
    }
    build.graph.addResult(body(build, parameters), name: "y")
    let tensors = shapes.enumerated().map { index, shape in
      SampleTensors.tensor(TensorType(.float32, shape), .uniform(-1, 1), seed: UInt64(index))
    }
    return (build.graph, tensors)
  }

  private func launches(_ graph: Graph) throws -> Int {
    try Compiler.plan(graph, CompilerOptions(workerCount: 1)).schedule.stepCount
  }

  @Test func elementwiseAndProductPartsOfAConcatenationAreComputedInPlace() throws {
    let (graph, tensors) = graph(
      { build, p in
        let sine = build.emit1(.sine, build.emit1(.exponential, p[0]))
        let product = build.dot(p[0], p[1], Self.inner)
        let whole = build.emit(.concatenate, [sine, product], ["axis": .integer(1)])[0]
        return build.dot(whole, p[2], Self.inner)
      }, [[6, 8], [8, 5], [13, 4]])
    #expect(try launches(graph) == 3, "one kernel, two products, no copy")
    try ProgramCheck(graph, tensors, "concatenation").run(.few(0))
  }

  @Test func partBehindTranspositionAndUnitAxesIsComputedInPlace() throws {
    let (graph, tensors) = graph(
      { build, p in
        let product = build.transpose(build.dot(p[0], p[1], Self.inner), [1, 0])
        let part = build.reshape(product, to: [5, 1, 6])
        let other = build.reshape(build.emit1(.sine, p[2]), to: [5, 1, 6])
        let whole = build.emit(.concatenate, [part, other], ["axis": .integer(1)])[0]
        return build.dot(build.reshape(whole, to: [5, 12]), p[3], Self.inner)
      }, [[6, 8], [8, 5], [5, 6], [12, 3]])
    #expect(try launches(graph) == 3)
    try ProgramCheck(graph, tensors, "transposed part").run(.few(0))
  }

  @Test func operandThatOthersReadIsCopied() throws {
    let (graph, tensors) = graph(
      { build, p in
        let sine = build.emit1(.sine, build.emit1(.exponential, p[0]))
        let whole = build.emit(.concatenate, [sine, sine], ["axis": .integer(1)])[0]
        return build.add(build.dot(whole, p[1], Self.inner), sine)
      }, [[6, 4], [8, 4]])
    try ProgramCheck(graph, tensors, "read twice").run(.few(0))
  }

  @Test func productIsStoredTransposed() throws {
    let (graph, tensors) = graph(
      { build, p in
        let axes = DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [1])
        let mixed = build.dot(p[0], p[1], axes)
        let merged = build.reshape(build.transpose(mixed, [1, 0, 2]), to: [5, 12])
        return build.dot(merged, p[2], Self.inner)
      }, [[3, 5, 6], [3, 6, 4], [12, 7]])
    #expect(try launches(graph) == 2)
    try ProgramCheck(graph, tensors, "transposed").run(.few(0))
  }

  @Test func sumsOfPaddedTensorsAreConcatenations() throws {
    let (graph, tensors) = graph(
      { build, p in
        func pad(_ value: Graph.Value, _ before: Int, _ after: Int) -> Graph.Value {
          build.emit(
            .pad, [value], ["axis": .integer(1), "before": .integer(before), "after": .integer(after)])[0]
        }
        let (a, b, c) = (build.emit1(.sine, p[0]), build.emit1(.cosine, p[1]), build.emit1(.negate, p[2]))
        return build.add(build.add(pad(a, 0, 5), pad(b, 2, 3)), pad(c, 4, 0))
      }, [[3, 2], [3, 2], [3, 3]])
    let plan = try Compiler.plan(graph, CompilerOptions(workerCount: 1))
    #expect(plan.graph.operations.contains { $0.name == "concatenate" && $0.operands.count == 3 })
    #expect(!plan.graph.operations.contains { $0.name == "pad" || $0.name == "add" })
    try ProgramCheck(graph, tensors, "padded").run(.few(0))
  }

  @Test func movedProductsOfElementsNeedNoKernelOfTheirOwn() throws {
    let (graph, tensors) = graph(
      { build, p in
        let product = build.multiply(p[0], p[1])
        func half(_ start: Int) -> Graph.Value {
          build.emit(
            .slice, [product], ["axis": .integer(1), "start": .integer(start), "end": .integer(start + 4)])[0]
        }
        let rotated = build.emit(
          .concatenate, [half(4), build.emit1(.negate, half(0))], ["axis": .integer(1)])[0]
        return build.add(p[0], rotated)
      }, [[5, 8], [5, 8]])
    #expect(try launches(graph) == 1)
    try ProgramCheck(graph, tensors, "rotated").run(.few(0))
  }

  @Test func sumsOverLeadingAxesKeepTheirLanes() throws {
    for shape: Shape in [[100, 70], [33, 3, 65], [7, 200]] {
      let (graph, tensors) = graph(
        { build, p in
          let sum = build.emit(.sum, [build.multiply(p[0], p[1])], ["axes": .integers([0])])[0]
          return build.emit1(.sine, sum)
        }, [shape, shape])
      try ProgramCheck(graph, tensors, "sum over rows of \(shape)").run(.few(0))
    }
  }

  @Test func groupsThatFeedOneOperationComeTogether() throws {
    let (graph, tensors) = graph(
      { build, p in
        let first = build.multiply(p[0], p[0])
        let second = build.multiply(p[1], p[1])
        return build.divide(first, build.emit1(.exponential, second))
      }, [[40, 9], [40, 9]])
    #expect(try launches(graph) == 1)
    try ProgramCheck(graph, tensors, "joined").run(.few(0))
  }
}
