import GraphIR
import Operators
import TensorTypes

extension Tensor {
  /// The position along one axis, as i32: `iota([2, 3], axis: 1)` has the rows `0, 1, 2`.
  public static func iota(
    _ shape: Shape, axis: Int, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      let type = TensorType(.int32, shape)
      let position = axis < 0 ? shape.rank &+ axis : axis
      guard (0..<shape.rank).contains(position) else {
        return Modeling.refused([], TypeError.missing(axis, of: type, "iota"), type)
      }
      let attributes: Attributes = ["shape": .integers(shape.extents), "axis": .integer(position)]
      return apply(.iota, [], attributes, guess: type, axisNames: shape.names)
    }
  }

  /// The elements on and below a diagonal of the last two axes, zeros above it, whatever stood there.
  ///
  /// - Parameter diagonal: how far to the right of the main diagonal; negative to the left.
  public func tril(diagonal: Int = 0, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { triangle("tril", diagonal) { $0 .<= $1 } }
  }

  /// The elements on and above a diagonal of the last two axes, zeros below it, whatever stood there.
  ///
  /// - Parameter diagonal: how far to the right of the main diagonal; negative to the left.
  public func triu(diagonal: Int = 0, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { triangle("triu", diagonal) { $0 .>= $1 } }
  }

  private func triangle(
    _ function: String, _ diagonal: Int, _ keeps: (_ column: Tensor, _ border: Tensor) -> Tensor
  ) -> Tensor {
    checked(function, axes: [-2, -1]) {
      let matrix = Shape([extent(-2), extent(-1)])
      // Further away are no elements.
      let offset = Double(Swift.min(Swift.max(diagonal, -matrix[0]), matrix[1]))
      let kept = keeps(.iota(matrix, axis: 1), .iota(matrix, axis: 0) + offset)
      return select(kept, self, constant(like: 0))
    }
  }
}

/// 1 at the number's position along a new last axis, 0 elsewhere: `i32[...] -> T[..., count]`.
///
/// A number outside of `0..<count` gives zeros only. Numbers are i32 and the count is not negative: `oneHot.1`.
public func oneHot(
  _ numbers: Tensor, count: Int, _ elementType: ElementType = .float32, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  located(file, line) {
    let shape = Shape(numbers.shape.extents + [count], names: numbers.shape.names)
    guard numbers.type.elementType == .int32, count >= 0 else {
      let problem = "needs i32 numbers and a count of at least 0, got \(numbers.type) and \(count)"
      return refused([numbers], TypeError("oneHot.1", problem), TensorType(elementType, shape))
    }
    return (Tensor.iota(shape, axis: -1) .== numbers.expanded(at: -1)).converted(to: elementType)
  }
}
