import ArgumentParser
import Foundation
import Recurve
import RecurveCommands

/// Writes what a run of another program needs to train the same model on the same numbers.
struct TwinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "twin", abstract: "Writes first weights and batches of a run of the Tiny Recursive Model.",
    discussion: """
      `Tools/twins/tiny-recursion.py train FILE --log RUN/log.jsonl` trains the model in PyTorch from these and shows its \
      curve beside the run's. The file holds every training batch whole, of which a step takes the rows whose places have \
      halted; rates; how long sequences think at least where they explore; and batches of held-out puzzles.
      """)

  @Argument(
    help: ArgumentHelp(
      "Folder of `recurve train tiny-recursion`; a record is enough, no step need have run.", valueName: "run"))
  var path: String
  @Option(help: "Training steps that there are batches for; all of the run without it.") var steps: Int?
  @Option(help: "Batches of held-out puzzles; as many as the run is judged by without it.") var batches: Int?
  @Option(name: .shortAndLong, help: "The safetensors file.") var output: String
  @Flag(help: "Prints what was written as JSON.") var json = false

  func validate() throws {
    try ArgumentChecks.checkNoRunFile("output", output)
    try ArgumentChecks.check("steps", steps, ArgumentChecks.steps)
    try ArgumentChecks.check("batches", batches, ArgumentChecks.steps)
  }

  private struct Report: Encodable {
    var file: String
    var steps: Int
    var held_out_puzzles: Int
    var weights: Int
  }

  func run() throws {
    let folder = RunFolder(path)
    guard folder.holdsRecord else { throw TrainedRunError.noRun(path) }
    let record = try RunRecord(path: folder.record)
    try ArgumentChecks.checkOutput("output", output, isNotOf: record.data.path)
    let lesson = try Lesson(record)
    let count = steps ?? lesson.steps
    try ArgumentChecks.check("steps", count, 1...lesson.steps)
    let (file, held) = try lesson.file(steps: count, heldOutBatches: batches ?? lesson.task.evaluationBatches)
    try file.write(to: output)
    let weights = file.tensors.count { $0.key.hasPrefix("first.") }
    if json {
      return try Output.json(Report(file: output, steps: count, held_out_puzzles: held, weights: weights))
    }
    Output.progress("wrote \(output): \(weights) weights, \(count) batches, \(held) held-out puzzles")
  }
}
