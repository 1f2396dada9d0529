import ArgumentParser
import Foundation
import Training

struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draws the curves of training runs, several in one picture.")

  @Argument(help: "Folders of `recurve train`, or their logs.") var runs: [String]
  @Option(name: .shortAndLong, help: "Pictures to write, .svg or .png; may be given more than once.")
  var output: [String] = ["curves.svg", "curves.png"]
  @Option(help: "Title of the picture.") var title: String?
  @Flag(help: "Prints what was drawn as JSON.") var json = false

  private struct Report: Codable {
    var runs: [Run]
    var output: [String]
  }

  private struct Run: Codable {
    var name: String
    var steps: Int
    /// The mean over the last thirtieth of the run.
    var last_loss: Double
  }

  func validate() throws {
    if runs.isEmpty { throw ValidationError("plot needs at least one folder of a training run") }
    for path in output { try ArgumentChecks.checkPicture("output", path, ["svg", "png"]) }
  }

  func run() throws {
    let names = Self.names(runs)
    let curves = TrainingCurves(try zip(runs, names).map { try Self.curves(of: $0, name: $1) })
    let chart = curves.chart(title: title ?? names.joined(separator: ", "))
    for path in output { try chart.write(to: path) }
    if json { return try Output.json(Report(runs: curves.runs.map(Self.summary), output: output)) }
    try Output.result("wrote \(output.joined(separator: ", "))")
  }

  private static func curves(of path: String, name: String) throws -> TrainingCurves.Run {
    let log = path.hasSuffix(".jsonl") ? path : RunFolder(path).log
    let entries = try TrainingLog.entries(path: log)
    if entries.isEmpty { throw CommandError.noSteps(log) }
    return TrainingCurves.Run(name: name, entries: entries)
  }

  private static func summary(_ run: TrainingCurves.Run) -> Run {
    let last = TrainingCurves.mean(run.entries.suffix(max(1, run.entries.count / 30)))
    return Run(name: run.name, steps: last.step, last_loss: last.loss)
  }

  /// Last parts of the paths; whole paths where those are equal.
  static func names(_ paths: [String]) -> [String] {
    let short = paths.map { URL(fileURLWithPath: $0).lastPathComponent }
    return Set(short).count == short.count ? short : paths
  }
}
