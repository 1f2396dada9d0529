import GraphIR
import Operators
import TensorTypes
import TestSupport
import Testing

/// Defects that random programs showed, each in its smallest form.
@Suite struct DefectTests {
  /// Kernels that write 0 and -0 were taken for the same kernel, since 0 equals -0 as a number.
  @Test func constantsOfZeroAndMinusZeroKeepTheirSigns() throws {
    let build = GraphBuilder(Graph(name: "zeros"))
    let type = TensorType(.float32, [5])
    build.graph.addResult(build.constant(-0.0, type), name: "minus")
    build.graph.addResult(build.constant(0.0, type), name: "plus")
    try ProgramCheck(build.graph, [], "zeros").run(.few(0))
  }

  /// A step index that a kernel read had no place in memory.
  @Test func stepIndexIsReadByKernels() throws {
    let build = GraphBuilder(Graph(name: "steps"))
    let type = TensorType(.float32, [3])
    let start = build.graph.addParameter(type, name: "start", role: .input)
    let region = build.graph.addRegion()
    let step = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carry = build.graph.addParameter(type, to: region)
    build.inside(region) {
      let number = build.broadcast(build.convert(step, to: .float32), to: type.shape, axes: [])
      build.graph[region].results = [build.emit1(.sine, build.add(carry, number))]
    }
    let final = build.emit(.repeat, [start], ["count": .integer(4), "carries": .integer(1)], regions: [region])[0]
    build.graph.addResult(final, name: "final")
    try ProgramCheck(build.graph, [SampleTensors.tensor(type, .uniform(-1, 1), seed: 3)], "steps").run(.few(0))
  }

  /// A product was added to its own factor in the factor's place, which it still had to read.
  @Test(arguments: [true, false], [[48, 48], [3, 48, 48]])
  func productsAreNotWrittenOverTheirFactors(_ isLeft: Bool, _ extents: [Int]) throws {
    let build = GraphBuilder(Graph(name: "residual"))
    let type = TensorType(.float32, Shape(extents))
    let parameters = ["x", "w"].map { build.graph.addParameter(type, name: $0, role: .input) }
    let batch = Array(0..<extents.count - 2)
    let axes = DotAxes(
      leftBatch: batch, rightBatch: batch, leftInner: [extents.count - 1], rightInner: [extents.count - 2])
    let x = build.emit1(.sigmoid, parameters[0])
    let product = isLeft ? build.dot(x, parameters[1], axes) : build.dot(parameters[1], x, axes)
    build.graph.addResult(build.add(x, product), name: "y")
    let tensors = (0..<2).map { SampleTensors.tensor(type, .uniform(-1, 1), seed: UInt64($0)) }
    try ProgramCheck(build.graph, tensors, "residual").run(.few(0))
  }

  /// Rows were added to a table in its own place, which held the rows that were still to be added.
  @Test func rowsAreNotAddedOverThemselves() throws {
    let build = GraphBuilder(Graph(name: "scatter"))
    let type = TensorType(.float32, [6, 4])
    let x = build.graph.addParameter(type, name: "x", role: .input)
    let rows = build.graph.addParameter(TensorType(.int32, [6]), name: "rows", role: .input)
    let table = build.emit1(.sigmoid, x)
    build.graph.addResult(build.emit1(.scatterAdd, table, rows, table), name: "y")
    let tensors = [
      SampleTensors.tensor(type, .uniform(-1, 1), seed: 1), HostTensor([6], .int32([1, 2, 3, 4, 5, 0])),
    ]
    try ProgramCheck(build.graph, tensors, "scatter").run(.few(0))
  }
}
