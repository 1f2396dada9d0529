import TensorTypes

/// A loop nest over rows and columns: what one generated function computes.
///
/// The iteration space has `rowExtents` (run in parallel, in any order) and `columnExtents` (run in order inside a row).
/// Each row executes its stages one after another.
public struct Kernel: Hashable, Sendable {
  public var rowExtents: [Int]
  public var columnExtents: [Int]
  public var buffers: [Buffer]
  /// Element type of each local.
  public var locals: [ElementType]
  public var stages: [Stage]

  /// A buffer that the kernel reads or writes.
  public struct Buffer: Hashable, Sendable {
    public var elementType: ElementType
    public var isWritten: Bool
    public init(elementType: ElementType, isWritten: Bool) {
      self.elementType = elementType
      self.isWritten = isWritten
    }
  }

  /// A part of a row's work.
  public enum Stage: Hashable, Sendable {
    /// Once per row.
    case row([Statement])
    /// Once per column of the row.
    case columns([Statement])

    public var statements: [Statement] {
      switch self {
      case .row(let statements), .columns(let statements): statements
      }
    }
  }

  /// One step of a stage.
  public enum Statement: Hashable, Sendable {
    case define(Int, ScalarExpression)
    case store(Int, AffineIndex, ScalarExpression)
    /// Combines the value of every column into a local that is known after the stage.
    case reduce(Int, Combiner, ScalarExpression)
    /// Keeps a column's local for later stages of the row.
    case keep(Int)
  }

  public init(
    rowExtents: [Int], columnExtents: [Int], buffers: [Buffer], locals: [ElementType], stages: [Stage]
  ) {
    self.rowExtents = rowExtents
    self.columnExtents = columnExtents
    self.buffers = buffers
    self.locals = locals
    self.stages = stages
  }

  public var rowCount: Int { rowExtents.reduce(1, *) }
  public var columnCount: Int { columnExtents.reduce(1, *) }
}

/// How a reduction combines elements. The order is part of the language.
///
/// Sums and maxima run in 32 lanes: lane `l` takes elements `l, l + 32, l + 64, ...` in order, starting from the
/// identity; then lane `l` takes lane `l + 16`, then `l + 8`, `4`, `2`, `1`. The identity of addition is -0,
/// since -0 + x is x for every x; so a sum of nothing is -0. Maxima are those of IEEE 754-2019: NaN if any element is, and
/// 0 is larger than -0.
public enum Combiner: String, Hashable, Sendable {
  case sum
  case maximum
  /// The position of the largest element, the first of equals, as i32; the first NaN if there is one.
  case argumentOfMaximum

  public static let laneCount = 32
}
