import ArgumentParser
import Foundation
import Interchange
import Recurve
import RecurveCommands

/// Writes what another program needs to train the same model on the same masks.
struct MaskedBatchesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "masked-batches",
    abstract: "Writes first weights and masked batches of the masked language model for another program.",
    discussion: """
      One safetensors file: weights.PATH; inputs.tokens, inputs.places and inputs.labels of every step, and rates; the same \
      three of validation, as each validation of the run judges by them, and of held_out; the recipe as metadata. `recurve \
      train masked-language-model` with the same options trains from the same weights on the same masks; \
      Tools/twins/masked-language-model.py does so in PyTorch.
      """)

  @Argument(
    help: ArgumentHelp(
      "Folder of `recurve train masked-language-model`, whose record stands for the options about the model.",
      valueName: "run"))
  var path: String?
  @Option(help: "Sizes by name; `recurve list masked-language-model` shows them.") var preset: String?
  @Option(help: "bert or recurrent.") var variant: String?
  @Option(help: "A file or folder of texts in place of the demonstration text.") var data: String?
  @Option(help: "Seed of weights, windows and masks; 0 without it.") var seed: UInt64?
  @Option(help: "Steps of training: the recipe's without it, of a run at most as many.") var steps: Int?
  @Option(help: "Batches of the held-out text at most; those that evaluation judges without it.") var heldOut: Int?
  @Option(name: .shortAndLong, help: "The file.") var output: String
  @Flag(help: "Prints a summary as JSON.") var json = false

  private struct Report: Codable {
    var output: String
    var steps: Int
    var validation_batches: Int
    var held_out_batches: Int
    var tensors: Int
  }

  func validate() throws {
    try ArgumentChecks.checkNoRunFile("output", output)
    try ArgumentChecks.checkOutput("output", output, isNotOf: data)
    try ArgumentChecks.check("steps", steps, 1...100_000)
    try ArgumentChecks.check("held-out", heldOut, 1...100_000)
    let options = [("preset", preset), ("variant", variant), ("data", data), ("seed", seed.map { "\($0)" })]
    if let path, let given = options.first(where: { $0.1 != nil }) {
      throw ValidationError("--\(given.0), which the record of \(path) says; leave it out")
    }
  }

  func run() throws {
    let batches = try batches()
    try ArgumentChecks.checkOutput("output", output, isNotOf: batches.dataPath)
    let count = steps ?? batches.recipe.steps
    try ArgumentChecks.check("steps", count, 1...batches.recipe.steps)
    var bar = ProgressBar(total: count, start: 0)
    let tensors = try batches.tensors(steps: count, heldOut: heldOut, CompilerOptions()) { bar.show($0, "batches") }
    try SafetensorsFile(tensors: tensors, metadata: try batches.notes()).write(to: output)
    func size(_ part: String) -> Int { tensors["\(part).tokens"]?.shape[0] ?? 0 }
    let report = Report(
      output: output, steps: count, validation_batches: size("validation"), held_out_batches: size("held_out"),
      tensors: tensors.count)
    if json { return try Output.json(report) }
    Output.progress(
      "wrote \(output): \(count) batches of training, \(report.validation_batches) of validation, "
        + "\(report.held_out_batches) held out")
  }

  private func batches() throws -> MaskedBatches {
    if let path { return try MaskedBatches(run: path) }
    let family = MaskedLanguageModel.family
    let options = try family.completed(
      ModelOptions(preset: preset, variant: variant, dataPath: data, seed: seed ?? 0))
    var recipe = try family.recipe(for: options)
    recipe.steps = steps ?? recipe.steps
    return try MaskedBatches(options, recipe)
  }
}
