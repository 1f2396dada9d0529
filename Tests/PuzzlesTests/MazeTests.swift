import TensorTypes
import Testing

@testable import Puzzles

@Suite struct MazeTests {
  /// Cells next to each other.
  private func neighbours(_ first: Int, _ second: Int, side: Int) -> Bool {
    let (row, column) = (abs(first / side - second / side), abs(first % side - second % side))
    return row + column == 1
  }

  @Test(arguments: [5, 6, 9, 30], [SudokuStream.Part.training, .heldOut])
  func mazesHaveOneWay(side: Int, part: SudokuStream.Part) throws {
    let stream = try MazeStream(side: side, seed: 7, part: part)
    for number in [0, 5, 2] {
      let maze = stream[number]
      #expect(maze == stream[number] && maze.pathLength == side / 2 + number)
      #expect(maze.question.count { $0 == .start } == 1 && maze.question.count { $0 == .goal } == 1)
      let open = maze.question.indices.filter { maze.question[$0] != .wall }
      let links = open.reduce(0) { sum, cell in
        sum + open.count { $0 > cell && neighbours($0, cell, side: side) }
      }
      // The cells hang together, or no search could have reached the goal; one link less than cells is a tree.
      #expect(links == open.count - 1)
      #expect(zip(maze.question, maze.answer).allSatisfy { $0 == $1 || ($0 == .open && $1 == .path) })
      #expect(MazeSplit.generated.isHeldOut(maze) == (part == .heldOut))
    }
  }

  @Test func pathsLeadFromStartToGoal() throws {
    let maze = try MazeStream(side: 9, seed: 1, lengths: 12...12, part: .training)[3]
    var way = maze.answer.indices.filter { [.start, .goal, .path].contains(maze.answer[$0]) }
    var cell = try #require(maze.answer.firstIndex(of: .start))
    while maze.answer[cell] != .goal {
      way.removeAll { $0 == cell }
      let next = way.filter { neighbours($0, cell, side: 9) }
      #expect(next.count == 1)
      cell = try #require(next.first)
    }
    #expect(way == [cell])
  }

  /// A maze that is held out is so however it is turned.
  @Test func turnedMazesStayOnTheirSide() throws {
    let stream = try MazeStream(side: 7, seed: 2, part: .heldOut)
    let isOpen = stream[4].question.map { $0 != .wall }
    let transposed = (0..<49).map { isOpen[$0 % 7 * 7 + $0 / 7] }
    let split = MazeSplit.generated
    #expect(split.isHeldOut(transposed, side: 7) && split.isHeldOut(isOpen.reversed(), side: 7))
  }

  @Test func theLongestPathsAreFound() throws {
    for side in [5, 9, 16] {
      let longest = MazeStream.possibleLengths(side: side).upperBound
      #expect(try MazeStream(side: side, seed: 1, lengths: longest...longest, part: .training)[0].pathLength == longest)
    }
  }

  @Test func textIsAsPublished() {
    let cells: [Maze.Cell] = [.wall, .open, .start, .goal, .path, .wall, .wall, .wall, .wall]
    #expect(Maze.lines(cells, side: 3) == ["# S", "Go#", "###"])
    #expect(Maze.vocabularyCount == 6)
  }

  @Test func whatNoMazeHasIsRefused() {
    func message(_ side: Int, _ lengths: ClosedRange<Int>?) -> String? {
      #expect(throws: MazeStreamError.self) {
        try MazeStream(side: side, seed: 0, lengths: lengths, part: .training)
      }?.description
    }
    #expect(message(4, nil) == "the side of a maze must be 5 to 30, got 4")
    #expect(message(9, 1...3) == "paths of 9x9 mazes must be of 2 to 27 steps, got 1 to 3")
    #expect(message(9, 5...28) == "paths of 9x9 mazes must be of 2 to 27 steps, got 5 to 28")
  }
}
