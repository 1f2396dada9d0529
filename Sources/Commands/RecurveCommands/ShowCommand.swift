import ArgumentParser
import Foundation
import Interchange
import Reports
import Training

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows what a training run is: model, data, recipe, how far it has come.")

  @Argument(help: ArgumentHelp("Folder of `recurve train`.", valueName: "run")) var path: String
  @Flag(help: "Prints the run as JSON.") var json = false

  private struct Report: Codable {
    var run: String
    /// What run.json holds; absent in a run that has none.
    var record: RunRecord?
    /// Steps that the log has.
    var steps: Int
    /// Of the log's last step.
    var last_loss: Double?
    var checkpoint: Checkpoint?
  }

  private struct Checkpoint: Codable {
    var step: String?
    var bytes: Int
  }

  func run() throws {
    let folder = RunFolder(path)
    guard folder.holdsRun || folder.holdsRecord else { throw CommandError.nothingToShow(path) }
    let record = folder.holdsRecord ? try RunRecord(path: folder.record) : nil
    let entries = FileManager.default.fileExists(atPath: folder.log) ? try TrainingLog.entries(path: folder.log) : []
    let report = Report(
      run: path, record: record, steps: entries.last?.step ?? 0, last_loss: entries.last?.loss,
      checkpoint: try Self.checkpoint(of: folder))
    if json { return try Output.json(report) }
    try Output.result(TextTable.aligned([["run", path]] + rows(report), leftColumns: [0, 1]))
  }

  private static func checkpoint(of folder: RunFolder) throws -> Checkpoint? {
    guard let size = folder.checkpointByteCount else { return nil }
    return Checkpoint(step: try SafetensorsFile(path: folder.checkpoint).metadata["step"], bytes: size)
  }

  private func rows(_ report: Report) -> [[String]] {
    let steps = report.record.map { "\(report.steps) of \($0.recipe.steps)" } ?? "\(report.steps)"
    let weights = report.record.map { ["weights", "\($0.weightCount)"] }
    let checkpoint = report.checkpoint.map { "step \($0.step ?? "?"), \(TextTable.bytes($0.bytes))" }
    return facts(report.record)
      + [
        weights, ["steps so far", steps], ["last loss", report.last_loss.map { String(format: "%.4f", $0) } ?? "none"],
        ["checkpoint", checkpoint ?? "none"],
      ].compactMap { $0 }
  }

  private func facts(_ record: RunRecord?) -> [[String]] {
    guard let record else { return [["record", "none: the run has no run.json"]] }
    let depthName = RecurveCommandLine.families.first { $0.name == record.family }?.depthName
    return record.facts(depthName: depthName ?? "depth").filter { $0.option != "--steps" }.map { [$0.name, $0.value] }
  }
}
