/// A square maze with one way from start to goal.
public struct Maze: Sendable, Hashable {
  /// What a cell holds, with its token for models; 0 is the pad token.
  public enum Cell: UInt8, Sendable, CaseIterable {
    case wall = 1
    case open, start, goal
    /// On the way from start to goal; in answers only.
    case path

    /// The cell of a token; open where no cell has it.
    public init(token: Int32) { self = UInt8(exactly: token).flatMap(Cell.init) ?? .open }

    /// `#`, space, `S`, `G`, `o`, as published mazes are written.
    public var character: Character {
      switch self {
      case .wall: "#"
      case .open: " "
      case .start: "S"
      case .goal: "G"
      case .path: "o"
      }
    }
  }

  /// Cells a side.
  public let side: Int
  /// Row by row, without the path.
  public let question: [Cell]
  /// The same with the path.
  public let answer: [Cell]

  /// For cells that are right by construction.
  init(unchecked side: Int, question: [Cell], answer: [Cell]) {
    (self.side, self.question, self.answer) = (side, question, answer)
  }

  /// Steps from start to goal: cells of the path, and the goal.
  public var pathLength: Int { answer.count { $0 == .path } + 1 }

  /// Pad and every kind of cell.
  public static let vocabularyCount: Int = Cell.allCases.count + 1

  /// Sides for which there are mazes.
  public static let sides: ClosedRange<Int> = 5...30
}

extension Maze: CustomStringConvertible {
  /// The question, a line a row.
  public var description: String { Self.lines(question, side: side).joined(separator: "\n") }

  public static func lines(_ cells: [Cell], side: Int) -> [String] {
    stride(from: 0, to: cells.count, by: side).map { String(cells[$0..<$0 + side].map(\.character)) }
  }
}
