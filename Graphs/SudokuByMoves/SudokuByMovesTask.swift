import Recurve

extension SudokuByMoves {
  /// The model as commands know it.
  public static let family: ModelFamily = ModelFamily(
    name: "sudoku-by-moves", summary: "4x4 Sudoku filled one cell at a time: the grid is the state",
    presets: [
      ModelPreset(
        "4x4", batch: 128, depth: 4, recipe: recipe(steps: 150),
        variantRecipes: [Variant.mlp.rawValue: recipe(steps: 1500)])
    ], variants: Variant.allCases.map(\.rawValue),
    depthName: "applications", make: { try SudokuByMovesTask($0) })

  /// Encoders see what a move needs after a few thousand puzzles, the perceptron only after many more.
  private static func recipe(steps: Int) -> Recipe {
    Recipe(steps: steps, rule: .adam, learningRate: 1e-3, warmUp: 20, schedule: .cosine, clippingNorm: 1)
  }
}

/// The models with puzzles of eight blanks; training and validation share no solution.
public final class SudokuByMovesTask: TrainingTask {
  public let model: any Model
  public let batchSize: Int
  private let seed: UInt64
  private let training: SolutionGrids
  private let validation: SolutionGrids
  private var batch = 0

  static let blanks = 8

  /// - Throws: `SudokuByMovesError` for a data file: all puzzles are made here.
  public init(_ options: ModelOptions) throws {
    let options = try SudokuByMoves.family.completed(options)
    if let path = options.dataPath { throw SudokuByMovesError.noData(path) }
    let variant = options.variant.flatMap(SudokuByMoves.Variant.init) ?? .bert
    batchSize = options.batch ?? 1
    seed = options.seed
    model = SudokuByMoves(
      variant, batch: batchSize, applications: options.depth ?? 4, gradient: options.gradient ?? .full)
    (training, validation) = SolutionGrids.split()
  }

  public var graphName: String { "sudoku-by-moves" }
  public var preparesInputsAhead: Bool { true }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    defer { batch += 1 }
    return Self.tensors(puzzles(training, batch))
  }

  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    Self.tensors(heldOutPuzzles(number))
  }

  /// Puzzles whose solutions training never sees, the same for the same number.
  func heldOutPuzzles(_ number: Int) -> [(question: [UInt8], answer: [UInt8])] { puzzles(validation, ~number) }

  private func puzzles(_ grids: SolutionGrids, _ number: Int) -> [(question: [UInt8], answer: [UInt8])] {
    var random = CounterRandom(seed: seed, stream: UInt64(bitPattern: Int64(number)))
    return (0..<batchSize).map { _ in grids.puzzle(blanks: Self.blanks, &random) }
  }

  /// Grids with 0 for a blank; labels from 0 for blanks, -1 for what is given.
  static func tensors(_ puzzles: [(question: [UInt8], answer: [UInt8])]) -> [(name: String, tensor: HostTensor)] {
    let shape = Shape([puzzles.count, SolutionGrids.cells])
    let labels = puzzles.flatMap { puzzle -> [Int32] in
      zip(puzzle.question, puzzle.answer).map { $0 == 0 ? Int32($1) - 1 : -1 }
    }
    return [
      ("grid", HostTensor(shape, puzzles.flatMap { $0.question.map(Int32.init) })),
      ("labels", HostTensor(shape, labels)),
    ]
  }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    guard let grid = inputs.first(where: { $0.name == "grid" })?.tensor.integers,
      let numbers = results["numbers"]?.integers
    else { return "" }
    let rows = (0..<SolutionGrids.side).map { row -> String in
      let cells = row * SolutionGrids.side..<(row + 1) * SolutionGrids.side
      let question = cells.map { grid[$0] == 0 ? "." : "\(grid[$0])" }.joined(separator: " ")
      return question + "    " + cells.map { "\(grid[$0] == 0 ? numbers[$0] : grid[$0])" }.joined(separator: " ")
    }
    return (["question   all blanks at once"] + rows).joined(separator: "\n")
  }

  public var progress: [String: HostTensor] {
    get { ["batch": HostTensor(.scalar, [Int32(batch)])] }
    set { batch = newValue["batch"].map { Int($0.integers[0]) } ?? batch }
  }

  public func problems(in progress: [String: HostTensor]) -> [String] {
    let wrong = progress["batch"]?.integers.first { $0 < 0 }
    return wrong.map { ["batch holds \($0), needs at least 0"] } ?? []
  }
}

/// What a user got wrong about the model's options.
public enum SudokuByMovesError: UsageError, Hashable, CustomStringConvertible {
  case noData(String)

  public var description: String {
    switch self {
    case .noData(let path): "got the data \(path), needs none: the puzzles are made of all 4x4 grids"
    }
  }
}
