/// The extents of a tensor's axes, outermost first, each with an optional name.
///
/// Names exist for people: they appear in printed types, errors and diagrams, and take no part in equality. There is one
/// per axis: those that are missing are nil, those beyond the axes are dropped.
public struct Shape: Sendable {
  public var extents: [Int]
  public var names: [String?]

  public init(_ extents: [Int], names: [String?] = []) {
    self.extents = extents
    let missing = Array(repeating: String?.none, count: max(extents.count - names.count, 0))
    self.names = names.prefix(extents.count) + missing
  }

  /// The shape of a single number: no axes.
  public static let scalar: Shape = Shape([])

  public var rank: Int { extents.count }
  /// Elements of a tensor; the largest integer where they are more, which no graph accepts.
  public var elementCount: Int {
    var count = 1
    for extent in extents {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: extent)
      if isTooLarge { return extents.contains(0) ? 0 : .max }
      count = product
    }
    return count
  }
  public subscript(axis: Int) -> Int { extents[axis] }

  /// Distances in elements between neighbours on each axis of a row-major tensor.
  public var strides: [Int] {
    var strides = Array(repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }

  /// The axes at the given positions, in that order, with their names.
  public func selecting(_ axes: [Int]) -> Shape {
    Shape(axes.map { extents[$0] }, names: axes.map { names[$0] })
  }

  /// The axes that are not listed, in order.
  public func removing(_ axes: [Int]) -> Shape {
    selecting((0..<rank).filter { !axes.contains($0) })
  }

  /// The same extents, with names that are missing here filled in from the other shape.
  public func naming(from other: Shape) -> Shape {
    guard other.rank == rank else { return self }
    return Shape(extents, names: zip(names, other.names).map { $0 ?? $1 })
  }
}

extension Shape: Hashable {
  public static func == (left: Shape, right: Shape) -> Bool { left.extents == right.extents }
  public func hash(into hasher: inout Hasher) { hasher.combine(extents) }
}

extension Shape: CustomStringConvertible {
  /// `8, L=81, D=512`
  public var description: String {
    zip(extents, names).map { extent, name in name.map { "\($0)=\(extent)" } ?? "\(extent)" }
      .joined(separator: ", ")
  }
}

extension Shape: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  /// Unnamed axes: `[8, 81, 512]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// Named axes, in the order written: `["B": 8, "L": 81, "D": 512]`.
  public init(dictionaryLiteral elements: (String, Int)...) {
    self.init(elements.map(\.1), names: elements.map(\.0))
  }
}
