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
}
