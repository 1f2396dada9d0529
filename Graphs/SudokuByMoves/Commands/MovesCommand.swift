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
      A model of moves writes one cell a move, so that after K moves no more than K blanks can be right: the ceiling. The Tiny \
      Recursive Model says what stands in all cells at once, and improves it in every supervision step; it has no \
      ceiling. Precision is the share of the blanks filled so far that are right.
      """)

  @Argument(help: "Folders of `recurve train sudoku-by-moves`, or of `recurve train tiny-recursion` with Sudokus.")
  var runs: [String]
  @Option(help: "Numbers of moves or of supervision steps, separated by commas.") var depths: String = "1,2,4,8,16"
  @Option(help: "Batches of held-out puzzles.") var batches: Int = 8
  @Option(help: "A file of puzzles in place of those that the runs were given.") var data: String?
  @Option(name: .shortAndLong, help: "Picture of depth against accuracy, .svg or .png.") var output: String?
  @Flag(help: "Prints the measurements as JSON.") var json = false

  private struct Report: Codable {
    var run: String
    var variant: String
    /// What depths count: "move".
    var step: String
    /// Whether training never saw the puzzles.
    var held_out: Bool
    var depths: [DepthMeasurement]
  }

  func validate() throws {
    if runs.isEmpty { throw ValidationError("needs the folder of a run") }
    try ArgumentChecks.check("batches", batches, 1...10_000)
    try ArgumentChecks.checkPicture("output", output, ["svg", "png"])
    try ArgumentChecks.checkOutput("output", output, isNotOf: data)
    _ = try parsedDepths()
  }

  private func parsedDepths() throws -> [Int] {
    try ArgumentChecks.numbers("depths", depths, 1...SudokuByMoves.mostMoves)
  }

  func run() throws {
    let played = try runs.map { try PlayedRun($0, data: data) }
    for own in played where data == nil {
      try ArgumentChecks.checkOutput("output", output, isNotOf: own.run.record.data.path)
    }
    var reports: [Report] = []
    // What has been played is shown where a later run or the picture fails.
    let playing = Result { for run in played { reports.append(try report(run)) } }
    for doubt in played.prefix(reports.count).compactMap(\.doubt) { Output.progress(doubt) }
    if !reports.isEmpty { try show(reports) }
    try playing.get()
    if let output { try chart(reports).write(to: output) }
  }

  private func show(_ reports: [Report]) throws {
    if json { return try Output.json(reports) }
    func text(_ share: Double?) -> String { share.map { String(format: "%.4f", $0) } ?? "-" }
    let rows = reports.flatMap { report in
      report.depths.map { depth in
        [report.run, report.variant, report.step, "\(depth.depth)"]
          + [depth.accuracy, depth.ceiling, depth.precision, depth.solved].map(text)
      }
    }
    let header = ["run", "variant", "step", "depth", "accuracy", "ceiling", "precision", "solved"]
    try Output.result(TextTable.aligned([header] + rows, leftColumns: [0, 1, 2]))
  }

  private func report(_ played: PlayedRun) throws -> Report {
    let player = try played.player()
    let depths = try player.measured(on: played.puzzles, depths: try parsedDepths(), batches: batches)
    return Report(
      run: played.run.folder.path, variant: played.run.record.variant ?? "", step: player.stepName,
      held_out: played.doubt == nil, depths: depths)
  }

  private func chart(_ reports: [Report]) -> Chart {
    let steps = Set(reports.map(\.step)).sorted().map { "\($0)s" }
    let curves = reports.map { report in
      let name = "\(report.variant) (\(report.run))" + (steps.count > 1 ? ", \(report.step)s" : "")
      return Self.series(name, report.depths.map { (x: Double($0.depth), y: $0.accuracy) })
    }
    return Chart(
      title: "Sudokus, step by step", xLabel: steps.joined(separator: " or "), yLabel: "right cells of the blanks",
      series: curves + ceilings(reports))
  }

  /// Of those that have one; puzzles with other blanks have another.
  private func ceilings(_ reports: [Report]) -> [Chart.Series] {
    let bounded = reports.filter { report in report.depths.allSatisfy { $0.ceiling != nil } }
    let bounds = Dictionary(grouping: bounded) { $0.depths.map(\.ceiling) }.values.sorted { $0[0].run < $1[0].run }
    return bounds.map { alike in
      let name = bounds.count == 1 ? "ceiling of moves" : "ceiling of \(alike.map(\.run).joined(separator: ", "))"
      var ceiling = Self.series(name, alike[0].depths.map { (x: Double($0.depth), y: $0.ceiling ?? 1) })
      (ceiling.dash, ceiling.color) = (2, 5)
      return ceiling
    }
  }

  private static func series(_ name: String, _ points: [(x: Double, y: Double)]) -> Chart.Series {
    Chart.Series(name: name, points: points.sorted { $0.x < $1.x }, hasMarks: true)
  }
}
