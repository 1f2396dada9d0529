import GraphIR
import Operators
import TensorTypes

/// Reductions that are made of several operators.
extension Tensor {
  /// The logarithm of the sum of `e^x` along an axis, right also where powers overflow or vanish: the largest element is
  /// taken out of the sum (Blanchard et al. 2021).
  ///
  /// -infinity where all elements are, or where there is none; +infinity where one is; NaN where one is. The gradient is the
  /// softmax, NaN for elements that are +infinity, for those beside one whose power overflows, and where all are -infinity.
  public func logSumExp(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("logSumExp", axes: [axis]) {
        // Nothing has no largest element.
        if extent(axis) == 0 { return log(exp(self).sum(axis: axis, keepsAxis: keepsAxis)) }
        let largest = max(axis: axis, keepsAxis: true).detached()
        // Infinite ones would cancel to NaN.
        let shift = select(abs(largest) .< .infinity, largest, largest.constant(like: 0))
        let sum = exp(self - shift).sum(axis: axis, keepsAxis: keepsAxis)
        return log(sum) + shift.reshaped(to: sum.shape)
      }
    }
  }

  /// The product along an axis, of whole numbers modulo 2^32; of nothing, 1. There are numbers:
  /// `product.1`.
  ///
  /// Halves are multiplied with halves: the gradient of an element is the product of the others, zeros among them or not.
  public func product(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("product", axes: [axis]) {
        let rest = shape.removing([position(axis)])
        guard type.elementType != .bool else {
          return refused(TypeError("product.1", "needs numbers, got \(type)"), type.with(rest))
        }
        let product = product(position(axis))
        return keepsAxis ? product : product.reshaped(to: rest)
      }
    }
  }

  /// The product along an axis, which keeps extent 1.
  private func product(_ axis: Int) -> Tensor {
    var (extent, factors, odd) = (extent(axis), self, [Tensor]())
    if extent == 0 {
      var shape = shape
      shape.extents[axis] = 1
      return .constant(1, shape, type.elementType)
    }
    while extent > 1 {
      let half = extent / 2
      if extent % 2 == 1 { odd.append(factors.part((extent - 1)..<extent, axis)) }
      factors = factors.part(0..<half, axis) * factors.part(half..<(2 * half), axis)
      extent = half
    }
    return odd.reduce(factors, *)
  }
}
