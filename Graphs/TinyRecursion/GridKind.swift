import Puzzles
import Recurve

/// A kind of puzzle on a square grid, of which the answer has a token for every cell: how hard one is, how people read it.
public struct GridKind: Sendable {
  /// What makes a grid hard, for tables: "blanks".
  public let difficultyName: String
  /// By the tokens of question and answer, each `[S]`.
  public let difficulty: @Sendable (_ question: ArraySlice<Int32>, _ answer: ArraySlice<Int32>) -> Int
  /// The tokens of a grid, `[S]`, as lines of text; those that no grid has are shown as blanks.
  public let lines: @Sendable (_ tokens: ArraySlice<Int32>) -> [String]
  /// Whether accuracies by difficulty are measures of their own, so that the log of a training run has them: those of puzzles
  /// of files, which are as they are and as many of each difficulty as there are.
  var measuresDifficulties = false

  /// Numbers in rows, columns and boxes: 0 pad, 1 blank, n + 1 for the number n.
  public static func sudoku(_ size: SudokuSize) -> GridKind {
    GridKind(
      difficultyName: "blanks", difficulty: { question, _ in question.count { $0 == SudokuBatch.token(0) } },
      lines: { tokens in
        let digits = tokens.map { SudokuBatch.digit($0, size: size) ?? 0 }
        return size.board(digits).split(separator: "\n").map(String.init)
      })
  }

  /// Of a file that says how hard its puzzles are, by their questions; what it has not is 0.
  static func sudoku(_ size: SudokuSize, difficulties: [[UInt8]: Int]) -> GridKind {
    GridKind(
      difficultyName: "difficulty",
      difficulty: { question, _ in difficulties[question.map { SudokuBatch.digit($0, size: size) ?? 0 }] ?? 0 },
      lines: sudoku(size).lines, measuresDifficulties: true)
  }

  /// The way through a maze: tokens as `Maze.Cell` has them.
  public static func maze(side: Int) -> GridKind {
    GridKind(
      difficultyName: "path length",
      difficulty: { _, answer in answer.count { Maze.Cell(token: $0) == .path } + 1 },
      lines: { Maze.lines($0.map(Maze.Cell.init(token:)), side: side) })
  }

  /// Those of a file.
  static func mazes(side: Int) -> GridKind {
    var kind = maze(side: side)
    kind.measuresDifficulties = true
    return kind
  }

  /// Colours on a canvas: a dot where there is none.
  public static func arc(side: Int) -> GridKind {
    GridKind(
      difficultyName: "cells", difficulty: { _, answer in answer.count { $0 > 1 } },
      lines: { tokens in
        let characters = tokens.map { (2..<12).contains($0) ? Character(String($0 - 2)) : "." }
        return stride(from: 0, to: characters.count, by: side).map { String(characters[$0..<$0 + side]) }
      })
  }
}

extension TinyRecursion.Sizes {
  /// - Throws: when the cells are no square of a supported side.
  func kind() throws -> GridKind {
    switch puzzle {
    case .sudoku: .sudoku(try SudokuSize(side: side))
    case .maze: .maze(side: side)
    case .arc: .arc(side: side)
    }
  }
}
