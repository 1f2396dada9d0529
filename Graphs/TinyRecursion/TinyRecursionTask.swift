import Puzzles
import Recurve

extension TinyRecursion {
  /// The model as commands know it.
  public static let family: ModelFamily = ModelFamily(
    name: "tiny-recursion", summary: "Tiny Recursive Model: Sudoku by nested recursion with deep supervision",
    presets: Sizes.presets.map { name, sizes in
      ModelPreset(name, batch: sizes.batch, depth: sizes.cycles, gradient: .last(1), recipe: recipe)
    }, presetForFiles: "mini", variants: Sizes.Variant.allCases.map(\.rawValue), depthName: "cycles",
    make: { try TinyRecursionTask($0) })

  /// What a processor learns the small puzzles by in minutes.
  private static let recipe = Recipe(steps: 300, rule: .adamW, learningRate: 1e-3, warmUp: 20)
}

/// The Tiny Recursive Model with its puzzles.
///
/// One step of the program is one supervision step of every sequence in flight. A sequence keeps its puzzle and its states
/// until it halts; its place then takes the next batch's puzzle, and the others' rows of that batch are discarded (TRM,
/// pretrain.py and models/recursive_reasoning/trm.py).
public final class TinyRecursionTask: TrainingTask {
  public let sizes: TinyRecursion.Sizes
  public let model: any Model
  private let training: @Sendable (Int) -> Grids
  private let validation: @Sendable (Int) -> Grids
  private let size: SudokuSize
  private var slots: Slots

  /// Questions and answers as tokens, `[B, S]` each: 0 pad, 1 blank, n + 1 for the number n.
  public struct Grids: Sendable {
    public var questions: [Int32]
    public var answers: [Int32]

    public init(questions: [Int32], answers: [Int32]) {
      self.questions = questions
      self.answers = answers
    }
  }

  /// The model with grids of the caller's.
  ///
  /// - Parameters:
  ///   - training: the batch of a number, a pure function of it, so that a resumed run sees what the unbroken one would.
  ///   - validation: the same for grids that training never sees.
  /// - Throws: when the cells of the sizes are no square of a supported side.
  public init(
    _ sizes: TinyRecursion.Sizes, gradient: GradientMode = .last(1), seed: UInt64,
    training: @escaping @Sendable (Int) -> Grids, validation: @escaping @Sendable (Int) -> Grids
  ) throws {
    self.sizes = sizes
    size = try SudokuSize(side: sizes.side)
    model = TinyRecursion(sizes, gradient: gradient)
    self.training = training
    self.validation = validation
    slots = Slots(count: sizes.batch, cells: sizes.cells, seed: seed)
  }

  public var graphName: String { "tiny-recursion" }
  public var batchSize: Int { sizes.batch }

  /// The model as a command asks for it, with Sudokus.
  public convenience init(_ options: ModelOptions) throws {
    let sizes = try Self.sizes(options)
    let size = try SudokuSize(side: sizes.side)
    let puzzles = try Self.puzzles(options, sizes, size)
    // Whole puzzles are held out, every sixteenth of them.
    let held = puzzles.indices.filter { $0 % 16 == 15 }
    let kept = puzzles.indices.filter { $0 % 16 != 15 }
    let training = try SudokuBatches(
      puzzles: kept.map { puzzles[$0] }, batchSize: sizes.batch, seed: options.seed, augment: size.hasSquareBoxes)
    let validation = try SudokuBatches(
      puzzles: (held.isEmpty ? kept : held).map { puzzles[$0] }, batchSize: sizes.batch, seed: options.seed,
      augment: false)
    try self.init(
      sizes, gradient: options.gradient ?? .last(1), seed: options.seed,
      training: { Grids(training.batch($0)) }, validation: { Grids(validation.batch($0)) })
  }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    if let results {
      slots.advance(
        scores: results["halting_score"]?.floats ?? [], limit: sizes.supervisionSteps)
    }
    slots.refill(from: training)
    return tensors(slots.questions, slots.answers, slots.isFresh)
  }

  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    let batch = validation(number)
    return tensors(batch.questions, batch.answers, Array(repeating: true, count: sizes.batch))
  }

  /// The same puzzles for all supervision steps, as the published evaluation has it: nothing halts early.
  public func validationSteps(_ number: Int) throws -> [[(name: String, tensor: HostTensor)]] {
    let batch = validation(number)
    return (0..<sizes.supervisionSteps).map { step in
      tensors(batch.questions, batch.answers, Array(repeating: step == 0, count: sizes.batch))
    }
  }

  /// Means over the sequences that halt with this step, as the published metrics are; none in steps in which none halts.
  public func measures(_ results: [String: HostTensor]) -> [Measure] {
    guard let scores = results["halting_score"]?.floats, let given = results["answer_tokens"]?.integers else {
      return []
    }
    let halts = slots.halting(scores: scores, limit: sizes.supervisionSteps)
    let halted = halts.indices.filter { halts[$0] }
    if halted.isEmpty { return [] }
    func mean(_ name: String, _ value: (Int) -> Double) -> Measure {
      Measure(name: name, value: halted.reduce(0) { $0 + value($1) } / Double(halted.count), count: halted.count)
    }
    func right(_ slot: Int) -> Int {
      (slot * sizes.cells..<(slot + 1) * sizes.cells).count { given[$0] == slots.answers[$0] }
    }
    func isSolved(_ slot: Int) -> Bool { right(slot) == sizes.cells }
    return [
      mean("cell_accuracy") { Double(right($0)) / Double(sizes.cells) },
      mean("puzzle_accuracy") { isSolved($0) ? 1 : 0 },
      mean("halting_accuracy") { (scores[$0] > 0) == isSolved($0) ? 1 : 0 },
      mean("supervision_steps") { Double(slots.steps[$0] + 1) },
    ]
  }

  private func tensors(
    _ questions: [Int32], _ answers: [Int32], _ isFresh: [Bool]
  ) -> [(name: String, tensor: HostTensor)] {
    let shape = Shape([sizes.batch, sizes.cells])
    return [
      ("tokens", HostTensor(shape, questions)), ("labels", HostTensor(shape, answers)),
      ("fresh", HostTensor(Shape([sizes.batch]), .bool(isFresh))),
    ]
  }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    func board(_ tokens: ArraySlice<Int32>) -> [Substring] {
      let digits = tokens.map { SudokuBatch.digit($0, size: size) ?? 0 }
      return size.board(digits).split(separator: "\n")
    }
    guard let question = inputs.first(where: { $0.name == "tokens" })?.tensor.integers,
      let answer = inputs.first(where: { $0.name == "labels" })?.tensor.integers,
      let given = results["answer_tokens"]?.integers
    else { return "" }
    let cells = 0..<sizes.cells
    let right = cells.count { given[$0] == answer[$0] }
    let columns = [board(question[cells]), board(given[cells]), board(answer[cells])]
    let titles = ["question", "the model's answer", "solution"]
    let width = (columns[0].map(\.count) + titles.map(\.count)).max() ?? 0
    func row(_ parts: [String]) -> String {
      parts.map { $0 + String(repeating: " ", count: max(0, width + 4 - $0.count)) }.joined()
    }
    let rows = columns[0].indices.map { line in row(columns.map { String($0[line]) }) }
    return ([row(titles)] + rows).joined(separator: "\n")
      + "\n\(right) of \(cells.count) cells right"
  }

  public func problems(in progress: [String: HostTensor]) -> [String] {
    Slots.problems(in: progress, vocabulary: sizes.vocabulary, limit: sizes.supervisionSteps)
  }

  public var progress: [String: HostTensor] {
    get { slots.tensors }
    set { slots.restore(newValue) }
  }
}

extension TinyRecursionTask.Grids {
  public init(_ batch: SudokuBatch) { self.init(questions: batch.inputs, answers: batch.labels) }
}

extension TinyRecursionTask {
  private static func sizes(_ options: ModelOptions) throws -> TinyRecursion.Sizes {
    let options = try TinyRecursion.family.completed(options)
    let presets = TinyRecursion.Sizes.presets
    guard var sizes = presets.first(where: { $0.name == options.preset })?.sizes else {
      throw ModelFamilyError.unknown("preset", options.preset ?? "", known: presets.map(\.name))
    }
    if let variant = options.variant.flatMap(TinyRecursion.Sizes.Variant.init) { sizes.variant = variant }
    if let batch = options.batch { sizes.batch = batch }
    if let depth = options.depth { sizes.cycles = depth }
    guard sizes.batch >= 1 else { throw TaskError.tooSmall("batch", sizes.batch) }
    guard sizes.cycles >= 1 else { throw TaskError.tooSmall("depth", sizes.cycles) }
    return sizes
  }

  private static func puzzles(
    _ options: ModelOptions, _ sizes: TinyRecursion.Sizes, _ size: SudokuSize
  ) throws -> [SudokuPuzzle] {
    guard let path = options.dataPath else {
      var generator = try SudokuGenerator(size: size, seed: options.seed)
      return (0..<(size.side == 9 ? 256 : 512)).map { _ in generator.next() }
    }
    let puzzles = try SudokuCSV.read(path: path)
    if let other = puzzles.first(where: { $0.size != size }) {
      throw TaskError.wrongSide(path, found: other.size.side, needed: size.side)
    }
    return puzzles
  }
}

/// What a user got wrong about the model's options.
public enum TaskError: UsageError, Hashable, CustomStringConvertible {
  case tooSmall(String, Int)
  case wrongSide(String, found: Int, needed: Int)

  public var isUsage: Bool {
    switch self {
    case .tooSmall: true
    case .wrongSide: false
    }
  }

  public var description: String {
    switch self {
    case .tooSmall(let name, let value): "\(name) must be at least 1, got \(value)"
    case .wrongSide(let path, let found, let needed):
      "\(path) has puzzles of side \(found), the preset needs side \(needed); choose another preset"
    }
  }
}
