import GraphIR
import Operators
import TensorTypes

/// Arithmetic repeats axes of extent 1 and missing leading axes, as NumPy does; the graph holds the repetition explicitly.
extension Tensor {
  /// The sum, element by element.
  public static func + (a: Tensor, b: Tensor) -> Tensor { binary(.add, a, b) }
  /// The difference, element by element.
  public static func - (a: Tensor, b: Tensor) -> Tensor { binary(.subtract, a, b) }
  /// The product, element by element; `dot` and `matmul` are those of matrices.
  public static func * (a: Tensor, b: Tensor) -> Tensor { binary(.multiply, a, b) }
  /// The quotient of floating-point elements, as IEEE 754 has it: x / 0 is infinite or NaN.
  public static func / (a: Tensor, b: Tensor) -> Tensor { binary(.divide, a, b) }
  /// Every element plus a number, which its element type must have.
  public static func + (a: Tensor, b: Double) -> Tensor { binary(.add, a, a.constant(like: b)) }
  /// Every element minus a number.
  public static func - (a: Tensor, b: Double) -> Tensor { binary(.subtract, a, a.constant(like: b)) }
  /// Every element times a number.
  public static func * (a: Tensor, b: Double) -> Tensor { binary(.multiply, a, a.constant(like: b)) }
  /// Every element divided by a number.
  public static func / (a: Tensor, b: Double) -> Tensor { binary(.divide, a, a.constant(like: b)) }
  /// A number plus every element.
  public static func + (a: Double, b: Tensor) -> Tensor { binary(.add, b.constant(like: a), b) }
  /// A number minus every element.
  public static func - (a: Double, b: Tensor) -> Tensor { binary(.subtract, b.constant(like: a), b) }
  /// A number times every element.
  public static func * (a: Double, b: Tensor) -> Tensor { binary(.multiply, b.constant(like: a), b) }
  /// A number divided by every element.
  public static func / (a: Double, b: Tensor) -> Tensor { binary(.divide, b.constant(like: a), b) }
  public static prefix func - (a: Tensor) -> Tensor { a.apply(.negate) }

  /// Where elements are less, booleans; false where one is NaN.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { binary(.less, a, b) }
  /// Where elements are less or equal; false where one is NaN.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { binary(.lessOrEqual, a, b) }
  /// Where elements are greater; false where one is NaN.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { binary(.less, b, a) }
  /// Where elements are equal; -0 equals 0, NaN nothing.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { binary(.equal, a, b) }
  /// Where elements are greater or equal; false where one is NaN.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { binary(.lessOrEqual, b, a) }
  /// Whether the elements differ, as NaN does from everything.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { .!(a .== b) }
  /// Where elements are less than a number.
  public static func .< (a: Tensor, b: Double) -> Tensor { binary(.less, a, a.constant(like: b)) }
  /// Where elements are less than a number or equal to it.
  public static func .<= (a: Tensor, b: Double) -> Tensor { binary(.lessOrEqual, a, a.constant(like: b)) }
  /// Where elements are greater than a number or equal to it.
  public static func .>= (a: Tensor, b: Double) -> Tensor { binary(.lessOrEqual, a.constant(like: b), a) }
  /// Where elements are greater than a number.
  public static func .> (a: Tensor, b: Double) -> Tensor { binary(.less, a.constant(like: b), a) }
  /// Where elements equal a number.
  public static func .== (a: Tensor, b: Double) -> Tensor { binary(.equal, a, a.constant(like: b)) }
  /// Where elements differ from a number.
  public static func .!= (a: Tensor, b: Double) -> Tensor { .!(a .== b) }

  /// An operator of two tensors, one of which is repeated along leading axes that it lacks and along axes of extent 1.
  public static func binary(_ used: Operator, _ a: Tensor, _ b: Tensor) -> Tensor {
    let (left, right) = a.matched(with: b)
    return apply(used, [left, right])
  }

  /// Both tensors repeated to their common shape; unchanged where there is none, so that the type rule complains.
  func matched(with other: Tensor) -> (Tensor, Tensor) {
    guard shape != other.shape, let common = Self.commonShape(shape, other.shape) else { return (self, other) }
    return (repeated(to: common), other.repeated(to: common))
  }

  private static func commonShape(_ a: Shape, _ b: Shape) -> Shape? {
    let rank = Swift.max(a.rank, b.rank)
    var extents: [Int] = []
    var names: [String?] = []
    for axis in 0..<rank {
      let (i, j) = (axis - (rank - a.rank), axis - (rank - b.rank))
      let (left, right) = (i < 0 ? 1 : a[i], j < 0 ? 1 : b[j])
      guard left == right || left == 1 || right == 1 else { return nil }
      extents.append(left == 1 ? right : left)
      let (leftName, rightName) = (i < 0 ? nil : a.names[i], j < 0 ? nil : b.names[j])
      names.append(left == 1 && right != 1 ? rightName ?? leftName : leftName ?? rightName)
    }
    return Shape(extents, names: names)
  }

  /// The tensor repeated to a larger shape, its axes matched with the last ones.
  public func repeated(to shape: Shape, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    if self.shape == shape { return self }
    return located(file, line) {
      let axes = (0..<rank).map { $0 + shape.rank - rank }
      return Self.apply(
        .broadcast, [self], ["shape": .integers(shape.extents), "axes": .integers(axes)], guess: type.with(shape),
        axisNames: shape.names)
    }
  }
}

/// The tensor's elements where the condition holds, the other's elsewhere.
public func select(
  _ condition: Tensor, _ a: Tensor, _ b: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let (first, second) = a.matched(with: b)
    return Tensor.apply(.select, [condition.repeated(to: first.shape), first, second], guess: first.type)
  }
}
