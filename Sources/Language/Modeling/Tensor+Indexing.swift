import GraphIR
import Operators
import TensorTypes

/// Rows of a table by number: `[V, rest], i32[...] -> [..., rest]`.
public func gather(
  _ table: Tensor, _ numbers: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let guess = table.type.with(Shape(numbers.shape.extents + table.shape.extents.dropFirst()))
    return Tensor.apply(.gather, [table, numbers], guess: guess)
  }
}
