import TensorTypes

/// A product summed over shared axes: `result[b, m, n] = sum over k of left[b, m, k] * right[b, k, n]`.
///
/// Strides are in elements. Chains of 256 fused multiply-adds over increasing k, each starting from -0, are added one
/// after another; an accumulator, if there is one, is added to the finished sum.
public struct Contraction: Hashable, Sendable {
  public var elementType: ElementType
  public var batch: [Axis]
  public var rows: [Axis]
  public var columns: [Axis]
  public var inner: [Axis]
  public var hasAccumulator: Bool

  /// Products that are summed in one chain: part of the language.
  public static let chainLength = 256

  /// One axis of the product's iteration space; strides that do not apply are 0.
  public struct Axis: Hashable, Sendable {
    public var extent: Int
    public var leftStride: Int
    public var rightStride: Int
    public var resultStride: Int
    public init(extent: Int, leftStride: Int, rightStride: Int, resultStride: Int) {
      self.extent = extent
      self.leftStride = leftStride
      self.rightStride = rightStride
      self.resultStride = resultStride
    }
  }

  public init(
    elementType: ElementType, batch: [Axis], rows: [Axis], columns: [Axis], inner: [Axis], hasAccumulator: Bool
  ) {
    self.elementType = elementType
    self.batch = Self.collapsed(batch)
    self.rows = Self.collapsed(rows)
    self.columns = Self.collapsed(columns)
    self.inner = Self.collapsed(inner)
    self.hasAccumulator = hasAccumulator
  }

  public var isBatched: Bool { !batch.isEmpty }

  /// How many rows a group may divide it into: the matrices of a batched product, or those of each index of its leading
  /// axes together, finest first; of another product its rows.
  public var rowCounts: [Int] {
    isBatched ? batch.indices.reversed().map { Self.extent(Array(batch[...$0])) } : [Self.extent(rows)]
  }

  public static func extent(_ axes: [Axis]) -> Int { axes.reduce(1) { $0 * $1.extent } }

  /// Multiplications and additions.
  public var flops: Int {
    OperationCount.product([2] + (batch + rows + columns + inner).map(\.extent))
  }

  /// Neighbouring axes that walk memory as one, merged; axes of extent 1 dropped.
  private static func collapsed(_ axes: [Axis]) -> [Axis] {
    var result: [Axis] = []
    for axis in axes where axis.extent != 1 {
      if let last = result.last, last.continues(into: axis) {
        result[result.count - 1] = Axis(
          extent: last.extent * axis.extent, leftStride: axis.leftStride, rightStride: axis.rightStride,
          resultStride: axis.resultStride)
      } else {
        result.append(axis)
      }
    }
    return result
  }
}

extension Contraction.Axis {
  fileprivate func continues(into next: Contraction.Axis) -> Bool {
    leftStride == next.leftStride * next.extent && rightStride == next.rightStride * next.extent
      && resultStride == next.resultStride * next.extent
  }
}
