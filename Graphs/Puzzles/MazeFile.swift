/// The mazes of a file, apart by their walls: those for training in ever new forms, and those that training never sees.
public struct MazeFile: Sendable {
  public let training: MazeBatches
  public let heldOut: MazeBatches
  /// Mazes that are held out: later ones of their batches are these again.
  public var heldOutCount: Int { heldOut.mazes.count }

  /// - Parameters:
  ///   - side: of every maze.
  ///   - batch: at least 1.
  public init(side: Int, path: String, batch: Int, seed: UInt64) throws(PuzzleFileError) {
    let read = try Self.read(path)
    if let other = read.first(where: { $0.puzzle.side != side }) {
      let problem = MazeFileProblem.otherSide(found: other.puzzle.side, needed: side)
      throw PuzzleFileError(path: path, line: other.line, reason: .maze(problem))
    }
    let mazes = read.map(\.puzzle)
    let split: MazeSplit
    do throws(MazeSplitError) { split = try MazeSplit(of: mazes) } catch {
      throw PuzzleFileError(path: path, line: nil, reason: .maze(.noSplit(error)))
    }
    training = MazeBatches(mazes.filter { !split.isHeldOut($0) }, batchSize: batch, seed: seed, turns: true)
    heldOut = MazeBatches(mazes.filter { split.isHeldOut($0) }, batchSize: batch, seed: seed, turns: false)
  }

  /// The mazes of a file.
  ///
  /// A file whose name ends with `.csv`, or whose first line has a comma, has a maze a line: the header names the columns, in
  /// any order, `question` and `answer`; others are ignored. Both hold the cells row by row, as published: `#` for a wall, a
  /// space or `.` for an open cell, `S` and `G`, and `o` on the way. Without the column `answer` every maze must have one
  /// shortest way. In any other file rows are lines, and an empty line ends a maze.
  public static func mazes(path: String) throws(PuzzleFileError) -> [Maze] { try read(path).map(\.puzzle) }

  /// The mazes as text of the first kind.
  public static func text(_ mazes: [Maze], source: String = "recurve") -> String {
    func line(_ cells: [Maze.Cell]) -> String { String(cells.map(\.character)) }
    let rows = mazes.map { "\(source),\(line($0.question)),\(line($0.answer)),\($0.pathLength)\n" }
    return "source,question,answer,rating\n" + rows.joined()
  }

  private static func read(_ path: String) throws(PuzzleFileError) -> [(line: Int, puzzle: Maze)] {
    try parse(try PuzzleFields.bytes(path: path), path: path)
  }

  /// The mazes of a file's bytes, each with its first line.
  static func parse(_ bytes: [UInt8], path: String) throws(PuzzleFileError) -> [(line: Int, puzzle: Maze)] {
    var rest = PuzzleFields.text(bytes)
    let isTable = path.lowercased().hasSuffix(".csv") || PuzzleFields.takeLine(from: &rest).contains(PuzzleFields.comma)
    return isTable ? try MazeColumns.puzzles(bytes, path: path) : try MazeText.mazes(bytes, path: path)
  }
}
