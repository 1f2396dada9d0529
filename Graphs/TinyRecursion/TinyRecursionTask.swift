import Puzzles
import Recurve

/// The Tiny Recursive Model with its puzzles.
///
/// One step of the program is one supervision step of every sequence in flight. A sequence keeps its puzzle and its states
/// until it halts; its place then takes the next batch's puzzle, and the others' rows of that batch are discarded (TRM,
/// pretrain.py and models/recursive_reasoning/trm.py).
public final class TinyRecursionTask: TrainingTask {
  public let sizes: TinyRecursion.Sizes
  public let model: any Model
  private(set) var kind: GridKind
  private let training: GridRows
  private let heldOut: GridRows
  private var slots: Slots
  /// Tasks, where the puzzles are such.
  let arc: ARCSource?
  /// Puzzles that are held out; nil where they never end.
  private(set) var heldOutCount: Int?

  /// The model with grids of the caller's.
  ///
  /// - Parameters:
  ///   - training: the batch of a number, a pure function of it, so that a resumed run sees what the unbroken one would.
  ///   - validation: the same for grids that training never sees.
  /// - Throws: when the cells of the sizes are no square of a supported side.
  public convenience init(
    _ sizes: TinyRecursion.Sizes, gradient: GradientMode = .last(1), seed: UInt64,
    training: @escaping @Sendable (Int) -> Grids, validation: @escaping @Sendable (Int) -> Grids
  ) throws {
    let cells = sizes.cells
    try self.init(
      sizes, gradient: gradient, seed: seed, training: { training($0).rows($1, cells: cells) },
      heldOut: { validation($0).rows($1, cells: cells) })
  }

  /// - Throws: when the cells of the sizes are no square of a supported side.
  init(
    _ sizes: TinyRecursion.Sizes, gradient: GradientMode, seed: UInt64, training: @escaping GridRows,
    heldOut: @escaping GridRows, arc: ARCSource? = nil
  ) throws {
    self.sizes = sizes
    kind = try sizes.kind()
    model = TinyRecursion(sizes, gradient: gradient)
    self.training = training
    self.heldOut = heldOut
    self.arc = arc
    slots = Slots(count: sizes.batch, cells: sizes.cells, puzzles: sizes.puzzleCount, seed: seed)
  }

  public var graphName: String { "tiny-recursion" }
  /// Of tasks it is the questions: tests in all forms.
  public var validationCount: Int? { arc?.questionCount ?? heldOutCount }
  public var batchSize: Int { sizes.batch }

  /// The model as a command asks for it.
  public convenience init(_ options: ModelOptions) throws {
    var sizes = try TinyRecursion.Sizes(options)
    let source = try Source(sizes, path: options.dataPath, seed: options.seed)
    if let arc = source.arc { sizes.puzzleCount = arc.puzzleCount }
    try self.init(
      sizes, gradient: options.gradient ?? .last(1), seed: options.seed, training: source.training,
      heldOut: source.heldOut, arc: source.arc)
    heldOutCount = source.heldOutCount
    if let own = source.kind { kind = own }
  }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    if let results {
      slots.advance(
        scores: results["halting_score"]?.floats ?? [], limit: sizes.supervisionSteps)
    }
    slots.refill(from: training)
    return tensors(slots.grids, slots.isFresh)
  }

  public var restarts: [String] { ["fresh"] }

  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    let batch = heldOutGrids(number)
    return tensors(batch, Array(repeating: true, count: sizes.batch))
  }

  /// The same puzzles for all supervision steps, as the published evaluation has it: nothing halts early.
  public func validationSteps(_ number: Int) throws -> [[(name: String, tensor: HostTensor)]] {
    let batch = heldOutGrids(number)
    return (0..<sizes.supervisionSteps).map { step in
      tensors(batch, Array(repeating: step == 0, count: sizes.batch))
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
    // Cells without a label are neither right nor wrong.
    func labelled(_ slot: Int) -> [Int] {
      (slot * sizes.cells..<(slot + 1) * sizes.cells).filter { !sizes.hasPads || slots.answers[$0] != 0 }
    }
    func accuracy(_ slot: Int) -> Double {
      let cells = labelled(slot)
      return Double(cells.count { given[$0] == slots.answers[$0] }) / Double(max(cells.count, 1))
    }
    func isSolved(_ slot: Int) -> Bool { labelled(slot).allSatisfy { given[$0] == slots.answers[$0] } }
    return [
      mean("cell_accuracy", accuracy),
      mean("puzzle_accuracy") { isSolved($0) ? 1 : 0 },
      mean("halting_accuracy") { (scores[$0] > 0) == isSolved($0) ? 1 : 0 },
      mean("supervision_steps") { Double(slots.steps[$0] + 1) },
    ]
  }

  func heldOutGrids(_ number: Int) -> Grids { heldOut(number, Array(0..<sizes.batch)) }
  /// Of which a step takes the rows whose places have halted.
  func trainingGrids(_ number: Int) -> Grids { training(number, Array(0..<sizes.batch)) }

  private func tensors(_ grids: Grids, _ isFresh: [Bool]) -> [(name: String, tensor: HostTensor)] {
    let (all, each) = (Shape([sizes.batch, sizes.cells]), Shape([sizes.batch]))
    return [
      ("tokens", HostTensor(all, grids.questions)), ("labels", HostTensor(all, grids.answers)),
      ("fresh", HostTensor(each, .bool(isFresh))),
    ] + (sizes.puzzleCount > 1 ? [("puzzles", HostTensor(each, grids.puzzles))] : [])
  }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    guard let question = inputs.first(where: { $0.name == "tokens" })?.tensor.integers,
      let answer = inputs.first(where: { $0.name == "labels" })?.tensor.integers,
      let given = results["answer_tokens"]?.integers
    else { return "" }
    let cells = 0..<sizes.cells
    let labelled = cells.filter { !sizes.hasPads || answer[$0] != 0 }
    let right = labelled.count { given[$0] == answer[$0] }
    let columns = [kind.lines(question[cells]), kind.lines(given[cells]), kind.lines(answer[cells])]
    let titles = ["question", "the model's answer", "solution"]
    let width = (columns[0].map(\.count) + titles.map(\.count)).max() ?? 0
    func row(_ parts: [String]) -> String {
      parts.map { $0 + String(repeating: " ", count: max(0, width + 4 - $0.count)) }.joined()
    }
    let rows = columns[0].indices.map { line in row(columns.map { $0[line] }) }
    return ([row(titles)] + rows).joined(separator: "\n")
      + "\n\(right) of \(labelled.count) cells right"
  }

  public func optimizer(_ recipe: Optimizer) -> Optimizer { TinyRecursion.optimizer(recipe, sizes) }

  public func problems(in progress: [String: HostTensor]) -> [String] {
    let others = progress[Self.tasksName].map { $0.integers != arc?.identities }
    return Slots.problems(
      in: progress, vocabulary: sizes.vocabulary, limit: sizes.supervisionSteps, puzzles: sizes.puzzleCount)
      + (others == true
        ? ["the vectors of puzzles are of other tasks or other forms of them, needs the run's own"] : [])
  }

  /// Vectors of puzzles say nothing of other tasks.
  public var meanings: [String] { arc == nil ? [] : [Self.tasksName] }
  private static let tasksName = "tasks"

  public var progress: [String: HostTensor] {
    get {
      guard let arc else { return slots.tensors }
      return slots.tensors.merging([Self.tasksName: HostTensor(Shape([arc.tasks.count]), arc.identities)]) { $1 }
    }
    set { slots.restore(newValue) }
  }
}

extension TinyRecursion {
  /// The vectors of puzzles, of which a step sees few, follow the sign of their gradient (decay 0.1): at published size at a
  /// hundred times the rate of the other weights, 1e-2, as published for ARC; at about three times the larger rate of the
  /// small presets. No averages are kept of them, as published, so that a step touches the vectors that it sees alone.
  static func optimizer(_ recipe: Optimizer, _ sizes: Sizes) -> Optimizer {
    let factor: GroupRate = sizes.width >= Sizes.reference.width ? 100 : 3
    if sizes.puzzleCount == 1 { return recipe }
    return recipe.group("puzzle", .signDescent(decay: 0.1), rate: factor, averaged: false)
  }
}
