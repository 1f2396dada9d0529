import GraphIR
import Operators
import TensorTypes

/// Arithmetic repeats axes of extent 1 and missing leading axes, as NumPy does; the graph holds the repetition explicitly.
extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { binary(.add, a, b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { binary(.subtract, a, b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { binary(.multiply, a, b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { binary(.divide, a, b) }
  public static func + (a: Tensor, b: Double) -> Tensor { binary(.add, a, a.constant(like: b)) }
  public static func - (a: Tensor, b: Double) -> Tensor { binary(.subtract, a, a.constant(like: b)) }
  public static func * (a: Tensor, b: Double) -> Tensor { binary(.multiply, a, a.constant(like: b)) }
  public static func / (a: Tensor, b: Double) -> Tensor { binary(.divide, a, a.constant(like: b)) }
  public static func + (a: Double, b: Tensor) -> Tensor { binary(.add, b.constant(like: a), b) }
  public static func - (a: Double, b: Tensor) -> Tensor { binary(.subtract, b.constant(like: a), b) }
  public static func * (a: Double, b: Tensor) -> Tensor { binary(.multiply, b.constant(like: a), b) }
  public static func / (a: Double, b: Tensor) -> Tensor { binary(.divide, b.constant(like: a), b) }
  public static prefix func - (a: Tensor) -> Tensor { a.apply(.negate) }

  public static func .< (a: Tensor, b: Tensor) -> Tensor { binary(.less, a, b) }
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { binary(.lessOrEqual, a, b) }
  public static func .> (a: Tensor, b: Tensor) -> Tensor { binary(.less, b, a) }
  public static func .== (a: Tensor, b: Tensor) -> Tensor { binary(.equal, a, b) }
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { binary(.lessOrEqual, b, a) }
  /// Whether the elements differ, as NaN does from everything.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { .!(a .== b) }
  public static func .< (a: Tensor, b: Double) -> Tensor { binary(.less, a, a.constant(like: b)) }
  public static func .<= (a: Tensor, b: Double) -> Tensor { binary(.lessOrEqual, a, a.constant(like: b)) }
  public static func .>= (a: Tensor, b: Double) -> Tensor { binary(.lessOrEqual, a.constant(like: b), a) }
  public static func .> (a: Tensor, b: Double) -> Tensor { binary(.less, a.constant(like: b), a) }
  public static func .== (a: Tensor, b: Double) -> Tensor { binary(.equal, a, a.constant(like: b)) }
  public static func .!= (a: Tensor, b: Double) -> Tensor { .!(a .== b) }

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
