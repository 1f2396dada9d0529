import Puzzles
import Recurve

extension SudokuByMoves {
  /// The model as commands know it.
  public static let family: ModelFamily = ModelFamily(
    name: "sudoku-by-moves", summary: "Sudoku filled one cell at a time: the grid is the state",
    presets: [
      ModelPreset(
        "4x4", batch: batchSize(.four), depth: 4, recipe: recipe(steps: 150),
        variantRecipes: [Variant.mlp.rawValue: recipe(steps: 1500)]),
      ModelPreset("9x9", batch: batchSize(.nine), depth: 4, recipe: recipe(steps: 1500)),
    ], presetForFiles: "9x9", variants: Variant.allCases.map(\.rawValue), depthName: "applications",
    repetition: { $0 == Variant.recurrent.rawValue ? .recursion : .none }, make: { try SudokuByMovesTask($0) })

  /// Puzzles of a step where nobody asks for another number.
  static func batchSize(_ size: SudokuSize) -> Int { size == .four ? 128 : 64 }

  /// Encoders see what a move needs after a few thousand puzzles, the perceptron only after many more.
  private static func recipe(steps: Int) -> Recipe {
    Recipe(steps: steps, rule: .adam, learningRate: 1e-3, warmUp: 20, schedule: .cosine, clippingNorm: 1)
  }
}

/// The models with puzzles, generated or of a file; training and validation share no solution.
public final class SudokuByMovesTask: TrainingTask {
  let sudokuModel: SudokuByMoves
  let puzzles: MovePuzzles
  private var batch = 0

  public var model: any Model { sudokuModel }
  public var batchSize: Int { puzzles.batchSize }
  private var size: SudokuSize { puzzles.size }

  /// - Throws: `MovePuzzlesError`, `SudokuFileError` and what `SudokuCSV` throws for a file of puzzles.
  public init(_ options: ModelOptions) throws {
    let options = try SudokuByMoves.family.completed(options)
    let variant = options.variant.flatMap(SudokuByMoves.Variant.init) ?? .bert
    let size: SudokuSize = options.preset == "4x4" ? .four : .nine
    let batchSize = options.batch ?? 1
    puzzles = try MovePuzzles(size, path: options.dataPath, batch: batchSize, seed: options.seed)
    sudokuModel = SudokuByMoves(
      variant, size, batch: batchSize, applications: options.depth ?? 4, gradient: options.gradient ?? .full)
  }

  public var graphName: String { "sudoku-by-moves" }
  public var preparesInputsAhead: Bool { true }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    defer { batch += 1 }
    return tensors(puzzles.training(batch))
  }

  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    tensors(puzzles.heldOut(number), judging: max(1, puzzles.newCount(inBatch: number)))
  }

  public var validationCount: Int? { puzzles.heldOutCount }

  /// Grids with 0 for a blank; labels from 0 for blanks, -1 for what is given.
  ///
  /// - Parameter count: puzzles of the batch whose blanks are asked for; all without it.
  private func tensors(_ batch: SudokuBatch, judging count: Int? = nil) -> [(name: String, tensor: HostTensor)] {
    let shape = Shape([batch.puzzleCount, size.cellCount])
    let judged = (count ?? batch.puzzleCount) * size.cellCount
    // The token of a blank is 1, that of a digit the digit and 1.
    let labels = zip(batch.inputs, batch.labels).enumerated().map { index, pair in
      pair.0 == 1 && index < judged ? pair.1 - 2 : -1
    }
    return [("grid", HostTensor(shape, batch.inputs.map { $0 - 1 })), ("labels", HostTensor(shape, labels))]
  }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    guard let grid = inputs.first(where: { $0.name == "grid" })?.tensor.integers,
      let numbers = results["numbers"]?.integers
    else { return "" }
    let cells = 0..<size.cellCount
    let filled = cells.map { UInt8(clamping: grid[$0] == 0 ? numbers[$0] : grid[$0]) }
    return
      "question\n\n\(size.board(cells.map { UInt8(clamping: grid[$0]) }))\n\nall blanks at once\n\n\(size.board(filled))"
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
