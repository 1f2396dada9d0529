import Recurve
import Testing

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

  /// With many axes, too, they must pair.
  @Test func manyAxesMustPair() {
    let message = DraftedModel.message {
      dot($0("a", [2, 3, 2, 2, 2, 2, 2]), $0("b", [3, 2]), DotAxes(leftInner: [0, 1], rightInner: [0, 1]))
    }
    #expect(message.contains("dot.2"), "\(message)")
  }
}
