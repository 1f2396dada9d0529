import Foundation
import TensorTypes
import TestSupport
import Testing

@testable import Puzzles

/// Mazes of others, as tables and as drawings.
@Suite struct MazeFileTests {
  private static let question = Examples.maze.replacing("/", with: "")
  private static let answer = Examples.mazeAnswer.replacing("/", with: "")

  private func parse(_ text: String, _ path: String = "m.txt") throws -> [Maze] {
    try MazeFile.parse(Array(text.utf8), path: path).map(\.puzzle)
  }

  private func example() throws -> Maze { try Maze(solving: MazeQuestion(Examples.maze)) }

  @Test func generatedMazesComeBack() throws {
    let stream = try MazeStream(side: 30, seed: 1, lengths: 111...140, part: .training)
    let mazes = (0..<3).map { stream[$0] }
    try withTemporaryFolder { folder in
      let path = folder + "/mazes.csv"
      try Data(MazeFile.text(mazes).utf8).write(to: URL(fileURLWithPath: path))
      #expect(try MazeFile.mazes(path: path) == mazes)
    }
    #expect(mazes.map(\.pathLength) == [111, 112, 113])
  }

  @Test func textIsAsPublished() throws {
    #expect(
      MazeFile.text([try example()], source: "handmade") == """
        source,question,answer,rating
        handmade,\(Self.question),\(Self.answer),7

        """)
  }

  @Test(arguments: [
    "source,question,answer,rating\nx,\(question),\(answer),7\n",
    "\u{FEFF}source,question,answer,rating\r\nx,\(question.replacing(" ", with: ".")),\(answer),7\r\n",
    "rating,answer,question\nhard,\(answer),\(question)",
    "\"source\",question,answer\n\n\"a, b\",\"\(question)\",\(answer.replacing(" ", with: "."))\n\n",
    "source,question,rating\nx,\(question),7\n",
  ])
  func tablesAreRead(_ text: String) throws {
    let expected = try example()
    #expect(try parse(text) == [expected] && parse(text, "M.CSV") == [expected])
  }

  @Test func drawingsAreRead() throws {
    let drawn = [Examples.mazeAnswer, Examples.otherMaze, Examples.maze].map { $0.replacing("/", with: "\n") }
    let text = drawn.joined(separator: "\n\n\n") + "\n"
    let mazes = try parse(text)
    let other = try Maze(solving: MazeQuestion(Examples.otherMaze))
    #expect(mazes == [try example(), other, try example()] && other.pathLength == 10)
    #expect(try parse("\u{FEFF}" + text.replacing("\n", with: "\r\n").replacing(" ", with: ".") + "\r\n\r\n") == mazes)
    #expect(try MazeFile.parse(Array(text.utf8), path: "m").map(\.line) == [1, 8, 15])
  }

  /// Of several shortest ways a file may have any.
  @Test func anyShortestWayIsAnAnswer() throws {
    let ring = "S    / ### / ### / ### /    G".replacing("/", with: "")
    for answer in ["Soooo/ ###o/ ###o/ ###o/    G", "S    /o### /o### /o### /ooooG"] {
      let maze = try parse("question,answer\n\(ring),\(answer.replacing("/", with: ""))\n")[0]
      #expect(maze.pathLength == 8 && maze.answer.count { $0 == .path } == 7)
    }
  }

  /// Whatever the bytes are, they are read or refused.
  @Test func brokenFilesEndNothing() throws {
    let stream = try MazeStream(side: 7, seed: 2, part: .training)
    let table = Array(MazeFile.text((0..<3).map { stream[$0] }).utf8)
    let drawing = Array("\(stream[0])\n\n\(stream[1])\n".utf8)
    var (random, refused) = (CounterRandom(seed: 5), 0)
    for number in 0..<400 {
      let bytes = broken(number % 2 == 0 ? table : drawing, &random)
      do { _ = try MazeFile.parse(bytes, path: "m.txt") } catch {
        #expect(error.description.hasPrefix("m.txt:") && error.description.count > 20)
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  private func broken(_ bytes: [UInt8], _ random: inout CounterRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.index(below: 4) where !bytes.isEmpty {
      let place = random.index(below: bytes.count)
      let part = Array(bytes[place..<min(place + 1 + random.index(below: 40), bytes.count)])
      switch random.index(below: 4) {
      case 0: bytes[place] = UInt8(random.index(below: 256))
      case 1: bytes.removeSubrange(place..<place + part.count)
      case 2: bytes.insert(contentsOf: part, at: place)
      default: bytes = Array(bytes[..<place])
      }
    }
    return bytes
  }
}
