import TensorTypes

/// Work on rows that no loop nest does: which rows are written is known when it runs, or a row depends on the one before.
public enum RowWork: Hashable, Sendable {
  case add(AddedRows)
  case replace(ReplacedRows)
  case order(OrderedRows)
  case recur(RecurrentRows)

  /// One word for tables.
  public var kind: String {
    switch self {
    case .add: "scatter"
    case .replace: "update"
    case .order: "sort"
    case .recur: "scan"
    }
  }

  /// Whether the result is written over the bytes of the first operand, and keeps what it does not write.
  public var updatesFirstOperand: Bool {
    switch self {
    case .add, .replace: true
    case .order, .recur: false
    }
  }

  /// Floating-point operations; comparisons of a sort count as such.
  public var flops: Int {
    switch self {
    case .add(let rows): OperationCount.product([rows.updateCount, rows.width])
    case .replace: 0
    case .order(let rows):
      OperationCount.product([rows.rowCount, rows.count, max(1, Int.bitWidth - rows.kept.leadingZeroBitCount)])
    case .recur(let rows): OperationCount.product([rows.outerCount, rows.count, rows.width, rows.flops])
    }
  }

  /// Elements that are read or written, about.
  public var elementCount: Int {
    switch self {
    case .add(let rows): OperationCount.product([rows.updateCount, rows.width])
    case .replace(let rows): OperationCount.product([rows.outerCount, rows.length, rows.width])
    case .order(let rows): OperationCount.product([rows.rowCount, rows.count])
    case .recur(let rows): OperationCount.product([rows.outerCount, rows.count, rows.width])
    }
  }

  /// Parts that can be done at once.
  public var partCount: Int {
    switch self {
    case .add(let rows): rows.width
    case .replace(let rows): rows.outerCount * rows.length * rows.width
    case .order(let rows): rows.rowCount
    case .recur(let rows): rows.outerCount * rows.width
    }
  }

  /// Bytes that each worker uses for itself.
  public var scratchByteCount: Int {
    if case .order(let rows) = self, rows.keepsAll { (rows.count * 4 + 63) / 64 * 64 } else { 0 }
  }
}

/// Adds rows of the given width to the rows of a table that numbers name, or puts them there, one after another. Buffers: the
/// table, the numbers, the rows.
public struct AddedRows: Hashable, Sendable {
  /// Of the table.
  public var rowCount: Int
  public var width: Int
  public var updateCount: Int
  public var elementType: ElementType
  public var isReplacing: Bool

  public init(rowCount: Int, width: Int, updateCount: Int, elementType: ElementType, isReplacing: Bool = false) {
    (self.rowCount, self.width) = (rowCount, width)
    (self.updateCount, self.elementType) = (updateCount, elementType)
    self.isReplacing = isReplacing
  }
}

/// Replaces rows of `[outer, rows, width]` from a computed row on, the same in each outer part. Buffers: the whole, the new
/// rows, the number.
public struct ReplacedRows: Hashable, Sendable {
  public var outerCount: Int
  public var rowCount: Int
  public var width: Int
  /// New rows; the number is at most `rowCount - length`.
  public var length: Int
  public var elementType: ElementType

  public init(outerCount: Int, rowCount: Int, width: Int, length: Int, elementType: ElementType) {
    (self.outerCount, self.rowCount, self.width) = (outerCount, rowCount, width)
    (self.length, self.elementType) = (length, elementType)
  }
}

/// The positions of each row's elements in order, all of them or the first few; equal ones stay in the order in which they are.
/// Not-a-number counts as the largest. Buffers: the positions, the rows.
public struct OrderedRows: Hashable, Sendable {
  public var rowCount: Int
  public var count: Int
  public var isDescending: Bool
  public var elementType: ElementType
  /// How many positions of each row are written, at least one of a row that has some.
  public var kept: Int
  public var keepsAll: Bool { kept == count }

  /// - Parameter kept: nil for all.
  public init(rowCount: Int, count: Int, isDescending: Bool, elementType: ElementType, kept: Int? = nil) {
    (self.rowCount, self.count) = (rowCount, count)
    (self.isDescending, self.elementType) = (isDescending, elementType)
    self.kept = kept ?? count
  }
}

/// Rows of `[outer, count, width]`, each from the one before: `y = a y + b`, of which either may be left out. Buffers: the
/// result, then a and b as far as they are there.
public struct RecurrentRows: Hashable, Sendable {
  public var outerCount: Int
  public var count: Int
  public var width: Int
  public var hasFactor: Bool
  public var hasTerm: Bool
  /// From the last row to the first.
  public var isReversed: Bool
  /// Whether a row stands for those before it, without itself.
  public var isExclusive: Bool
  public var elementType: ElementType

  var flops: Int { (hasFactor ? 1 : 0) + (hasTerm ? 1 : 0) }

  public init(
    outerCount: Int, count: Int, width: Int, hasFactor: Bool, hasTerm: Bool, isReversed: Bool, isExclusive: Bool,
    elementType: ElementType
  ) {
    (self.outerCount, self.count, self.width) = (outerCount, count, width)
    (self.hasFactor, self.hasTerm) = (hasFactor, hasTerm)
    (self.isReversed, self.isExclusive, self.elementType) = (isReversed, isExclusive, elementType)
  }
}
