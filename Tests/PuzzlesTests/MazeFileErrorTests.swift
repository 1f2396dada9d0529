import Foundation
import TestSupport
import Testing

@testable import Puzzles

/// What is no maze, or no answer to one, is refused with its place.
@Suite struct MazeFileErrorTests {
  private static let header = "source,question,answer,rating\n"

  private static func row(_ question: String = Examples.maze, _ answer: String = Examples.mazeAnswer) -> String {
    "x,\(question.replacing("/", with: "")),\(answer.replacing("/", with: "")),7\n"
  }

  /// A short way of three steps beside a long one of eleven.
  private static let twoWays = "S    / ### / ### /G    /#####"
  /// Two ways, both of eight steps.
  private static let ring = "S    / ### / ### / ### /    G"

  private func message(_ text: String, _ path: String) -> String? {
    do { _ = try MazeFile.parse(Array(text.utf8), path: path) } catch { return error.description }
    return nil
  }

  @Test(arguments: [
    ("", "1: needed a header and puzzles, got an empty file"),
    (header, "1: needed at least one puzzle after the header, got none"),
    ("source,answer\n", "1: header must name the column question, got source, answer"),
    ("S ###\n# # #\n", "1: header must name the column question, got S ###"),
  ])
  func tablesWithoutMazes(_ text: String, _ expected: String) {
    #expect(message(text, "m.csv") == "m.csv:\(expected)")
  }

  @Test(arguments: [
    ("x,S\n", "row must have 4 fields as the header has, got 2"),
    (row("S ###/# # #/#   #/### #/###G"), "question must have the cells of a square of 5 to 30 rows, got 24"),
    (row("S   "), "question must have the cells of a square of 5 to 30 rows, got 4"),
    (
      row("S x##/# # #/#   #/### #/###G#"),
      "column question must hold '#', ' ' or '.', 'S' and 'G', got 'x' at position 3"
    ),
    (
      row("So###/# # #/#   #/### #/###G#"),
      "column question must hold '#', ' ' or '.', 'S' and 'G', got 'o' at position 2"
    ),
    (row("# ###/# # #/#   #/### #/###G#"), "a maze needs one 'S', got none"),
    (
      row("S G##/# # #/#   #/### #/###G#"),
      "row 5, column 4: a maze needs one 'G', got another one after that in row 1, column 3"
    ),
    (row("S ###/# # #/# # #/### #/###G#"), "there is no way from start to goal"),
  ])
  func questions(_ row: String, _ expected: String) {
    #expect(message(Self.header + Self.row() + row, "m.csv") == "m.csv:3: \(expected)")
  }

  @Test(arguments: [
    (Examples.maze, "So###/#o# #/#ooo#/###o#/###G", "answer must have 25 cells, got 24"),
    (
      Examples.maze, "Sx###/#o# #/#ooo#/###o#/###G#",
      "column answer must hold '#', ' ' or '.', 'S', 'G' and 'o', got 'x' at position 2"
    ),
    (
      Examples.maze, "So# #/#o# #/#ooo#/###o#/###G#",
      "answer must keep the question but for 'o' on open cells, got ' ' in row 1, column 4 where the question has '#'"
    ),
    (
      Examples.maze, "Soo##/#o# #/#ooo#/###o#/###G#",
      "answer must keep the question but for 'o' on open cells, got 'o' in row 1, column 3 where the question has '#'"
    ),
    (
      Examples.maze, "oo###/#o# #/#ooo#/###o#/###G#",
      "answer must keep the question but for 'o' on open cells, got 'o' in row 1, column 1 where the question has 'S'"
    ),
    (
      Examples.maze, "So###/#o# #/#o o#/###o#/###G#",
      "answer must lead from 'S' to 'G' over 'o', got 5 cells 'o' that do not"
    ),
    (twoWays, "Soooo/ ###o/ ###o/Goooo/#####", "answer must be a shortest way, of 3 steps, got one of 11"),
    (twoWays, "S    /o### /o### /G   o/#####", "answer must have 'o' on its way alone, on 2 cells, got 3"),
  ])
  func answers(_ question: String, _ answer: String, _ expected: String) {
    #expect(message(Self.header + Self.row() + Self.row(question, answer), "m.csv") == "m.csv:3: \(expected)")
  }

  @Test func severalShortestWaysNeedAnAnswer() {
    let needed = "question must have one shortest way where no answer says which, got several"
    #expect(message("question\n\(Self.ring.replacing("/", with: ""))\n", "m.csv") == "m.csv:2: \(needed)")
    #expect(message("\n\n" + Self.ring.replacing("/", with: "\n"), "m.txt") == "m.txt:3: \(needed)")
  }

  @Test(arguments: [
    ("", "1: needed at least one maze, got none"), ("\n\n", "2: needed at least one maze, got none"),
    ("S#G\n", "1: a maze needs 5 to 30 lines, got 1"),
  ])
  func drawingsWithoutMazes(_ text: String, _ expected: String) {
    #expect(message(text, "m.txt") == "m.txt:\(expected)")
  }

  /// The first maze takes lines 1 to 5, this one lines 7 to 11.
  @Test(arguments: [
    ("S ###/# # #/# x #/### #/###G#", "9: column 3: cells are '#', ' ' or '.', 'S', 'G' and 'o', got 'x'"),
    ("S ###/# # #/#  #/### #/###G#", "9: a maze of 5 lines needs 5 cells in each, got 4"),
    (
      "S ###/# # #/#   #/### #/S##G#",
      "11: column 1: a maze needs one 'S', got another one after that in line 7, column 1"
    ),
    ("S ###/# # #/#   #/### #", "7: a maze needs 5 to 30 lines, got 4"),
    ("S ###/# # #/#   #/### #/#####", "7: a maze needs one 'G', got none"),
    ("S ###/# # #/# # #/### #/###G#", "7: there is no way from start to goal"),
    ("Soooo/ ###o/ ###o/Goooo/#####", "7: answer must be a shortest way, of 3 steps, got one of 11"),
  ])
  func drawings(_ maze: String, _ expected: String) {
    let text = [Examples.maze, maze, Examples.maze].map { $0.replacing("/", with: "\n") }.joined(separator: "\n\n")
    #expect(message(text, "m.txt") == "m.txt:\(expected)")
  }

  @Test func filesNeedMazesOfOneSideThatDiffer() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.csv"
      func message(_ rows: String, side: Int = 5) throws -> String? {
        try Data((Self.header + rows).utf8).write(to: URL(fileURLWithPath: path))
        return #expect(throws: PuzzleFileError.self) {
          try MazeFile(side: side, path: path, batch: 2, seed: 0)
        }?.description
      }
      #expect(
        try message(Self.row(), side: 9)
          == "\(path):2: the maze has side 5, the model needs side 9; --set side=5 makes one for such mazes")
      let maze = try Maze(solving: MazeQuestion(Examples.maze))
      func text(_ cells: [Maze.Cell]) -> String { String(cells.map(\.character)) }
      let turned = Self.row(text(maze.turned(5).question), text(maze.turned(5).answer))
      #expect(
        try message(Self.row() + turned)
          == "\(path): needed at least 2 mazes that turning and mirroring do not make one, so that one can be held out, "
          + "got 1")
    }
  }
}
