import Puzzles
import Recurve
import TinyRecursion

/// A trained model that fills Sudokus in steps, whatever a step is to it.
protocol SudokuPlayer {
  /// What one step is: "move".
  var stepName: String { get }
  /// How many cells a step can fill; nil where it may change all of them.
  var cellsPerStep: Int? { get }

  /// Plays a batch of puzzles to each depth.
  ///
  /// - Parameter depths: numbers of steps, from 1.
  /// - Returns: in their order the grids, `[B S]`, 0 for a blank.
  func played(_ puzzles: SudokuBatch, to depths: [Int]) throws -> [[Int32]]
}

/// A move writes one cell: the loop of moves is one program, in which the grid stays.
struct MovePlayer: SudokuPlayer {
  let stepName = "move"
  let cellsPerStep: Int? = 1
  private let shape: Shape
  private let program: ModelProgram

  /// - Parameter store: the model's weights.
  /// - Throws: what the compiler throws.
  init(_ model: SudokuByMoves, _ store: ParameterStore) throws {
    let shape: Shape = ["B": model.batch, "S": model.size.cellCount]
    self.shape = shape
    program = try store.program("moves") { io in
      ["grid": model.played(io("grid", shape, .int32), moves: io("moves", [], .int32))]
    }
  }

  func played(_ puzzles: SudokuBatch, to depths: [Int]) throws -> [[Int32]] {
    let grid = HostTensor(shape, puzzles.inputs.map { $0 - 1 })
    return try depths.map { depth in
      let results = try program(["grid": grid, "moves": HostTensor(.scalar, [Int32(depth)])])
      return results["grid"]?.integers ?? []
    }
  }
}

/// The Tiny Recursive Model: a supervision step says what stands in all cells at once, and hands its states to the next.
struct SupervisionPlayer: SudokuPlayer {
  let stepName = "supervision step"
  let cellsPerStep: Int? = nil
  private let sizes: TinyRecursion.Sizes
  private let program: CompiledProgram

  /// - Parameter store: the weights of a model of the sizes.
  /// - Throws: what the compiler throws.
  init(_ sizes: TinyRecursion.Sizes, _ store: ParameterStore) throws {
    self.sizes = sizes
    let traced = try TinyRecursion(sizes, gradient: .none).traced(name: "supervision", isTraining: false)
    program = try Compiler.compile(traced.graph, CompilerOptions().naming(traced))
    let numbers = store.tensors
    for (name, _, role) in program.parameters where role == .weight || role == .constant {
      if let tensor = numbers[name] { try program.set(name, tensor) }
    }
  }

  func played(_ puzzles: SudokuBatch, to depths: [Int]) throws -> [[Int32]] {
    let (all, each) = (Shape([sizes.batch, sizes.cells]), Shape([sizes.batch]))
    var grids: [Int: [Int32]] = [:]
    for depth in 1...(depths.max() ?? 1) {
      try program.set("tokens", HostTensor(all, puzzles.inputs))
      try program.set("labels", HostTensor(all, puzzles.labels))
      // States begin anew with the first step alone.
      try program.set("fresh", HostTensor(each, .bool(Array(repeating: depth == 1, count: sizes.batch))))
      try program.run()
      guard depths.contains(depth) else { continue }
      // The token of a digit is the digit and 1; those of a pad and of a blank fill nothing.
      grids[depth] = try program.reportedResults["answer_tokens"]?.integers.map { max($0 - 1, 0) }
    }
    return depths.map { grids[$0] ?? [] }
  }
}
