import Puzzles
import Recurve

/// The sequences in flight: each place of the batch with its puzzle and its supervision steps so far.
struct Slots {
  private(set) var questions: [Int32]
  private(set) var answers: [Int32]
  /// Places whose states start anew in the coming step.
  private(set) var isFresh: [Bool]
  /// Supervision steps that each sequence has had.
  private(set) var steps: [Int]
  private var isHalted: [Bool]
  private var batch = 0
  private let seed: UInt64
  private let cells: Int

  /// Share of the steps in which a sequence is made to think for at least a random number of steps.
  private static let exploration = 0.1

  init(count: Int, cells: Int, seed: UInt64) {
    self.cells = cells
    self.seed = seed
    questions = Array(repeating: 0, count: count * cells)
    answers = questions
    steps = Array(repeating: 0, count: count)
    isHalted = Array(repeating: true, count: count)
    isFresh = isHalted
  }

  /// Which sequences halt with the step that gave these scores: by score or at the limit, unless they explore.
  func halting(scores: [Float], limit: Int) -> [Bool] {
    // A stream per step: a resumed run draws what the unbroken one would have drawn.
    var random = PuzzleRandom(seed: seed, stream: 0x5107_0000 + UInt64(batch))
    return steps.indices.map { slot in
      let step = steps[slot] + 1
      let explores = Double(random.index(below: 1 << 20)) / Double(1 << 20) < Self.exploration
      let least = explores ? 2 + random.index(below: max(limit - 1, 1)) : 0
      let wantsToHalt = step >= limit || (slot < scores.count && scores[slot] > 0)
      return wantsToHalt && step >= min(least, limit)
    }
  }

  /// Counts a finished step and lets sequences halt.
  mutating func advance(scores: [Float], limit: Int) {
    isHalted = halting(scores: scores, limit: limit)
    for slot in steps.indices { steps[slot] += 1 }
  }

  /// Gives the next batch's puzzles to the places that halted.
  mutating func refill(from batches: (Int) -> TinyRecursionTask.Grids) {
    let next = batches(batch)
    batch += 1
    for slot in isHalted.indices where isHalted[slot] {
      let range = (slot * cells)..<((slot + 1) * cells)
      questions.replaceSubrange(range, with: next.questions[range])
      answers.replaceSubrange(range, with: next.answers[range])
      steps[slot] = 0
    }
    isFresh = isHalted
  }

  /// Everything that a resumed run needs.
  var tensors: [String: HostTensor] {
    let count = steps.count
    return [
      "slots.questions": HostTensor(Shape([count, cells]), questions),
      "slots.answers": HostTensor(Shape([count, cells]), answers),
      "slots.steps": HostTensor(Shape([count]), steps.map(Int32.init)),
      "slots.halted": HostTensor(Shape([count]), .bool(isHalted)),
      "slots.batch": HostTensor(.scalar, [Int32(batch)]),
    ]
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
  }
}
