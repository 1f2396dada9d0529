import Puzzles
import Recurve
import TinyRecursion

/// Puzzles on 4x4 grids in equal numbers of every count of blanks, some held out for the test.
struct GridPuzzles: Sendable {
  var training: [Puzzle]
  var test: [Puzzle]

  struct Puzzle: Sendable {
    var question: [Int32]
    var answer: [Int32]
    var blankCount: Int { question.count { $0 == 1 } }
  }

  typealias Grids = TinyRecursionTask.Grids

  static let cells = 16

  /// The batch of a number: every epoch is another order of all training puzzles.
  func trainingBatch(_ number: Int, batch: Int, seed: UInt64) -> Grids {
    let perEpoch = training.count / batch
    let order = ShuffledOrder(count: training.count, seed: seed, stream: UInt64(number / perEpoch))
    let start = number % perEpoch * batch
    return Self.grids((start..<start + batch).map { training[order[$0]] })
  }

  func testBatch(_ number: Int, batch: Int) -> Grids {
    Self.grids(Array(test[number * batch..<(number + 1) * batch]))
  }

  private static func grids(_ puzzles: [Puzzle]) -> Grids {
    Grids(questions: puzzles.flatMap(\.question), answers: puzzles.flatMap(\.answer))
  }

  // MARK: Sudoku

  /// 4x4 Sudokus; no board of the test is a board of the training.
  static func sudokus(blanks: ClosedRange<Int>, training: Int, test: Int, seed: UInt64) throws -> GridPuzzles {
    let size = try SudokuSize(side: 4)
    var result = GridPuzzles(training: [], test: [])
    var generators = try blanks.map { try SudokuGenerator(size: size, seed: seed &* 97 &+ UInt64($0), blanks: $0...$0) }
    while result.training.count < training || result.test.count < test {
      for index in generators.indices {
        let puzzle = generators[index].next()
        let batch = SudokuBatch([puzzle])
        let isHeldOut = isTestBoard(puzzle.answer, seed: seed)
        let made = Puzzle(question: batch.inputs, answer: batch.labels)
        if isHeldOut, result.test.count < test { result.test.append(made) }
        if !isHeldOut, result.training.count < training { result.training.append(made) }
      }
    }
    return result
  }

  /// A quarter of all boards, chosen by the seed.
  private static func isTestBoard(_ board: [UInt8], seed: UInt64) -> Bool {
    let number = board.reduce(0 as UInt64) { 4 * $0 + UInt64($1 - 1) }
    var random = CounterRandom(seed: seed, stream: number)
    return random.index(below: 4) == 0
  }

  // MARK: Patterns

  /// Grids that repeat a 2x2 tile, and grids whose rows are one row, turned by the same number of places from each row to
  /// the next.
  static let patterns: [[Int32]] = {
    var grids: Set<[Int32]> = []
    for number in 0..<256 {
      let numbers = (0..<4).map { Int32(number >> (2 * $0) & 3) + 2 }
      grids.insert((0..<16).map { numbers[$0 / 4 % 2 * 2 + $0 % 4 % 2] })
      for turn in 0..<4 { grids.insert((0..<16).map { numbers[($0 % 4 + $0 / 4 * turn) % 4] }) }
    }
    return grids.sorted { $0.lexicographicallyPrecedes($1) }
  }()

  /// Patterns with gaps that one pattern only can fill; no pattern of the test is one of the training.
  static func patternPuzzles(blanks: ClosedRange<Int>, training: Int, test: Int, seed: UInt64) -> GridPuzzles {
    var random = CounterRandom(seed: seed)
    let order = random.shuffled(patterns.indices)
    let held = order.prefix(patterns.count / 4)
    func make(_ choice: [Int], _ count: Int) -> [Puzzle] {
      var puzzles: [Puzzle] = []
      while puzzles.count < count {
        let answer = patterns[choice[random.index(below: choice.count)]]
        var question = answer
        let gaps = blanks.lowerBound + random.index(below: blanks.count)
        for cell in random.shuffled(0..<cells).prefix(gaps) { question[cell] = 1 }
        let fits = patterns.count { pattern in zip(pattern, question).allSatisfy { $1 == 1 || $0 == $1 } }
        if fits == 1 { puzzles.append(Puzzle(question: question, answer: answer)) }
      }
      return puzzles
    }
    let testPuzzles = make(Array(held), test)
    return GridPuzzles(training: make(Array(order.dropFirst(held.count)), training), test: testPuzzles)
  }
}
