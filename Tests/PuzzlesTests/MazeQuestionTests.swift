import Testing

@testable import Puzzles

@Suite struct MazeQuestionTests {
  private static let text = """
    S.###
    #.#.#
    #...#
    ###.#
    ###G#
    """

  @Test func mazesAreRead() throws {
    let maze = try MazeQuestion(Self.text + "\n\n")
    #expect(maze.side == 5 && Maze.lines(maze.cells, side: 5) == ["S ###", "# # #", "#   #", "### #", "###G#"])
    #expect(try MazeQuestion(Self.text.split(separator: "\n").joined(separator: "/")) == maze)
    #expect(Maze.lines(maze.solution, side: 5) == ["So###", "#o# #", "#ooo#", "###o#", "###G#"])
  }

  @Test func generatedMazesAreSolvedByTheirAnswers() throws {
    let maze = try MazeStream(side: 9, seed: 4, part: .training)[5]
    let question = try MazeQuestion(maze.description)
    #expect(question.cells == maze.question && question.solution == maze.answer && question.isSolved(by: maze.answer))
    #expect(!question.isSolved(by: maze.question))
    var more = maze.answer
    more[try #require(more.firstIndex(of: .open))] = .path
    #expect(!question.isSolved(by: more), "a cell that leads nowhere")
    var less = maze.answer
    less[try #require(less.firstIndex(of: .path))] = .open
    #expect(!question.isSolved(by: less) && !question.isSolved(by: []))
    var wall = maze.answer
    wall[try #require(wall.firstIndex(of: .wall))] = .path
    #expect(!question.isSolved(by: wall))
  }

  /// Of two ways either will do, but not both.
  @Test func anyWayIsAnAnswer() throws {
    let maze = try MazeQuestion("S..../.###./.###./.###./....G")
    func answer(_ text: String) throws -> [Maze.Cell] {
      text.filter { $0 != "/" }.map { character in Maze.Cell.allCases.first { $0.character == character } ?? .open }
    }
    #expect(maze.isSolved(by: try answer("Soooo/.###o/.###o/.###o/....G")))
    #expect(maze.isSolved(by: try answer("S..../o###./o###./o###./ooooG")))
    #expect(!maze.isSolved(by: try answer("Soooo/o###o/o###o/o###o/ooooG")))
  }

  @Test(arguments: [
    ("", "a maze needs 5 to 30 lines, got 0"),
    ("S.G", "a maze needs 5 to 30 lines, got 1"),
    ("S.###/#.#.#/#..#/###.#/###G#", "line 3: a maze of 5 lines needs 5 cells in each, got 4"),
    ("S.###/#.#x#/#...#/###.#/###G#", "line 2, column 4: cells are '#', ' ' or '.', 'S' and 'G', got 'x'"),
    ("S.###/#.#o#/#...#/###.#/###G#", "line 2, column 4: cells are '#', ' ' or '.', 'S' and 'G', got 'o'"),
    ("..###/#.#.#/#...#/###.#/###G#", "a maze needs one 'S', got none"),
    ("S.###/#.#.#/#...#/###.#/####", "line 5: a maze of 5 lines needs 5 cells in each, got 4"),
    ("S.###/#.#.#/#...#/###.#/#####", "a maze needs one 'G', got none"),
    (
      "S.###/#.#.#/#..S#/###.#/###G#",
      "line 3, column 4: a maze needs one 'S', got another one after that in line 1, column 1"
    ),
    ("S.###/#.#.#/#.#.#/###.#/###G#", "there is no way from start to goal"),
  ])
  func whatIsNoMazeIsRefused(_ text: String, _ message: String) {
    #expect(#expect(throws: MazeQuestionError.self) { try MazeQuestion(text) }?.description == message)
  }
}
