import Puzzles
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
    /// How far the gradient reaches through the latent updates of a cycle; `.last(1)` leaves that of one step, the last
    /// latent update and the answer's.
    public var latentGradient: GradientMode = .full
    /// Whether the answer is updated by a network of its own.
    public var separatesNetworks: Bool = false
    /// Whether feed-forward layers see the position before (not published).
    public var hasShortConvolution: Bool = false
    /// What attention knows of where a cell is.
    public var positions: Positions = .sequence
    public var puzzle: Puzzle = .sudoku
    /// Puzzles that have vectors of their own; with one, the input `puzzles` is left out.
    public var puzzleCount: Int = 1
    /// Forms of each task, where there are tasks.
    public var forms: Int = 1
    /// Blanks of generated Sudokus; nil for those that they have where nobody asks for others.
    public var blanks: ClosedRange<Int>?
    /// Steps from start to goal of generated mazes; nil as above.
    public var lengths: ClosedRange<Int>?
    /// Whether cells of answers may have no label.
    var hasPads: Bool { puzzle == .arc }

    public var length: Int { cells + registers }

    public enum Variant: String, Sendable, CaseIterable {
      case attention, mixer
      /// Neighbours on the grid, not published: for puzzles whose cells act on those next to them.
      case convolution
    }

    public enum Positions: String, Sendable, CaseIterable {
      /// Its number, as published.
      case sequence
      /// Its row and its column, so that neighbours are near along both.
      case grid
    }

    /// What the grids are.
    public enum Puzzle: String, Sendable, CaseIterable {
      case sudoku, maze
      /// Tasks of the Abstraction and Reasoning Corpus, which come from files.
      case arc
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

    /// 9x9 mazes, about 0.13 M weights.
    public static let maze: Sizes = maze(Sizes(batch: 32, side: 9, width: 64, heads: 4, inner: 256, registers: 1))
    /// 30x30 mazes as published (Maze-Hard): 6.82 M weights, four latent updates.
    public static let mazeReference: Sizes = maze(
      Sizes(batch: 1, side: 30, width: 512, heads: 8, inner: 1536, registers: 16), updates: 4, cycles: 3)

    /// Small tasks of ARC on a canvas of 10x10, in 16 forms each.
    public static let arc: Sizes = arc(
      Sizes(batch: 32, side: 10, width: 64, heads: 4, inner: 256, registers: 1), forms: 16, updates: 3, cycles: 2)
    /// ARC as published: 6.83 M weights beside the table of puzzles, 1,001 forms of each task, four latent updates.
    public static let arcReference: Sizes = arc(
      Sizes(batch: 1, side: 30, width: 512, heads: 8, inner: 1536, registers: 16), forms: 1001, updates: 4, cycles: 3)

    private static func arc(_ sizes: Sizes, forms: Int, updates: Int, cycles: Int) -> Sizes {
      var sizes = sizes
      (sizes.puzzle, sizes.vocabulary, sizes.forms) = (.arc, ARCCanvas.vocabularyCount, forms)
      (sizes.updates, sizes.cycles) = (updates, cycles)
      return sizes
    }

    private static func maze(_ sizes: Sizes, updates: Int = 3, cycles: Int = 2) -> Sizes {
      var sizes = sizes
      (sizes.puzzle, sizes.vocabulary) = (.maze, Maze.vocabularyCount)
      // A laptop has not the time to learn from numbers alone which cells are neighbours.
      if sizes.width < reference.width { sizes.positions = .grid }
      (sizes.updates, sizes.cycles) = (updates, cycles)
      return sizes
    }

    public static let presets: [(name: String, sizes: Sizes)] = [
      ("nano", nano), ("micro", micro), ("mini", mini), ("small", small), ("reference", reference), ("maze", maze),
      ("maze-reference", mazeReference), ("arc", arc), ("arc-reference", arcReference),
    ]
  }
}

extension TinyRecursion.Sizes {
  /// The sizes of a preset with what options change of it.
  ///
  /// - Throws: `ModelFamilyError` for unknown names and for sides and ranges that puzzles do not have, `TaskError` for numbers
  ///   below 1.
  init(_ options: ModelOptions) throws {
    let options = try TinyRecursion.family.completed(options)
    guard let preset = Self.presets.first(where: { $0.name == options.preset }) else {
      throw ModelFamilyError.unknown("preset", options.preset ?? "", known: Self.presets.map(\.name))
    }
    self = try preset.sizes.resized(toSide: options.integer(TinyRecursion.side))
    if let own = options.variant.flatMap(Variant.init) { variant = own }
    if let own = options.batch { batch = own }
    if let depth = options.depth { cycles = depth }
    updates = options.integer(TinyRecursion.updates)
    blanks = try chosenBlanks(options)
    lengths = try chosenLengths(options)
    guard batch >= 1 else { throw TaskError.tooSmall("batch", batch) }
    guard cycles >= 1 else { throw TaskError.tooSmall("depth", cycles) }
  }

  /// The sizes that a run was trained with.
  ///
  /// - Throws: as above, and `TaskError.otherFamily` for the run of another model.
  public init(of record: RunRecord) throws {
    guard record.family == TinyRecursion.family.name else { throw TaskError.otherFamily(record.family) }
    try self.init(record.options)
  }
}
