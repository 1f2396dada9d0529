import Compilation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import Testing

/// Sums and maxima over leading axes equal the reference evaluation bit for bit, whatever the extents.
@Suite struct ColumnReductionTests {
  @Test(arguments: [(1, 8), (3, 9), (4, 70), (31, 16), (33, 65), (200, 130)])
  func reductionsOverLeadingAxes(_ count: Int, _ width: Int) throws {
    var graph = Graph(name: "columns")
    let x = graph.addParameter(TensorType(.float32, Shape([count, width])), name: "x", role: .input)
    let build = GraphBuilder(graph)
    build.graph.addResult(build.sum(x, [0]), name: "sum")
    build.graph.addResult(build.largest(x, [0]), name: "largest")
    var numbers = (0..<count * width).map { Float(($0 &* 40_503) % 1009) / 64 - 8 }
    numbers[0] = -0.0
    numbers[width - 1] = .infinity
    let input = HostTensor(Shape([count, width]), numbers)
    let expected = ReferenceEvaluator.evaluate(build.graph, [input])
    for workers in [1, 2] {
      let program = try Compiler.compile(build.graph, CompilerOptions(workerCount: workers))
      try program.set("x", input)
      try program.run()
      for index in expected.indices {
        #expect(try program.result(at: index).isIdentical(to: expected[index]), "\(count) x \(width), result \(index)")
      }
    }
  }
}
