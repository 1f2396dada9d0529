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

  /// Rows of several axes, of which blocks and shares begin anywhere; what is no number, in both precisions.
  @Test(arguments: [[3, 2, 9], [3, 33, 70], [5, 4, 8], [2, 3, 5, 65]], [ElementType.float32, .float64])
  func reductionsBetweenAxes(_ extents: [Int], _ type: ElementType) throws {
    let (shape, axis) = (Shape(extents), extents.count - 2)
    var graph = Graph(name: "between")
    let x = graph.addParameter(TensorType(type, shape), name: "x", role: .input)
    let build = GraphBuilder(graph)
    build.graph.addResult(build.sum(x, [axis]), name: "sum")
    build.graph.addResult(build.largest(x, [axis]), name: "largest")
    build.graph.addResult(build.largest(build.negate(x), [axis]), name: "smallest")
    var numbers = (0..<shape.elementCount).map { Double(($0 &* 40_503) % 1009) / 64 - 8 }
    (numbers[0], numbers[1], numbers[2], numbers[3]) = (.nan, -.nan, -0.0, -.infinity)
    let input = HostTensor(shape, .float64(numbers)).converted(to: type)
    let expected = ReferenceEvaluator.evaluate(build.graph, [input])
    for workers in [1, 2, 3, 7] {
      let program = try Compiler.compile(build.graph, CompilerOptions(workerCount: workers))
      try program.set("x", input)
      try program.run()
      for index in expected.indices {
        #expect(
          try program.result(at: index).isIdentical(to: expected[index]), "\(extents), \(workers), result \(index)")
      }
    }
  }
}
