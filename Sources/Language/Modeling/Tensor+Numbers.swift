/// Functions of a tensor and a number, which the element type must hold: see `Tensor.constant`.

/// The larger of each element and a number, as IEEE 754-2019 maximum: NaN if either is NaN, and 0 is larger than -0. Equal
/// ones share the gradient evenly.
public func maximum(_ a: Tensor, _ b: Double, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { maximum(a, a.constant(like: b)) }
}

/// The larger of a number and every element.
public func maximum(_ a: Double, _ b: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { maximum(b.constant(like: a), b) }
}

/// The smaller of each element and a number, as IEEE 754-2019 minimum: NaN if either is NaN, and -0 is smaller than 0. Equal
/// ones share the gradient evenly.
public func minimum(_ a: Tensor, _ b: Double, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { minimum(a, a.constant(like: b)) }
}

/// The smaller of a number and every element.
public func minimum(_ a: Double, _ b: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { minimum(b.constant(like: a), b) }
}

/// The tensor's elements where the condition holds, a number elsewhere.
public func select(
  _ condition: Tensor, _ a: Tensor, _ b: Double, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { select(condition, a, a.constant(like: b)) }
}

/// A number where the condition holds, the tensor's elements elsewhere.
public func select(
  _ condition: Tensor, _ a: Double, _ b: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { select(condition, b.constant(like: a), b) }
}

/// Each element to the power of a number, with the special cases of C (Annex F): a negative one needs a whole exponent, or
/// the result is NaN.
public func power(_ a: Tensor, _ b: Double, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { power(a, a.constant(like: b)) }
}

/// A number to the power of each element.
public func power(_ a: Double, _ b: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { power(b.constant(like: a), b) }
}

extension Tensor {
  /// The nearest number of the range; NaN stays NaN. At the ends of the range the slope is 1/2.
  public func clamped(
    to range: ClosedRange<Double>, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) { minimum(maximum(self, range.lowerBound), range.upperBound) }
  }
}
