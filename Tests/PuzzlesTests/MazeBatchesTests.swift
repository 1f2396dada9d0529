import Foundation
import TestSupport
import Testing

@testable import Puzzles

/// Mazes of a file: what is held out never gets into training, which shows the others in all their forms.
@Suite struct MazeBatchesTests {
  private static func mazes(_ count: Int) throws -> [Maze] {
    let stream = try MazeStream(side: 7, seed: 6, part: .training)
    return (0..<count).map { stream[$0] }
  }

  private func withFile(_ mazes: [Maze], _ body: (MazeFile) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try Data(MazeFile.text(mazes).utf8).write(to: URL(fileURLWithPath: folder + "/m.csv"))
      try body(try MazeFile(side: 7, path: folder + "/m.csv", batch: 5, seed: 8))
    }
  }

  @Test func formsAreTurnedWithTheirWays() throws {
    let maze = try Self.mazes(1)[0]
    #expect(maze.turned(0) == maze)
    let forms = (0..<8).map { maze.turned($0) }
    #expect(Set(forms).count == 8)
    for form in forms {
      let question = try MazeQuestion(form.description)
      #expect(try Maze(question, answer: form.answer) == form && form.pathLength == maze.pathLength)
    }
  }

  @Test func oneInSixteenIsHeldOutInAllForms() throws {
    let mazes = try Self.mazes(40)
    let split = try MazeSplit(of: mazes)
    #expect(mazes.count { split.isHeldOut($0) } == 2, "of 40 mazes that differ")
    let other = try MazeSplit(of: mazes.reversed())
    for maze in mazes {
      #expect((0..<8).allSatisfy { split.isHeldOut(maze.turned($0)) == split.isHeldOut(maze) })
      #expect(other.isHeldOut(maze) == split.isHeldOut(maze))
      // Start and goal the other way round: the walls are the same.
      let swapped = maze.question.map { $0 == .start ? Maze.Cell.goal : $0 == .goal ? .start : $0 }
      #expect(split.isHeldOut(Maze(unchecked: 7, question: swapped, answer: swapped)) == split.isHeldOut(maze))
    }
    #expect(throws: MazeSplitError(found: 0)) { try MazeSplit(of: []) }
  }

  @Test func trainingShowsEveryMazeInEveryForm() throws {
    let mazes = try Self.mazes(12)
    try withFile(mazes + mazes.map { $0.turned(3) }) { file in
      #expect(file.heldOutCount == 2 && file.training.mazes.count == 22, "forms are held out together")
      let split = try MazeSplit(of: mazes)
      let seen = (0..<220).flatMap { file.training.batch($0, rows: Array(0..<5)) }
      #expect(!seen.contains { split.isHeldOut($0) })
      for maze in mazes where !split.isHeldOut(maze) {
        let forms = Set((0..<8).map { maze.turned($0) })
        #expect(forms.isSubset(of: seen), "a hundred appearances in eight forms")
      }
      #expect(file.training.batch(7, rows: [3]) == [seen[38]], "a pure function of its number")
    }
  }

  @Test func heldOutMazesStayAsTheyAre() throws {
    let mazes = try Self.mazes(40)
    try withFile(mazes) { file in
      let held = Set(mazes.filter { !file.training.mazes.contains($0) })
      #expect(Set(file.heldOut.batch(0, rows: [0, 1])) == held && held.count == 2)
      #expect(Set(file.heldOut.batch(3, rows: Array(0..<5))) == held)
    }
  }
}
