import Foundation
import Puzzles
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// Held-out puzzles judged after every supervision step.
@Suite struct GridEvaluationTests {
  /// Two grids of four cells with one and two blanks.
  private static let grids = TinyRecursionTask.Grids(
    questions: [1, 3, 4, 5, 1, 1, 4, 5], answers: [2, 3, 4, 5, 2, 3, 4, 5])

  private static func step(_ answers: [Int32], _ scores: [Float], loss: Float) -> [String: HostTensor] {
    [
      "answer_tokens": HostTensor([2, 4], answers), "halting_score": HostTensor([2], scores),
      "loss": HostTensor(.scalar, [loss]),
    ]
  }

  /// A place that takes its own row of every batch meets every count of blanks.
  @Test func placesMeetAllKinds() {
    typealias Source = TinyRecursionTask.Source
    for (batch, kinds) in [(32, 9), (36, 9), (48, 9), (60, 15), (3, 9), (7, 1)] {
      let stride = Source.stride(batch, kinds: kinds, .training)
      #expect(stride >= batch && Set((0..<kinds).map { $0 * stride % kinds }).count == kinds)
    }
    #expect(Source.stride(32, kinds: 9, .training) == 32 && Source.stride(36, kinds: 9, .heldOut) == 36)
  }

  /// The first puzzle is solved and halts at once; the second halts after two steps, is solved after three.
  private static func evaluation() throws -> Evaluation {
    let (right, wrong): ([Int32], [Int32]) = ([2, 3, 4, 5], [5, 5, 4, 5])
    var evaluation = GridEvaluation(kind: .sudoku(try SudokuSize(side: 4)), cells: 4)
    evaluation.add(
      grids,
      [
        step(right + wrong, [2, -1], loss: 3), step(right + wrong, [-1, 0.5], loss: 2),
        step(right + right, [1, 1], loss: 1),
      ])
    return evaluation.evaluation
  }

  @Test func meansAreOverAllPuzzles() throws {
    let found = try Self.evaluation()
    #expect(found.unit == "puzzles" && found.count == 2)
    let values = Dictionary(uniqueKeysWithValues: found.measures.map { ($0.name, $0.value) })
    #expect(
      values == [
        "loss": 1, "exact_accuracy": 1, "cell_accuracy": 1, "halted_exact_accuracy": 0.5, "halting_steps": 1.5,
      ])
  }

  @Test func stepsAndDifficultiesHaveRows() throws {
    let tables = try Self.evaluation().tables
    #expect(tables.map(\.key) == ["supervision step", "blanks"])
    #expect(tables[0].columns == ["exact_accuracy", "cell_accuracy", "halted_share"])
    #expect(tables[0].rows.map(\.key) == ["1", "2", "3"])
    #expect(tables[0].rows.map(\.values) == [[0.5, 0.75, 0.5], [0.5, 0.75, 1], [1, 1, 1]])
    #expect(tables[1].rows.map(\.key) == ["1", "2"] && tables[1].rows.map(\.count) == [1, 1])
    #expect(tables[1].rows.map(\.values) == [[1, 1, 1, 1], [1, 1, 0, 2]])
  }

  /// Of the second batch one puzzle is new: it weighs half as much.
  @Test func batchesThatBeginAnewWeighWhatTheyAdd() throws {
    var evaluation = GridEvaluation(kind: .sudoku(try SudokuSize(side: 4)), cells: 4)
    for loss in [Float(3), 6] {
      evaluation.add(Self.grids, [Self.step([2, 3, 4, 5, 2, 3, 4, 5], [1, 1], loss: loss)])
    }
    evaluation.keep(3)
    #expect(evaluation.evaluation.measures.first { $0.name == "loss" } == Measure(name: "loss", value: 4, count: 3))
  }

  /// Puzzles of a file are as hard as it says.
  @Test func filesSayHowHardTheirPuzzlesAre() throws {
    try withTemporaryFolder { folder in
      let solutions = SudokuSolver().solutions(
        Array(repeating: 0, count: 16), size: try SudokuSize(side: 4), atMost: 20)
      let rows = solutions.enumerated().map { number, solution in
        let answer = solution.map { "\($0)" }.joined()
        return "x,.\(answer.dropFirst()),\(answer),\(number * 3)"
      }
      let path = folder + "/puzzles.csv"
      let text = (["source,question,answer,guesses"] + rows).joined(separator: "\n")
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      var options = ModelOptions(preset: "nano", batch: 1)
      options.dataPath = path
      let found = try TinyRecursion.family.make(options).evaluation(batches: 1) { inputs, _ in
        let labels = inputs.first { $0.name == "labels" }!.tensor
        return ["answer_tokens": labels, "halting_score": HostTensor([1], [Float(1)])]
      }
      let row = try #require(found.tables.first { $0.key == "difficulty" }?.rows.first)
      let number = try #require(Int(row.key))
      let held = try SudokuFile(try SudokuSize(side: 4), path: path, batch: 1, seed: 0).difficulties
      #expect(held.values.contains(number) && number % 3 == 0 && row.count == 1)
      let measure = found.measures.first { $0.name == "difficulty_\(number)_exact_accuracy" }
      #expect(measure == Measure(name: "difficulty_\(number)_exact_accuracy", value: 1, count: 1))
    }
  }

  /// Of rated puzzles means say how each difficulty is done, for the log of a training run; of generated ones tables do.
  @Test func accuraciesOfRatedPuzzlesAreMeasuredByDifficulty() throws {
    let (size, answer): (SudokuSize, [Int32]) = (try SudokuSize(side: 4), [2, 3, 4, 5])
    let rated = GridKind.sudoku(size, difficulties: [[0, 2, 3, 4]: 0, [0, 0, 3, 4]: 7])
    for kind in [rated, .sudoku(size)] {
      var evaluation = GridEvaluation(kind: kind, cells: 4)
      evaluation.add(Self.grids, [Self.step(answer + [5, 5, 4, 5], [1, 1], loss: 1)])
      let found = evaluation.evaluation.measures.filter {
        $0.name.hasPrefix("difficulty") || $0.name.hasPrefix("blanks")
      }
      let expected = [("0_exact", 1), ("0_cell", 1), ("7_exact", 0), ("7_cell", 0.5)].map { name, value in
        Measure(name: "difficulty_\(name)_accuracy", value: value, count: 1)
      }
      #expect(found == (kind.measuresDifficulties ? expected : []))
    }
  }

  /// A few ranges, so that curves stay apart.
  @Test func manyDifficultiesShareMeasures() throws {
    var kind = GridKind.maze(side: 9)
    kind.measuresDifficulties = true
    var evaluation = GridEvaluation(kind: kind, cells: 81)
    for length in 3...25 {
      let open = Array(repeating: Int32(Maze.Cell.open.rawValue), count: 82 - length)
      let answer = Array(repeating: Int32(Maze.Cell.path.rawValue), count: length - 1) + open
      evaluation.add(
        .init(questions: Array(repeating: 1, count: 81), answers: answer),
        [["answer_tokens": HostTensor([1, 81], answer), "halting_score": HostTensor([1], [Float(1)])]])
    }
    let found = evaluation.evaluation.measures.filter { $0.name.hasSuffix("_exact_accuracy") }.map(\.name)
    #expect(
      found == ["halted_exact_accuracy"]
        + ["3-8", "9-14", "15-20", "21-25"].map { "path_length_\($0)_exact_accuracy" })
  }

  @Test func manyDifficultiesShareRows() throws {
    var evaluation = GridEvaluation(kind: .sudoku(try SudokuSize(side: 6)), cells: 36)
    for blanks in 3...25 {
      let answer = Array(repeating: Int32(2), count: 36)
      let question = Array(repeating: Int32(1), count: blanks) + answer.dropFirst(blanks)
      evaluation.add(
        .init(questions: question, answers: answer),
        [["answer_tokens": HostTensor([1, 36], answer), "halting_score": HostTensor([1], [Float(1)])]])
    }
    let rows = evaluation.evaluation.tables[1].rows
    #expect(rows.map(\.key) == ["3-5", "6-8", "9-11", "12-14", "15-17", "18-20", "21-23", "24-25"])
    #expect(rows.map(\.count) == [3, 3, 3, 3, 3, 3, 3, 2])
    // Where most are easy, the easy ones do not hide the others.
    for _ in 0..<100 {
      let answer = Array(repeating: Int32(2), count: 36)
      evaluation.add(
        .init(questions: Array(repeating: 1, count: 3) + answer.dropFirst(3), answers: answer),
        [["answer_tokens": HostTensor([1, 36], answer), "halting_score": HostTensor([1], [Float(1)])]])
    }
    let skewed = evaluation.evaluation.tables[1].rows
    #expect(skewed.map(\.key) == ["3", "4-16", "17-25"] && skewed.map(\.count) == [101, 13, 9])
  }

  @Test func aTaskJudgesItsHeldOutPuzzles() throws {
    let task = try TinyRecursion.family.make(ModelOptions(preset: "nano", batch: 9, depth: 1))
    #expect(task.evaluationBatches == 114, "at least 1,024 puzzles")
    var firsts: [Bool] = []
    let found = try task.evaluation(batches: 2) { inputs, isFirst in
      firsts.append(isFirst)
      guard let labels = inputs.first(where: { $0.name == "labels" })?.tensor else { return [:] }
      return ["answer_tokens": labels, "halting_score": HostTensor([9], Array(repeating: Float(-1), count: 9))]
    }
    #expect(firsts == [true] + Array(repeating: false, count: 15) + [true] + Array(repeating: false, count: 15))
    #expect(found.count == 18 && found.tables[1].rows.map(\.count) == Array(repeating: 2, count: 9))
    #expect(found.measures.first { $0.name == "exact_accuracy" }?.value == 1)
    #expect(found.measures.first { $0.name == "halting_steps" }?.value == 16)
  }

  /// A slot that goes on makes no puzzle; one that halts gets the row of its place.
  @Test func onlyRowsOfHaltedSlotsAreMade() throws {
    var sizes = TinyRecursion.Sizes.nano
    sizes.batch = 3
    let asked = Asked()
    let rows: TinyRecursionTask.GridRows = { number, rows in
      asked.add(number, rows)
      return .init(
        questions: rows.flatMap { Array(repeating: Int32($0 + 1), count: 16) },
        answers: Array(repeating: 2, count: 16 * rows.count))
    }
    let task = try TinyRecursionTask(sizes, gradient: .last(1), seed: 1, training: rows, heldOut: rows)
    _ = try task.inputs(after: nil)
    let inputs = try task.inputs(after: ["halting_score": HostTensor([3], [-1, 9, -1] as [Float])])
    #expect(asked.all.map(\.number) == [0, 1] && asked.all[0].rows == [0, 1, 2])
    #expect([[1], []].contains(asked.all[1].rows), "unless it explores")
    let tokens = try #require(inputs.first { $0.name == "tokens" }).tensor.integers
    #expect(tokens == [1, 2, 3].flatMap { Array(repeating: Int32($0), count: 16) })
  }

  private final class Asked: @unchecked Sendable {
    private(set) var all: [(number: Int, rows: [Int])] = []

    func add(_ number: Int, _ rows: [Int]) { all.append((number, rows)) }
  }
}
