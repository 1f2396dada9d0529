import Recurve
import Testing

@testable import TinyRecursion

/// Exploration by itself, and what halting resets.
@Suite struct SlotsTests {
  private static let limit = 16
  private static let seed: UInt64 = 9

  /// Grids of one cell that says which batch and which row they are.
  private static let rows: TinyRecursionTask.GridRows = { number, rows in
    .init(
      questions: rows.map { Int32(1000 * number + $0) }, answers: rows.map { Int32(-1000 * number - $0) },
      puzzles: rows.map { Int32(number + $0) })
  }

  private static func slots(_ count: Int, exploration: Double = Slots.exploration) -> Slots {
    var slots = Slots(count: count, cells: 1, puzzles: 100, seed: seed, exploration: exploration)
    slots.refill(from: rows)
    return slots
  }

  private static func draws(_ count: Int, exploration: Double = Slots.exploration) -> [Int] {
    (1...count / 100).flatMap {
      Slots.leastSteps(seed: seed, batch: $0, count: 100, limit: limit, exploration: exploration)
    }
  }

  // MARK: What is drawn

  @Test func everyNumberFromTwoToTheLimitIsEquallyLikely() {
    let counts = Dictionary(grouping: Self.draws(15_000, exploration: 1), by: \.self).mapValues(\.count)
    #expect(counts.keys.sorted() == Array(2...16))
    // A thousand each; the standard deviation is 31.
    #expect(counts.values.allSatisfy { (840...1160).contains($0) }, "\(counts)")
  }

  @Test func aTenthExploresAsPublished() {
    let least = Self.draws(15_000)
    let exploring = least.filter { $0 > 0 }
    #expect(Slots.exploration == 0.1 && (1300...1700).contains(exploring.count), "\(exploring.count)")
    let mean = Double(exploring.reduce(0, +)) / Double(exploring.count)
    #expect(abs(mean - 9) < 0.7 && exploring.allSatisfy((2...16).contains), "\(mean)")
    #expect(Self.draws(15_000, exploration: 0).allSatisfy { $0 == 0 })
  }

  /// Each step draws anew, the same for the same number of batches.
  @Test func drawsAreFunctionsOfSeedAndStep() {
    func least(_ batch: Int, seed: UInt64 = Self.seed) -> [Int] {
      Slots.leastSteps(seed: seed, batch: batch, count: 50, limit: Self.limit, exploration: 1)
    }
    #expect(least(3) == least(3) && least(3) != least(4) && least(3) != least(3, seed: 1))
  }

  // MARK: What it does

  /// All want to halt at once: those that explore go on until they have had their least number of steps.
  @Test(arguments: [0.0, 0.1, 1.0]) func sequencesThatExploreGoOn(_ exploration: Double) {
    var slots = Self.slots(200, exploration: exploration)
    let scores = Array(repeating: Float(1), count: 200)
    var steps = Array(repeating: 0, count: 200)
    var goneOn = 0
    for batch in 1...40 {
      let least = Slots.leastSteps(
        seed: Self.seed, batch: batch, count: 200, limit: Self.limit, exploration: exploration)
      let halted = slots.halting(scores: scores, limit: Self.limit)
      #expect(halted == (0..<200).map { steps[$0] + 1 >= least[$0] }, "step \(batch)")
      slots.advance(scores: scores, limit: Self.limit)
      slots.refill(from: Self.rows)
      for slot in 0..<200 { steps[slot] = halted[slot] ? 0 : steps[slot] + 1 }
      let (fresh, counted) = (slots.isFresh, slots.steps)
      #expect(fresh == halted && counted == steps)
      if batch == 1 { #expect((halted.count { !$0 } == 200) == (exploration == 1)) }
      goneOn += halted.count { !$0 }
    }
    let range = exploration == 0 ? 0...0 : exploration == 1 ? 5000...8000 : 650...950
    #expect(range.contains(goneOn), "\(goneOn) of 8,000")
  }

  /// Exploring delays halting; it makes nobody halt, and nobody goes on beyond the limit.
  @Test(arguments: [0.0, 1.0]) func theLimitHolds(_ exploration: Double) {
    var slots = Self.slots(20, exploration: exploration)
    let scores = Array(repeating: Float(-1), count: 20)
    for step in 1...4 {
      let halted = slots.halting(scores: scores, limit: 4)
      #expect(halted == Array(repeating: step == 4, count: 20))
      slots.advance(scores: scores, limit: 4)
    }
    var short = Self.slots(20, exploration: exploration)
    let halted = short.halting(scores: scores, limit: 1)
    #expect(halted.allSatisfy { $0 })
  }

  /// The batches that a run trains on are told which places explore.
  @Test func theModelExplores() throws {
    var sizes = TinyRecursion.Sizes.nano
    sizes.batch = 64
    let rows: TinyRecursionTask.GridRows = { _, rows in
      let cells = 16 * rows.count
      return .init(questions: Array(repeating: 1, count: cells), answers: Array(repeating: 2, count: cells))
    }
    let task = try TinyRecursionTask(sizes, gradient: .last(1), seed: 1, training: rows, heldOut: rows)
    _ = try task.inputs(after: nil)
    let scores = HostTensor([64], Array(repeating: Float(1), count: 64))
    var goneOn = 0
    for _ in 0..<60 {
      let inputs = try task.inputs(after: ["halting_score": scores])
      goneOn += try #require(inputs.first { $0.name == "fresh" }).tensor.doubles.count { $0 == 0 }
    }
    #expect((270...500).contains(goneOn), "\(goneOn) of 3,840, of which a tenth explores")
  }

  // MARK: What halting resets

  @Test func haltedPlacesAndNoOthersGetNewPuzzles() {
    var slots = Self.slots(6, exploration: 0)
    slots.advance(scores: [-1, 1, -1, -1, 2, 0], limit: Self.limit)
    slots.refill(from: Self.rows)
    let (grids, fresh, steps) = (slots.grids, slots.isFresh, slots.steps)
    #expect(fresh == [false, true, false, false, true, false])
    #expect(steps == [1, 0, 1, 1, 0, 1])
    #expect(grids.questions == [0, 1001, 2, 3, 1004, 5] && grids.answers == [0, -1001, -2, -3, -1004, -5])
    #expect(grids.puzzles == [0, 2, 2, 3, 5, 5])
  }

  /// The states of a place begin anew where it is fresh; those of the others go on, to the bit.
  @Test func freshStatesBeginAnewAndOthersGoOn() throws {
    var sizes = TinyRecursion.Sizes.nano
    (sizes.batch, sizes.width, sizes.inner, sizes.updates, sizes.cycles) = (2, 16, 16, 1, 1)
    let model = TinyRecursion(sizes, gradient: .none)
    let program = try ParameterStore(model, seed: 3).program("think", CompilerOptions(workerCount: 1)) { io in
      let thought = model.think(io, io("tokens", ["B": 2, "S": 16], .int32), io("fresh", ["B": 2], .bool))
      thought.answer.state.next = thought.answer.next
      thought.latent.state.next = thought.latent.next
      return ["y": thought.answer.next, "z": thought.latent.next]
    }
    let tokens = HostTensor([2, 16], (0..<32).map { Int32($0 % 5 + 1) })
    /// The states of both places after steps in which they were fresh or not.
    func states(_ steps: [[Bool]]) throws -> [[Float]] {
      let session = Session()
      var found: [String: HostTensor] = [:]
      for fresh in steps {
        found = try program(["tokens": tokens, "fresh": HostTensor([2], .bool(fresh))], in: session)
      }
      let (y, z) = (try #require(found["y"]).floats, try #require(found["z"]).floats)
      let half = y.count / 2
      return [Array(y[..<half] + z[..<half]), Array(y[half...] + z[half...])]
    }
    let first = try states([[true, true]])
    let (one, none) = (try states([[true, true], [true, false]]), try states([[true, true], [false, false]]))
    #expect(one[0] == first[0] && one[1] != first[1])
    #expect(one[1] == none[1] && none[0] != first[0])
  }
}
