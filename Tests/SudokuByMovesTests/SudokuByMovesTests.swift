import Recurve
import Testing

@testable import SudokuByMoves

/// Grids, splits, and a loop of moves that only writes what is allowed.
@Suite struct SudokuByMovesTests {
  @Test func allGridsAreThere() {
    #expect(SolutionGrids.all.count == 288 && Set(SolutionGrids.all).count == 288)
    #expect(SolutionGrids.peers.allSatisfy { $0.count == 7 })
    for grid in SolutionGrids.all {
      for cell in 0..<16 { #expect(SolutionGrids.peers[cell].allSatisfy { grid[$0] != grid[cell] }) }
    }
  }

  @Test func trainingAndValidationShareNoSolution() throws {
    let (training, validation) = SolutionGrids.split()
    #expect(training.numbers.count == 230 && validation.numbers.count == 58)
    #expect(Set(training.numbers).isDisjoint(with: validation.numbers))
    // A run is judged by another one's puzzles, too.
    let tasks = try [0, 5].map { try SudokuByMovesTask(ModelOptions(batch: 16, seed: $0)) }
    let held = Set(tasks.flatMap { $0.heldOutPuzzles(0).map(\.answer) })
    for number in 0..<5 {
      for task in tasks { #expect(held.isDisjoint(with: try Self.answers(task.inputs(after: nil))), "\(number)") }
    }
  }

  private static func answers(_ inputs: [(name: String, tensor: HostTensor)]) -> Set<[UInt8]> {
    let (grid, labels) = (inputs[0].tensor.integers, inputs[1].tensor.integers)
    let cells = zip(grid, labels).map { UInt8($0 == 0 ? $1 + 1 : $0) }
    return Set(stride(from: 0, to: cells.count, by: 16).map { Array(cells[$0..<$0 + 16]) })
  }

  @Test func puzzlesHaveOneAnswer() {
    var random = CounterRandom(seed: 1)
    for _ in 0..<50 {
      let puzzle = SolutionGrids.split().training.puzzle(blanks: 8, &random)
      #expect(puzzle.question.count { $0 == 0 } == 8)
      #expect(SolutionGrids.all.filter { SolutionGrids.fits(puzzle.question, $0) } == [puzzle.answer])
    }
  }

  @Test func modelsHaveTheirSizes() throws {
    func count(_ variant: SudokuByMoves.Variant) throws -> Int {
      let graph = try SudokuByMoves(variant, batch: 1).traced(name: "moves").graph
      return graph.parameters(.weight).reduce(0) { $0 + graph.type(of: $1).shape.elementCount }
    }
    #expect(try count(.mlp) == 35_136)
    // As published, but for the biases of the attention's four matrices.
    #expect(try count(.bert) == 268_420 - 2 * 512 && count(.recurrent) == 135_940 - 512)
  }

  /// Moves are legal and one at a time, whatever the weights; what is given stays.
  @Test func movesAreLegal() throws {
    let task = try SudokuByMovesTask(ModelOptions(variant: "mlp", batch: 4))
    let model = try #require(task.model as? SudokuByMoves)
    let store = try ParameterStore(model, seed: 3)
    let shape: Shape = ["B": 4, "S": 16]
    let program = try store.program("moves") { io in
      ["grid": model.played(io("grid", shape, .int32), moves: io("moves", [], .int32))]
    }
    let start = HostTensor(shape, task.heldOutPuzzles(0).flatMap { $0.question.map(Int32.init) })
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
          #expect(SolutionGrids.peers[cell % 16].allSatisfy { played[puzzle * 16 + $0] != played[cell] })
        }
      }
      before = played
    }
    #expect(before != start.integers)
  }

  /// After K moves at most K of eight blanks are right; the measurement says so of any weights.
  @Test func accuracyStaysBelowTheCeiling() throws {
    let task = try SudokuByMovesTask(ModelOptions(variant: "mlp", batch: 8))
    let found = try task.measured(ParameterStore(task.model, seed: 1), depths: [1, 4, 16], batches: 2)
    #expect(found.map(\.ceiling) == [0.125, 0.5, 1] && found.allSatisfy { $0.accuracy <= $0.ceiling })
    #expect(found.allSatisfy { (0...1).contains($0.precision) && (0...1).contains($0.solved) })
  }

  @Test func dataAreRefused() {
    let error = #expect(throws: SudokuByMovesError.self) { try SudokuByMovesTask(ModelOptions(dataPath: "grids.csv")) }
    #expect(error?.description == "got the data grids.csv, needs none: the puzzles are made of all 4x4 grids")
  }
}
