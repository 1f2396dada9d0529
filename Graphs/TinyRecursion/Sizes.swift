import Recurve

extension TinyRecursion {
  /// Extents and switches of the model.
  public struct Sizes: Sendable {
    public var batch: Int
    /// Cells of a puzzle.
    public var cells: Int
    public var vocabulary: Int
    public var width: Int
    public var heads: Int
    /// Width inside the feed-forward layer.
    public var inner: Int
    /// Positions in front of the cells: the puzzle's vector and zero registers.
    public var registers: Int
    /// Blocks of the net.
    public var layers: Int = 2
    /// Latent updates per cycle (n).
    public var updates: Int = 6
    /// Cycles per supervision step (T).
    public var cycles: Int = 3
    /// Supervision steps per puzzle (N_sup).
    public var supervisionSteps: Int = 16
    public var variant: Variant = .attention
    public var usesStablemax: Bool = true

    public var length: Int { cells + registers }

    public enum Variant: String, Sendable, CaseIterable {
      case attention, mixer
    }

    /// Rows of a puzzle's grid.
    public var side: Int { Int(Double(cells).squareRoot().rounded()) }

    public init(batch: Int, side: Int, width: Int, heads: Int, inner: Int, registers: Int) {
      self.batch = batch
      cells = side * side
      vocabulary = side + 2
      self.width = width
      self.heads = heads
      self.inner = inner
      self.registers = registers
    }

    /// 4x4 Sudoku, about 0.13 M weights.
    public static let nano: Sizes = Sizes(batch: 32, side: 4, width: 64, heads: 4, inner: 256, registers: 1)
    /// 6x6 Sudoku, about 0.53 M weights.
    public static let micro: Sizes = Sizes(batch: 16, side: 6, width: 128, heads: 4, inner: 512, registers: 1)
    /// 9x9 Sudoku at the width of 6x6: what trains on a processor in minutes.
    public static let mini: Sizes = Sizes(batch: 16, side: 9, width: 128, heads: 4, inner: 512, registers: 1)
    /// 9x9 Sudoku, about 1.7 M weights.
    public static let small: Sizes = Sizes(batch: 8, side: 9, width: 256, heads: 8, inner: 768, registers: 4)
    /// Sudoku-Extreme as published: 6.83 M weights with attention, 5.03 M with the mixer.
    public static let reference: Sizes = Sizes(batch: 8, side: 9, width: 512, heads: 8, inner: 1536, registers: 16)

    public static let presets: [(name: String, sizes: Sizes)] = [
      ("nano", nano), ("micro", micro), ("mini", mini), ("small", small), ("reference", reference),
    ]
  }
}
