import TensorTypes

/// Which solved boards are held out, so that training never sees a solution that a model is judged by.
///
/// Every question of a held-out board is held out with it, and so is every board that differs from it by the names of its digits
/// alone: to a model that sees puzzles under ever new names these are one. Boards of 4x4 cells, of which there are 12 under
/// other names, are told apart by their digits. An augmentation moves boards about: one that would bring a held-out board into
/// training must be drawn again.
public struct SudokuSplit: Sendable {
  public let size: SudokuSize
  private let rule: Rule

  private enum Rule {
    case boards(Set<[UInt8]>)
    /// Of all boards, those whose key is divisible.
    case oneIn(UInt64)
  }

  /// For puzzles of the generator: 58 of the 288 boards of size 4x4, one board in sixteen of the larger sizes, the same
  /// for every seed.
  public init(size: SudokuSize) {
    self.size = size
    guard size == .four else {
      rule = .oneIn(16)
      return
    }
    let all = SudokuSolver().solutions(Array(repeating: 0, count: size.cellCount), size: size, atMost: 288)
    rule = .boards(Self.lowest(58, of: all))
  }

  /// For puzzles of a file: one in sixteen of their solutions, at least one, chosen by the solutions alone; those that differ by
  /// the names of digits alone are one.
  ///
  /// - Throws: when the puzzles differ in size or have fewer than two solutions between them.
  public init(of puzzles: [SudokuPuzzle]) throws(SudokuSplitError) {
    guard let size = puzzles.first?.size, puzzles.allSatisfy({ $0.size == size }) else { throw .mixedSizes }
    let solutions = Set(puzzles.map { Self.renamed($0.answer) })
    guard solutions.count > 1 else { throw .oneSolution }
    self.size = size
    rule = .boards(Self.lowest(max(1, solutions.count / 16), of: Array(solutions)))
  }

  /// Whether a solved board is held out.
  public func isHeldOut(_ solution: [UInt8]) -> Bool {
    switch rule {
    case .boards(let boards): boards.contains(Self.renamed(solution))
    case .oneIn(let count): Self.key(Self.renamed(solution)) % count == 0
    }
  }

  /// The board with its digits named by their order: the same for all that differ by names alone.
  private static func renamed(_ board: [UInt8]) -> [UInt8] {
    if board.count == SudokuSize.four.cellCount { return board }
    // Every board of a file and every form of one that training sees comes here.
    var (names, count) = (Array(repeating: UInt8(0), count: Int(UInt8.max) + 1), UInt8(0))
    return board.map { digit in
      if names[Int(digit)] == 0 {
        count += 1
        names[Int(digit)] = count
      }
      return names[Int(digit)]
    }
  }

  /// A number that depends on every cell of a board.
  private static func key(_ board: [UInt8]) -> UInt64 {
    board.reduce(0) { CounterRandom.mixed(($0 ^ UInt64($1)) &+ 0x9E37_79B9_7F4A_7C15) }
  }

  private static func lowest(_ count: Int, of boards: [[UInt8]]) -> Set<[UInt8]> {
    let keyed = boards.map { (key: key($0), board: $0) }
    return Set(keyed.sorted { $0.key < $1.key }.prefix(count).map(\.board))
  }
}

/// What keeps puzzles from being split.
public enum SudokuSplitError: Error, Hashable, Sendable, CustomStringConvertible {
  case mixedSizes
  case oneSolution

  public var description: String {
    switch self {
    case .mixedSizes: "puzzles that are split must be there and have one size"
    case .oneSolution: "puzzles must have at least 2 solutions between them, so that one can be held out, got 1"
    }
  }
}
