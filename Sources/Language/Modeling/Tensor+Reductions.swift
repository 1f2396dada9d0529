import GraphIR
import Operators
import TensorTypes

extension Tensor {
  public func sum(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.sum, "sum", axis, keepsAxis) }
  }

  public func mean(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.sum, "mean", axis, keepsAxis) * (1 / Double(extent(axis))) }
  }

  public func max(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.reduceMaximum, "max", axis, keepsAxis) }
  }

  /// The position of the largest element along an axis, as i32.
  public func argmax(axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("argmax", axes: [axis]) { apply(.argumentOfMaximum, ["axis": .integer(position(axis))]) }
    }
  }

  /// The sum of all elements.
  public func sum(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { rank == 0 ? self : apply(.sum, ["axes": .integers(Array(0..<rank))]) }
  }

  /// The mean of all elements.
  public func mean(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { sum() * (1 / Double(type.elementCount)) }
  }

  private func reduced(_ used: Operator, _ function: String, _ axis: Int, _ keepsAxis: Bool) -> Tensor {
    checked(function, axes: [axis]) {
      let position = position(axis)
      let rest = type.with(shape.removing([position]))
      let result = Self.apply(used, [self], ["axes": .integers([position])], guess: rest)
      guard keepsAxis else { return result }
      var kept = shape
      kept.extents[position] = 1
      let axes = (0..<rank).filter { $0 != position }
      return result.apply(.broadcast, ["shape": .integers(kept.extents), "axes": .integers(axes)])
    }
  }
}
