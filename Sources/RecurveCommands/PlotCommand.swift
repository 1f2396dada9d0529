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

  func validate() throws {
    if runs.isEmpty { throw ValidationError("plot needs at least one folder of a training run") }
    for path in output where !path.hasSuffix(".svg") && !path.hasSuffix(".png") {
      throw ValidationError("--output got '\(path)', needs a name that ends with .svg or .png")
    }
  }

  func run() throws {
    let names = Self.names(runs)
    let curves = try TrainingCurves(
      zip(runs, names).map { path, name in
        let log = path.hasSuffix(".jsonl") ? path : RunFolder(path).log
        return TrainingCurves.Run(name: name, entries: try TrainingLog.entries(path: log))
      })
    let chart = curves.chart(title: title ?? names.joined(separator: ", "))
    for path in output { try chart.write(to: path) }
    try Output.result("wrote \(output.joined(separator: ", "))")
  }

  /// Last parts of the paths; whole paths where those are equal.
  static func names(_ paths: [String]) -> [String] {
    let short = paths.map { URL(fileURLWithPath: $0).lastPathComponent }
    return Set(short).count == short.count ? short : paths
  }
}
