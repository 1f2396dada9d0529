import Recurve
import Testing

@testable import Modeling

/// Leading axes of a matrix product are repeated as NumPy does.
@Suite struct MatrixProductTests {
  private static let shapes: [(Shape, Shape)] = [
    ([2, 3], [3, 2]), ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]), ([4, 1, 2, 3], [5, 3, 2]), ([4, 5, 2, 3], [5, 3, 2]),
    ([5, 2, 3], [4, 1, 3, 2]), ([1, 2, 3], [4, 3, 2]), ([1, 2, 3], [1, 3, 2]), ([4, 2, 3], [1, 3, 2]),
    ([2, 1, 3, 2, 3], [4, 1, 3, 2]), ([0, 2, 3], [3, 2]), ([1, 2, 3], [0, 3, 2]),
  ]

  /// The same as with the repetition written out, element by element.
  @Test(arguments: shapes.indices) func batches(_ index: Int) throws {
    let (left, right) = Self.shapes[index]
    let numbers = (0..<(left.elementCount + right.elementCount)).map { Float(($0 * 7) % 11) - 5 }
    func function(_ product: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> TensorFunction {
      TensorFunction(numbers) { x in
        product(x[..<left.elementCount].reshaped(to: left), x[left.elementCount...].reshaped(to: right))
      }
    }
    let product = function { matmul($0, $1) }
    let plain = function { a, b in
      (a.expanded(at: -1) * b.expanded(at: -3)).sum(axis: -2)
    }
    #expect(try product.value() == plain.value())
    #expect(try product.gradient() == plain.gradient())
    #expect(try product.gradientError() < 1e-6)
  }

  /// Equal batch axes are one product without movement, as before.
  @Test func weightsAreNotRepeated() throws {
    func operations(_ left: Shape, _ right: Shape) throws -> [String] {
      let graph = try DraftedModel { matmul($0("a", left), $0("b", right)) }.traced(name: "product").graph
      return graph[Graph.body].operations.map { graph[$0].name }
    }
    #expect(try operations([4, 2, 3], [4, 3, 2]) == ["dot", "sum"])
    #expect(try operations([4, 5, 2, 3], [3, 2]) == ["dot", "sum"])
    #expect(try operations([2, 3], [4, 3, 2]) == ["dot", "transpose", "sum"])
  }

  /// Axes of the tensors that meet, the shapes of both, and what computes it.
  private static let vectors: [(DotAxes, Shape, Shape, [String])] = [
    (DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [1]), [2, 3, 5], [2, 5], []),
    (DotAxes(leftBatch: [1], rightBatch: [0], leftInner: [0], rightInner: [2]), [5, 2], [2, 3, 5], []),
    (DotAxes(leftBatch: [0, 1], rightBatch: [1, 0], leftInner: [2], rightInner: [2]), [2, 3, 70], [3, 2, 70], []),
    (DotAxes(leftBatch: [0], rightBatch: [1], leftInner: [1, 2], rightInner: [0, 2]), [2, 3, 2], [3, 2, 2], []),
    (DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [], rightInner: []), [2, 3, 2], [2, 4], []),
    (DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [], rightInner: []), [2], [2], []),
    (DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [1], rightInner: [1]), [2, 0], [2, 0, 3], []),
    (DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [2]), [2, 3, 5], [2, 1, 5], ["dot"]),
    (DotAxes(leftInner: [1], rightInner: [0]), [3, 5], [5], ["dot"]),
  ]

  /// The same as the operator's, up to the order of sums; with a row of extent 1 it stays the operator, as with more rows.
  @Test(arguments: vectors.indices) func matricesTimesVectors(_ index: Int) throws {
    let (axes, left, right, operators) = Self.vectors[index]
    let numbers = (0..<(left.elementCount + right.elementCount)).map { Float(($0 * 7) % 11) - 5 }
    func function(_ product: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> TensorFunction {
      TensorFunction(numbers) { x in
        product(x[..<left.elementCount].reshaped(to: left), x[left.elementCount...].reshaped(to: right))
      }
    }
    let product = function { dot($0, $1, axes) }
    let plain = function { Tensor.apply(.dot, [$0, $1], axes.attributes) }
    #expect(try product.value() == plain.value())
    #expect(try product.gradient() == plain.gradient())
    #expect(try product.gradientError() < 1e-6)
    let graph = try DraftedModel { dot($0("a", left), $0("b", right), axes) }.traced(name: "product").graph
    #expect(graph[Graph.body].operations.map { graph[$0].name }.filter { $0 == "dot" } == operators)
  }

  @Test func matricesTimesVectorsKeepTheNamesOfAxes() throws {
    let axes = DotAxes(leftBatch: [0], rightBatch: [1], leftInner: [1], rightInner: [2])
    let product = DraftedModel { dot($0("a", ["B": 2, "k": 3]), $0("b", ["v": 4, "B": 2, "k": 3]), axes) }
    #expect("\(try product.traced(name: "product").graph)".contains("f32[B=2, v=4]"))
  }

  /// With many axes, too, they must pair.
  @Test func manyAxesMustPair() {
    let message = DraftedModel.message {
      dot($0("a", [2, 3, 2, 2, 2, 2, 2]), $0("b", [3, 2]), DotAxes(leftInner: [0, 1], rightInner: [0, 1]))
    }
    #expect(message.contains("dot.2"), "\(message)")
  }
}
