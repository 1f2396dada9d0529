import GraphIR
import Operators
import TensorTypes

/// Reductions over one axis, over several at once, and over all. Axes disappear, or stay with extent 1; negative ones count
/// from the last. No axes leave the tensor as it is.
extension Tensor {
  /// The sum; of nothing, -0, the exact identity of addition.
  public func sum(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.sum, "sum", [axis], keepsAxis) }
  }

  /// The sum over several axes; of nothing, -0.
  public func sum(axes: [Int], keepsAxes: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.sum, "sum", axes, keepsAxes) }
  }

  /// The sum of all elements.
  public func sum(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { rank == 0 ? self : apply(.sum, ["axes": .integers(Array(0..<rank))]) }
  }

  /// The mean; of nothing, NaN.
  public func mean(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { averaged("mean", [axis], keepsAxis) }
  }

  /// The mean over several axes; of nothing, NaN.
  public func mean(axes: [Int], keepsAxes: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { averaged("mean", axes, keepsAxes) }
  }

  /// The mean of all elements.
  public func mean(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { sum() * (1 / Double(type.elementCount)) }
  }

  /// The mean of the squared distances from the mean, divided by their number as in `layerNorm`; of nothing, NaN.
  ///
  /// Two passes, since the difference of two large means of squares would lose the digits (Chan et al. 1983).
  public func variance(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    variance(axes: [axis], keepsAxes: keepsAxis, file: file, line: line)
  }

  /// The mean squared distance from the mean over several axes, in two passes.
  public func variance(
    axes: [Int], keepsAxes: Bool = false, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked("variance", axes: axes) {
        let distances = self - averaged("variance", axes, true)
        return (distances * distances).averaged("variance", axes, keepsAxes)
      }
    }
  }

  /// The largest element, as IEEE 754-2019 maximum: NaN if any is NaN, and 0 is larger than -0. Equal ones share the gradient
  /// evenly. Nothing has no maximum: `reduce_maximum.3`.
  public func max(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.reduceMaximum, "max", [axis], keepsAxis) }
  }

  /// The maximum over several axes; NaN where there is one.
  public func max(axes: [Int], keepsAxes: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.reduceMaximum, "max", axes, keepsAxes) }
  }

  /// The smallest element, as IEEE 754-2019 minimum: NaN if any is NaN, and -0 is smaller than 0. Equal ones share the
  /// gradient evenly. It is minus the maximum of the negatives, and nothing has none: `reduce_maximum.3`.
  public func min(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    min(axes: [axis], keepsAxes: keepsAxis, file: file, line: line)
  }

  /// The minimum over several axes; NaN where there is one.
  public func min(axes: [Int], keepsAxes: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { checked("min", axes: axes) { -(-self).reduced(.reduceMaximum, "min", axes, keepsAxes) } }
  }

  /// The position of the largest element along an axis, as i32: the first of equals, the first NaN if there is one.
  public func argmax(axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { position(ofLargest: "argmax", axis) { self } }
  }

  /// The position of the smallest element along an axis, as i32: the first of equals, the first NaN if there is one.
  public func argmin(axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { position(ofLargest: "argmin", axis) { -self } }
  }
}

extension Tensor {
  func reduced(_ used: Operator, _ function: String, _ axes: [Int], _ keepsAxes: Bool) -> Tensor {
    checked(function, axes: axes) {
      if axes.isEmpty { return self }
      let positions = axes.map(position).sorted()
      let rest = type.with(shape.removing(positions))
      let result = Self.apply(used, [self], ["axes": .integers(positions)], guess: rest)
      guard keepsAxes else { return result }
      var kept = shape
      for position in positions { kept.extents[position] = 1 }
      let others = (0..<rank).filter { !positions.contains($0) }
      return Self.apply(
        .broadcast, [result], ["shape": .integers(kept.extents), "axes": .integers(others)], guess: type.with(kept))
    }
  }

  private func averaged(_ function: String, _ axes: [Int], _ keepsAxes: Bool) -> Tensor {
    reduced(.sum, function, axes, keepsAxes) * (1 / axes.reduce(1) { $0 * Double(extent($1)) })
  }

  private func position(ofLargest function: String, _ axis: Int, of numbers: () -> Tensor) -> Tensor {
    checked(function, axes: [axis]) { numbers().apply(.argumentOfMaximum, ["axis": .integer(position(axis))]) }
  }
}
