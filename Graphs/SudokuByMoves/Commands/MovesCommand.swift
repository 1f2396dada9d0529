import ArgumentParser
import Foundation
import Puzzles
import Recurve
import RecurveCommands

extension SudokuByMoves {
  /// What the command line can do with these models.
  public static let commands: [any ParsableCommand.Type] = [MovesCommand.self]
}

/// Depth against accuracy.
struct MovesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moves", abstract: "Plays held-out Sudokus move by move: depth against accuracy.",
    discussion: """
      A model writes one cell a move, so that after K moves no more than K blanks can be right: the ceiling. Precision \
      is the share of the moves so far that were right.
      """)

  @Argument(help: "Folders of `recurve train sudoku-by-moves`.") var runs: [String]
  @Option(help: "Numbers of moves, separated by commas.") var depths: String = "1,2,4,8,16"
  @Option(help: "Batches of held-out puzzles.") var batches: Int = 8
  @Option(help: "A file of puzzles in place of those that the runs were given.") var data: String?
  @Option(name: .shortAndLong, help: "Picture of depth against accuracy, .svg or .png.") var output: String?
  @Flag(help: "Prints the measurements as JSON.") var json = false

  private struct Report: Codable {
    var run: String
    var variant: String
    /// Whether training never saw the puzzles.
    var held_out: Bool
    var depths: [DepthMeasurement]
  }

  func validate() throws {
    if runs.isEmpty { throw ValidationError("needs the folder of a run") }
    try ArgumentChecks.check("batches", batches, 1...10_000)
    try ArgumentChecks.checkPicture("output", output, ["svg", "png"])
    try ArgumentChecks.checkOutput("output", output, isNone: [data])
    _ = try parsedDepths()
  }

  private func parsedDepths() throws -> [Int] {
    try ArgumentChecks.numbers("depths", depths, 1...SudokuByMoves.mostMoves)
  }

  func run() throws {
    let players = try runs.map { try player($0) }
    var reports: [Report] = []
    // What has been played is shown where a later run or the picture fails.
    let playing = Result { for player in players { reports.append(try report(player)) } }
    for doubt in players.prefix(reports.count).compactMap(\.doubt) { Output.progress(doubt) }
    if !reports.isEmpty { try show(reports) }
    try playing.get()
    if let output { try chart(reports).write(to: output) }
  }

  private func show(_ reports: [Report]) throws {
    if json { return try Output.json(reports) }
    let rows = reports.flatMap { report in
      report.depths.map { depth in
        [report.run, report.variant, "\(depth.moves)"]
          + [depth.accuracy, depth.ceiling, depth.precision, depth.solved].map { String(format: "%.4f", $0) }
      }
    }
    let header = ["run", "variant", "moves", "accuracy", "ceiling", "precision", "solved"]
    try Output.result(TextTable.aligned([header] + rows, leftColumns: [0, 1]))
  }

  // MARK: Runs

  /// A run with the puzzles that it plays.
  private struct Player {
    var run: TrainedRun
    var task: SudokuByMovesTask
    /// Why training may have seen the puzzles; nil where it has not.
    var doubt: String?
  }

  private func player(_ path: String) throws -> Player {
    let run = try TrainedRun(path, of: SudokuByMoves.family)
    if data == nil { try run.record.checkData() }
    var options = run.record.options
    options.dataPath = data ?? options.dataPath
    do {
      return Player(run: run, task: try SudokuByMovesTask(options), doubt: doubt(of: run))
    } catch SudokuFileError.wrongSide(let file, found: let found, needed: let needed) {
      // Sizes are the run's, which no option changes.
      throw MovePuzzlesError.otherSide(file, found: found, run: path, needed: needed)
    }
  }

  private func doubt(of run: TrainedRun) -> String? {
    if let data, !run.record.data.isSame(as: DataSource(path: data)) {
      return "\(run.folder.path) was not given these puzzles: training may have seen some"
    }
    guard run.record.trainedOnOtherData == true else { return nil }
    return "\(run.folder.path) may have trained on these puzzles before its data were exchanged"
  }

  private func report(_ player: Player) throws -> Report {
    let (run, task) = (player.run, player.task)
    let depths = try task.measured(
      try run.store(of: task.model), depths: try parsedDepths(), batches: batches)
    return Report(
      run: run.folder.path, variant: run.record.variant ?? "", held_out: player.doubt == nil, depths: depths)
  }

  private func chart(_ reports: [Report]) -> Chart {
    func series(_ name: String, _ depths: [DepthMeasurement], _ value: (DepthMeasurement) -> Double) -> Chart.Series {
      let points = depths.sorted { $0.moves < $1.moves }.map { (x: Double($0.moves), y: value($0)) }
      return Chart.Series(name: name, points: points, hasMarks: true)
    }
    // Puzzles with other blanks have another ceiling.
    let bounds = Dictionary(grouping: reports) { $0.depths.map(\.ceiling) }.values.sorted { $0[0].run < $1[0].run }
    let ceilings = bounds.map { alike -> Chart.Series in
      let name = bounds.count == 1 ? "ceiling" : "ceiling of \(alike.map(\.run).joined(separator: ", "))"
      var ceiling = series(name, alike[0].depths) { $0.ceiling }
      (ceiling.dash, ceiling.color) = (2, 5)
      return ceiling
    }
    let curves = reports.map { report in series("\(report.variant) (\(report.run))", report.depths) { $0.accuracy } }
    return Chart(
      title: "Sudoku by moves", xLabel: "moves", yLabel: "right cells of the blanks", series: curves + ceilings)
  }
}
