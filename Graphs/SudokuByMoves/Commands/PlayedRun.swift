import Puzzles
import Recurve
import TinyRecursion

/// A run with the held-out puzzles that it plays.
struct PlayedRun {
  let run: TrainedRun
  let puzzles: MovePuzzles
  /// Compiles what plays.
  let player: () throws -> any SudokuPlayer
  /// Why training may have seen the puzzles; nil where it has not.
  let doubt: String?

  /// Opens a run of any family that fills Sudokus.
  ///
  /// - Parameter data: a file of puzzles in place of the run's.
  /// - Throws: `TrainedRunError` where there is no such run, `MovePuzzlesError` for one of other puzzles, `DataChangedError`.
  init(_ path: String, data: String?) throws {
    let folder = RunFolder(path)
    guard folder.holdsRecord else { throw TrainedRunError.noRun(path) }
    let family = try RunRecord(path: folder.record).family
    guard let kind = Kind.all.first(where: { $0.family.name == family }) else {
      let needed = Kind.all.map(\.family.name).joined(separator: " or ")
      throw TrainedRunError.otherModel(path, found: family, needed: needed)
    }
    run = try TrainedRun(path, of: kind.family)
    if data == nil { try run.record.checkData() }
    doubt = Self.doubt(of: run, data)
    do {
      (puzzles, player) = try kind.open(run, data ?? run.record.options.dataPath)
    } catch SudokuFileError.wrongSide(let file, found: let found, needed: let needed) {
      // Sizes are the run's, which no option changes.
      throw MovePuzzlesError.otherSide(file, found: found, run: path, needed: needed)
    }
  }

  private static func doubt(of run: TrainedRun, _ data: String?) -> String? {
    if let data, !run.record.data.isSame(as: DataSource(path: data)) {
      return "\(run.folder.path) was not given these puzzles: training may have seen some"
    }
    guard run.record.trainedOnOtherData == true else { return nil }
    return "\(run.folder.path) may have trained on these puzzles before its data were exchanged"
  }
}

extension PlayedRun {
  /// How the runs of one family play.
  private struct Kind: Sendable {
    let family: ModelFamily
    /// The puzzles of a file or generated ones, and what plays them.
    let open: @Sendable (_ run: TrainedRun, _ data: String?) throws -> (MovePuzzles, () throws -> any SudokuPlayer)

    static let all = [moves, supervision]

    private static let moves = Kind(family: SudokuByMoves.family) { run, data in
      var options = run.record.options
      options.dataPath = data
      let task = try SudokuByMovesTask(options)
      return (task.puzzles, { try MovePlayer(task.sudokuModel, try run.store(of: task.model)) })
    }

    /// Puzzles and batches are those of moves: the same ones for the same seed.
    private static let supervision = Kind(family: TinyRecursion.family) { run, data in
      var own = try TinyRecursion.Sizes(of: run.record)
      guard own.puzzle == .sudoku else {
        throw MovePuzzlesError.otherPuzzles(run: run.folder.path, found: own.puzzle.rawValue)
      }
      let size = try SudokuSize(side: own.side)
      own.batch = SudokuByMoves.batchSize(size)
      let (sizes, seed) = (own, run.record.seed)
      let puzzles = try MovePuzzles(size, path: data, batch: sizes.batch, seed: seed)
      return (puzzles, { try SupervisionPlayer(sizes, try run.store(of: TinyRecursion(sizes))) })
    }
  }
}
