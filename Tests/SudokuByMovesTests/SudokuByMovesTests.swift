import Foundation
import Puzzles
import Recurve
import TestSupport
import Testing

@testable import SudokuByMoves

/// Puzzles, splits, and a loop of moves that only writes what is allowed.
@Suite struct SudokuByMovesTests {
  @Test func cellsSeeTheirRowColumnAndBox() throws {
    #expect(SudokuSize.four.peers.allSatisfy { $0.count == 7 } && SudokuSize.nine.peers.allSatisfy { $0.count == 20 })
    var generator = try SudokuGenerator(size: .nine, seed: 1)
    let grid = generator.next().answer
    for (cell, peers) in SudokuSize.nine.peers.enumerated() { #expect(peers.allSatisfy { grid[$0] != grid[cell] }) }
  }

  @Test func trainingAndValidationShareNoSolution() throws {
    // A run is judged by another one's puzzles, too.
    let tasks = try [0, 5].map { try SudokuByMovesTask(ModelOptions(batch: 16, seed: $0)) }
    let held = Set(try tasks.flatMap { try Self.answers($0.freshInputs(0), side: 4) })
    for number in 0..<5 {
      for task in tasks {
        #expect(held.isDisjoint(with: try Self.answers(task.inputs(after: nil), side: 4)), "\(number)")
      }
    }
  }

  private static func answers(_ inputs: [(name: String, tensor: HostTensor)], side: Int) -> Set<[UInt8]> {
    let (grid, labels, count) = (inputs[0].tensor.integers, inputs[1].tensor.integers, side * side)
    let cells = zip(grid, labels).map { UInt8($0 == 0 ? $1 + 1 : $0) }
    return Set(stride(from: 0, to: cells.count, by: count).map { Array(cells[$0..<$0 + count]) })
  }

  @Test func puzzlesHaveOneAnswer() throws {
    let grids = try SudokuByMovesTask(ModelOptions(batch: 32)).inputs(after: nil)[0].tensor.integers
    for start in stride(from: 0, to: grids.count, by: 16) {
      let question = grids[start..<start + 16].map { UInt8($0) }
      #expect(question.count { $0 == 0 } == 8)
      #expect(SudokuSolver().solutionCount(question, size: .four, atMost: 2) == 1)
    }
  }

  /// Puzzles of a file: those for training change their form, and no form has a solution that is held out.
  @Test func puzzlesOfAFileAreSplitBySolution() throws {
    try withTemporaryFolder { (folder: String) throws in
      var generator = try SudokuGenerator(size: .nine, seed: 4, blanks: 20...30)
      let puzzles = (0..<20).map { _ in generator.next() }
      let path = folder + "/puzzles.csv"
      func write(_ puzzles: [SudokuPuzzle]) throws {
        try Data(SudokuCSV.text(puzzles).utf8).write(to: URL(fileURLWithPath: path))
      }
      try write(puzzles)
      let task = try SudokuByMovesTask(ModelOptions(batch: 8, dataPath: path))
      let held = try Self.answers(SudokuByMovesTask(ModelOptions(batch: 1, dataPath: path)).freshInputs(0), side: 9)
      // One is held out; what fills its batch is not judged again.
      #expect(task.validationCount == 1 && task.puzzles.heldOutBatchCount == 1)
      #expect(task.puzzles.newCount(inBatch: 0) == 1 && task.puzzles.newCount(inBatch: 1) == 0)
      #expect(try task.freshInputs(0)[1].tensor.integers.dropFirst(81).allSatisfy { $0 == -1 })
      #expect(held.count == 1 && held.isSubset(of: puzzles.map(\.answer)))
      for _ in 0..<5 { #expect(held.isDisjoint(with: try Self.answers(task.inputs(after: nil), side: 9))) }
      func refusal(_ options: ModelOptions) -> String {
        do { _ = try SudokuByMovesTask(options) } catch {
          return "\(error)".replacingOccurrences(of: folder + "/", with: "")
        }
        return ""
      }
      #expect(
        refusal(ModelOptions(preset: "4x4", dataPath: path))
          == "puzzles.csv has puzzles of side 9, the preset needs side 4; choose another one with --preset")
      try write([puzzles[0]])
      #expect(
        refusal(ModelOptions(dataPath: path))
          == "puzzles.csv: puzzles must have at least 2 solutions between them, so that one can be held out, got 1")
      #expect(refusal(ModelOptions(dataPath: folder + "/none.csv")).contains("none.csv"))
    }
  }

  @Test func modelsHaveTheirSizes() throws {
    func count(_ variant: SudokuByMoves.Variant) throws -> Int {
      let graph = try SudokuByMoves(variant, batch: 1).traced(name: "moves").graph
      return graph.parameters(.weight).reduce(0) { $0 + graph.type(of: $1).shape.elementCount }
    }
    #expect(try count(.mlp) == 35_136)
    // As published.
    #expect(try count(.bert) == 268_420 && count(.recurrent) == 135_940)
  }

  /// Moves are legal and one at a time, whatever the weights; what is given stays.
  @Test func movesAreLegal() throws {
    let task = try SudokuByMovesTask(ModelOptions(variant: "mlp", batch: 4))
    let model = task.sudokuModel
    let store = try ParameterStore(model, seed: 3)
    let shape: Shape = ["B": 4, "S": 16]
    let program = try store.program("moves") { io in
      ["grid": model.played(io("grid", shape, .int32), moves: io("moves", [], .int32))]
    }
    let start = HostTensor(shape, task.puzzles.heldOut(0).inputs.map { $0 - 1 })
    let peers = SudokuSize.four.peers
    var before = start.integers
    for moves in 0...9 {
      let results = try program(["grid": start, "moves": HostTensor(.scalar, [Int32(moves)])])
      let played = try #require(results["grid"]?.integers)
      if moves == 0 { #expect(played == before) }
      for puzzle in 0..<4 {
        let cells = puzzle * 16..<(puzzle + 1) * 16
        let changed = cells.filter { played[$0] != before[$0] }
        #expect(changed.count <= 1 && changed.allSatisfy { before[$0] == 0 && (1...4).contains(played[$0]) })
        for cell in cells where played[cell] != 0 {
          let seen = peers[cell % 16].map { played[puzzle * 16 + $0] }
          #expect(!seen.contains(played[cell]))
        }
      }
      before = played
    }
    #expect(before != start.integers)
  }

  /// After K moves at most K of eight blanks are right; the measurement says so of any weights.
  @Test func accuracyStaysBelowTheCeiling() throws {
    let task = try SudokuByMovesTask(ModelOptions(variant: "mlp", batch: 8))
    let player = try MovePlayer(task.sudokuModel, ParameterStore(task.model, seed: 1))
    let found = try player.measured(on: task.puzzles, depths: [1, 4, 16], batches: 2)
    #expect(found.map(\.ceiling) == [0.125, 0.5, 1] && found.allSatisfy { $0.accuracy <= $0.ceiling ?? 0 })
    #expect(found.allSatisfy { (0...1).contains($0.precision) && (0...1).contains($0.solved) })
  }

  /// Neither for training, which would have nothing to learn, nor for moves, which would have nothing to fill.
  @Test func puzzlesWithoutBlanksAreRefused() throws {
    try withTemporaryFolder { (folder: String) throws in
      var generator = try SudokuGenerator(size: .four, seed: 4, blanks: 8...8)
      let puzzles = (0..<20).map { _ in generator.next() }
      let split = try SudokuSplit(of: puzzles)
      let heldOut = puzzles.count { split.isHeldOut($0.answer) }
      let path = folder + "/puzzles.csv"
      /// With the puzzles that are held out solved, or with the others.
      func task(solvingHeldOut: Bool) throws -> SudokuByMovesTask {
        let written = puzzles.map { puzzle -> SudokuPuzzle in
          var puzzle = puzzle
          if split.isHeldOut(puzzle.answer) == solvingHeldOut { puzzle.question = puzzle.answer }
          return puzzle
        }
        try Data(SudokuCSV.text(written).utf8).write(to: URL(fileURLWithPath: path))
        return try SudokuByMovesTask(ModelOptions(preset: "4x4", variant: "mlp", batch: 4, dataPath: path))
      }
      let trained = #expect(throws: MovePuzzlesError.self) { try task(solvingHeldOut: false) }
      let others = "found none in the \(20 - heldOut) that are not held out"
      #expect(trained?.description == "\(path): needed puzzles with blanks to train on, \(others)")
      let played = try task(solvingHeldOut: true)
      let player = try MovePlayer(played.sudokuModel, ParameterStore(played.model, seed: 1))
      let filled = #expect(throws: MovePuzzlesError.self) {
        try player.measured(on: played.puzzles, depths: [1], batches: 9)
      }
      #expect(
        filled?.description == "needed held-out puzzles with blanks, found none in the \(heldOut) that are played")
    }
  }

  @Test(arguments: [1, 4]) func gradientsReachNoFurtherThanTheApplications(_ applications: Int) throws {
    func traced(_ gradient: GradientMode) throws -> TracedModel {
      try SudokuByMoves(.recurrent, batch: 1, applications: applications, gradient: gradient).traced(name: "moves")
    }
    let error = #expect(throws: TraceError.self) { try traced(.last(5)) }
    let problem = "recur.2: last(5) reaches back further than the \(applications) iterations; use full"
    #expect(error?.description.contains(problem) == true)
    _ = try traced(.last(applications))
  }

  /// Only one form repeats anything.
  @Test func depthsWithoutEffectAreRefused() throws {
    func refusal(_ options: ModelOptions) -> String? {
      #expect(throws: ModelFamilyError.self) { try SudokuByMoves.family.make(options) }?.description
    }
    #expect(
      refusal(ModelOptions(variant: "bert", depth: 8)) == "setting depth is '8', needs none, since bert repeats nothing"
    )
    #expect(
      refusal(ModelOptions(variant: "mlp", gradient: .last(1)))
        == "setting gradient is 'last(1)', needs none, since mlp repeats nothing")
    // What records of runs say of it.
    _ = try SudokuByMoves.family.make(ModelOptions(variant: "mlp", depth: 4, gradient: .full))
    _ = try SudokuByMoves.family.make(ModelOptions(variant: "recurrent", depth: 8, gradient: .last(1)))
  }
}
