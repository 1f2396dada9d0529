/// An index that is affine in the axes of an iteration space: `constant + sum(coefficients[a] * index[a])`.
public struct AffineIndex: Hashable, Sendable {
  public var constant: Int
  public var coefficients: [Int]

  public init(constant: Int = 0, coefficients: [Int]) {
    self.constant = constant
    self.coefficients = coefficients
  }

  /// The index along one axis of a space of the given rank.
  public static func axis(_ axis: Int, of rank: Int) -> AffineIndex {
    AffineIndex(coefficients: (0..<rank).map { $0 == axis ? 1 : 0 })
  }

  /// An index that does not move, in a space of the given rank.
  public static func fixed(_ constant: Int, rank: Int) -> AffineIndex {
    AffineIndex(constant: constant, coefficients: Array(repeating: 0, count: rank))
  }

  /// One index per axis: the element at the point of the space itself.
  public static func identity(rank: Int) -> [AffineIndex] { (0..<rank).map { .axis($0, of: rank) } }

  public static func + (left: AffineIndex, right: AffineIndex) -> AffineIndex {
    AffineIndex(
      constant: left.constant + right.constant,
      coefficients: zip(left.coefficients, right.coefficients).map(+))
  }

  public static func + (left: AffineIndex, right: Int) -> AffineIndex {
    AffineIndex(constant: left.constant + right, coefficients: left.coefficients)
  }

  public static func * (left: AffineIndex, right: Int) -> AffineIndex {
    AffineIndex(constant: left.constant * right, coefficients: left.coefficients.map { $0 * right })
  }

  /// This index with each of its axes replaced by an index of another space of the given rank.
  public func substituting(_ axes: [AffineIndex], rank: Int) -> AffineIndex {
    zip(axes, coefficients).reduce(.fixed(constant, rank: rank)) { $0 + $1.0 * $1.1 }
  }
}
