import Recurve

/// The sequences in flight: each place of the batch with its puzzle and its supervision steps so far.
struct Slots {
  // Made when first asked for: how much memory a batch needs is known, and refused, before any of it exists.
  private(set) lazy var questions = Array(repeating: Int32(0), count: count * cells)
  private(set) lazy var answers = Array(repeating: Int32(0), count: count * cells)
  /// Which puzzle each is; empty where puzzles have no vectors of their own.
  private(set) lazy var puzzles = Array(repeating: Int32(0), count: puzzleCount > 1 ? count : 0)
  /// Places whose states start anew in the coming step.
  private(set) lazy var isFresh = Array(repeating: true, count: count)
  /// Supervision steps that each sequence has had.
  private(set) lazy var steps = Array(repeating: 0, count: count)
  private lazy var isHalted = Array(repeating: true, count: count)
  private let count: Int
  private var batch = 0
  private let seed: UInt64
  private let cells: Int
  private let puzzleCount: Int
  private let exploration: Double

  /// Share of the steps in which a sequence is made to think for at least a random number of steps, as published.
  static let exploration = 0.1

  /// - Parameter exploration: nobody but tests asks for another share.
  init(count: Int, cells: Int, puzzles: Int, seed: UInt64, exploration: Double = Self.exploration) {
    self.exploration = exploration
    self.count = count
    puzzleCount = puzzles
    self.cells = cells
    self.seed = seed
  }

  /// Which sequences halt with the step that gave these scores: by score or at the limit, unless they explore.
  mutating func halting(scores: [Float], limit: Int) -> [Bool] {
    let least = Self.leastSteps(seed: seed, batch: batch, count: count, limit: limit, exploration: exploration)
    return steps.indices.map { slot in
      let step = steps[slot] + 1
      let wantsToHalt = step >= limit || (slot < scores.count && scores[slot] > 0)
      return wantsToHalt && step >= min(least[slot], limit)
    }
  }

  /// How long each sequence has to think at least, with the step that follows so many batches: 2 to the limit, each equally
  /// likely, and 0 for those that do not explore. Drawn anew with every step, as published.
  ///
  /// A stream per step: a resumed run draws what the unbroken one would have drawn.
  static func leastSteps(
    seed: UInt64, batch: Int, count: Int, limit: Int, exploration: Double = Self.exploration
  ) -> [Int] {
    var random = CounterRandom(seed: seed, stream: 0x5107_0000 + UInt64(batch))
    return (0..<count).map { _ in
      let explores = Double(random.index(below: 1 << 20)) / Double(1 << 20) < exploration
      return explores ? 2 + random.index(below: max(limit - 1, 1)) : 0
    }
  }

  /// Counts a finished step and lets sequences halt.
  mutating func advance(scores: [Float], limit: Int) {
    isHalted = halting(scores: scores, limit: limit)
    for slot in steps.indices { steps[slot] += 1 }
  }

  /// Gives the next batch's puzzles to the places that halted; the rest of that batch is never made.
  mutating func refill(from batches: TinyRecursionTask.GridRows) {
    let halted = isHalted.indices.filter { isHalted[$0] }
    let next = batches(batch, halted)
    batch += 1
    for (row, slot) in halted.enumerated() {
      let (range, own) = (slot * cells..<(slot + 1) * cells, row * cells..<(row + 1) * cells)
      questions.replaceSubrange(range, with: next.questions[own])
      answers.replaceSubrange(range, with: next.answers[own])
      if puzzleCount > 1 { puzzles[slot] = next.puzzles[row] }
      steps[slot] = 0
    }
    isFresh = isHalted
  }

  var grids: TinyRecursionTask.Grids {
    mutating get { TinyRecursionTask.Grids(questions: questions, answers: answers, puzzles: puzzles) }
  }

  /// Everything that a resumed run needs.
  var tensors: [String: HostTensor] {
    mutating get {
      let own = puzzleCount > 1 ? ["slots.puzzles": HostTensor(Shape([count]), puzzles)] : [:]
      return own.merging([
        "slots.questions": HostTensor(Shape([count, cells]), questions),
        "slots.answers": HostTensor(Shape([count, cells]), answers),
        "slots.steps": HostTensor(Shape([count]), steps.map(Int32.init)),
        "slots.halted": HostTensor(Shape([count]), .bool(isHalted)),
        "slots.batch": HostTensor(.scalar, [Int32(batch)]),
      ]) { first, _ in first }
    }
  }

  /// What is wrong with numbers that `tensors` cannot have given; the tensors have its names and types.
  static func problems(
    in tensors: [String: HostTensor], vocabulary: Int, limit: Int, puzzles: Int
  ) -> [String] {
    let ranges = [
      ("slots.questions", 0...vocabulary - 1), ("slots.answers", 0...vocabulary - 1), ("slots.steps", 0...limit - 1),
      ("slots.batch", 0...TrainingPlan.largestStepCount), ("slots.puzzles", 0...puzzles - 1),
    ]
    return ranges.compactMap { name, range in
      let wrong = tensors[name]?.integers.first { !range.contains(Int($0)) }
      return wrong.map { "\(name) holds \($0), needs \(range.lowerBound) to \(range.upperBound)" }
    }
  }

  mutating func restore(_ tensors: [String: HostTensor]) {
    guard let questions = tensors["slots.questions"], let answers = tensors["slots.answers"],
      let steps = tensors["slots.steps"], let halted = tensors["slots.halted"], let batch = tensors["slots.batch"]
    else { return }
    self.questions = questions.integers
    self.answers = answers.integers
    self.steps = steps.integers.map(Int.init)
    isHalted = halted.doubles.map { $0 != 0 }
    self.batch = Int(batch.integers[0])
    if let puzzles = tensors["slots.puzzles"] { self.puzzles = puzzles.integers }
  }
}
