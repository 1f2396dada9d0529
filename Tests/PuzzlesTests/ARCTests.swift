import Foundation
import TensorTypes
import TestSupport
import Testing

@testable import Puzzles

/// Tasks of the Abstraction and Reasoning Corpus: files, forms, canvas, votes.
@Suite struct ARCTests {
  private static func grid(_ lines: String...) throws -> ARCGrid {
    try ARCGrid(lines.map { $0.map { $0.wholeNumberValue ?? -1 } })
  }

  private static func read(_ text: String, name: String = "0a1b2c3d.json") throws -> ARCTask {
    try withTemporaryFolder { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      return try ARCTask.read(path: "\(folder)/\(name)")
    }
  }

  @Test func filesAreRead() throws {
    let task = try Self.read(
      #"{"train": [{"input": [[1, 2], [3, 4]], "output": [[5]]}], "test": [{"input": [[0, 9, 0]], "output": [[7]]}]}"#)
    #expect(task.name == "0a1b2c3d" && task.side == 3)
    #expect(try task.demonstrations == [.init(input: Self.grid("12", "34"), output: Self.grid("5"))])
    #expect(try task.tests[0].input == Self.grid("090"))
  }

  @Test(arguments: [
    ("", "needed JSON, got what is none"), ("[1", "needed JSON, got what is none"),
    (#"{"train": []}"#, "test is missing"),
    (#"{"train": [], "test": []}"#, "'train' needs at least 1 pair, got none"),
    (#"{"train": [{"input": [[1]]}], "test": []}"#, "train[0].output is missing"),
    (
      #"{"train": [{"input": [["x"]], "output": [[1]]}], "test": []}"#,
      "train[0].input[0][0] is not what a task has there"
    ),
    (
      #"{"train": [{"input": [[1, 2], [3]], "output": [[1]]}], "test": []}"#,
      "'train', pair 1, input: row 2 has 1 cells, the rows before it 2"
    ),
    (
      #"{"train": [{"input": [[1]], "output": [[1, 10]]}], "test": []}"#,
      "'train', pair 1, output: colours are 0 to 9, got 10 in row 1, column 2"
    ),
    (
      #"{"train": [{"input": [], "output": [[1]]}], "test": []}"#,
      "'train', pair 1, input: a grid needs 1 to 30 rows, got 0"
    ),
    (
      #"{"train": [{"input": [[]], "output": [[1]]}], "test": []}"#,
      "'train', pair 1, input: a grid needs 1 to 30 columns, got 0"
    ),
  ])
  func whatIsNoTaskIsRefused(_ text: String, _ problem: String) {
    let error = #expect(throws: ARCTaskError.self) { try Self.read(text) }
    #expect(error?.problem == problem)
    #expect(error?.description.hasSuffix("0a1b2c3d.json: \(problem)") == true)
  }

  @Test func missingFilesAreRefused() {
    let error = #expect(throws: ARCTaskError.self) { try ARCTask.read(path: "/nowhere/x.json") }
    #expect(error?.description == "/nowhere/x.json: needed the file of a task, found no file")
  }

  // MARK: Forms

  @Test func symmetriesAreThoseOfTheSquare() throws {
    let original = try Self.grid("123", "456")
    func turned(_ symmetry: Int) -> [String] {
      ARCAugmentation(symmetry: symmetry, colors: Array(0...9)).applied(to: original).lines
    }
    #expect(turned(0) == ["123", "456"] && turned(1) == ["36", "25", "14"] && turned(2) == ["654", "321"])
    #expect(turned(3) == ["41", "52", "63"] && turned(4) == ["321", "654"] && turned(5) == ["456", "123"])
    #expect(turned(6) == ["14", "25", "36"] && turned(7) == ["63", "52", "41"])
  }

  @Test func everyFormIsUndone() throws {
    let original = try Self.grid("1230", "4567", "8909")
    let task = ARCTask(name: "", demonstrations: [.init(input: original, output: original)], tests: [])
    let forms = ARCAugmentation.forms(100, of: task, seed: 3)
    #expect(Set(forms).count == 100 && forms[0] == .identity && Set(forms.map(\.symmetry)).count == 8)
    for form in forms {
      #expect(form.inverse.applied(to: form.applied(to: original)) == original)
      #expect(form.colors[0] == 0)
    }
    #expect(ARCAugmentation.forms(100, of: task, seed: 3) == forms)
    #expect(ARCAugmentation.forms(1, of: task, seed: 3) == [.identity])
  }

  /// Nobody votes twice: a task of few colours, or with symmetries of its own, has fewer forms than are asked for.
  @Test func formsOfATaskDiffer() throws {
    func found(_ input: String..., output: String) throws -> Int {
      let pair = ARCTask.Pair(
        input: try ARCGrid(input.map { $0.map { $0.wholeNumberValue ?? -1 } }), output: try Self.grid(output))
      let forms = ARCAugmentation.forms(1000, of: ARCTask(name: "", demonstrations: [pair], tests: [pair]), seed: 1)
      let made = Set(forms.map { form in [pair.input, pair.output].map(form.applied) })
      #expect(made.count == forms.count && forms[0] == .identity)
      return forms.count
    }
    // A cell in one of four corners, of nine colours.
    #expect(try found("10", "00", output: "1") == 4 * 9)
    // Mirrored and renamed it is as it was; that leaves two ways to lie and all pairs of colours.
    #expect(try found("12", output: "12") == 2 * 9 * 8)
    #expect(try found("12", output: "1") == 4 * 9 * 8)
    #expect(try found("00", "00", output: "0") == 1)
    #expect(try found("123", "456", "789", output: "0") == 1000)
  }

  // MARK: Canvas

  @Test func gridsAreFoundOnTheCanvas() throws {
    let canvas = ARCCanvas(side: 4)
    let grid = try Self.grid("10", "23", "09")
    #expect(canvas.tokens(grid) == [3, 2, 1, 0, 4, 5, 1, 0, 2, 11, 1, 0, 1, 1, 0, 0])
    #expect(canvas.tokens(grid, row: 1, column: 2) == [0, 0, 0, 0, 0, 0, 3, 2, 0, 0, 4, 5, 0, 0, 2, 11])
    for lines in [["1"], ["1230"], ["1", "2", "3", "4"], ["1234", "1234", "1234", "1234"]] {
      let grid = try ARCGrid(lines.map { $0.map { $0.wholeNumberValue ?? -1 } })
      #expect(canvas.grid(canvas.tokens(grid)) == grid)
    }
    #expect(canvas.grid(Array(repeating: 1, count: 16)) == nil)
    // Of ragged answers the largest rectangle counts.
    #expect(canvas.grid([3, 3, 3, 1, 3, 3, 1, 0, 3, 3, 1, 0, 1, 0, 0, 0])?.lines == ["11", "11", "11"])
  }

  @Test func votesAreRanked() throws {
    let (a, b, c) = (try Self.grid("1"), try Self.grid("2"), try Self.grid("3"))
    var vote = ARCVote()
    for (grid, certainty) in [(a, 0.1), (b, 0.5), (c, 0.9), (a, 0.1), (b, 0.4)] { vote.add(grid, certainty: certainty) }
    #expect(vote.ranking() == [b, a] && vote.ranking(9) == [b, a, c])
    #expect(ARCVote().ranking().isEmpty)
    // Grids of the same cells differ in their rows.
    let shapes = [(1, 4), (2, 2), (4, 1)].map { ARCGrid(rows: $0.0, columns: $0.1, cells: [3, 3, 3, 3]) }
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
      var tied = ARCVote()
      for place in order { tied.add(shapes[place], certainty: 0.5) }
      #expect(tied.ranking(3) == shapes)
    }
  }
}
