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
      One safetensors file: weight.PATH, train.tokens, train.places and train.labels of every step, held_out.tokens and so \
      on, and the recipe as metadata. `recurve train masked-language-model` with the same options trains from the same \
      weights on the same masks; Tools/twins/masked-language-model.py does so in PyTorch.
      """)

  @Option(help: "Sizes by name; `recurve list masked-language-model` shows them.") var preset: String?
  @Option(help: "bert or recurrent.") var variant: String?
  @Option(help: "A file of text in place of the demonstration text.") var data: String?
  @Option(help: "Seed of weights, windows and masks.") var seed: UInt64 = 0
  @Option(help: "Steps of training; the recipe's without it.") var steps: Int?
  @Option(help: "Batches of the held-out text at most; those that evaluation judges without it.") var heldOut: Int?
  @Option(name: .shortAndLong, help: "The file.") var output: String
  @Flag(help: "Prints a summary as JSON.") var json = false

  private struct Report: Codable {
    var output: String
    var steps: Int
    var held_out_batches: Int
    var tensors: Int
  }

  func validate() throws {
    try ArgumentChecks.checkNoRunFile("output", output)
    try ArgumentChecks.checkOutput("output", output, isNone: [data])
    try ArgumentChecks.check("steps", steps, 1...100_000)
    try ArgumentChecks.check("held-out", heldOut, 1...100_000)
  }

  func run() throws {
    let family = MaskedLanguageModel.family
    let options = try family.completed(
      ModelOptions(preset: preset, variant: variant, dataPath: data, seed: seed))
    var recipe = try family.recipe(for: options)
    recipe.steps = steps ?? recipe.steps
    let task = try MaskedLanguageTask(options, text: try MaskedLanguageModel.text(of: options))
    var bar = ProgressBar(total: recipe.steps, start: 0)
    let tensors = try MaskedBatches(task, seed: seed).tensors(
      steps: recipe.steps, heldOut: heldOut, CompilerOptions()
    ) { bar.show($0, "batches") }
    try SafetensorsFile(tensors: tensors, metadata: Self.metadata(task.maskedModel.sizes, recipe)).write(to: output)
    let report = Report(
      output: output, steps: recipe.steps, held_out_batches: tensors["held_out.tokens"]?.shape[0] ?? 0,
      tensors: tensors.count)
    if json { return try Output.json(report) }
    Output.progress("wrote \(output): \(report.steps) batches of training, \(report.held_out_batches) held out")
  }

  /// What is not in the shapes of the tensors.
  private static func metadata(_ sizes: MaskedLanguageModel.Sizes, _ recipe: Recipe) -> [String: String] {
    [
      "variant": sizes.variant.rawValue, "depth": "\(sizes.depth)", "heads": "\(sizes.heads)",
      "learning_rate": "\(recipe.learningRate)", "warm_up": "\(recipe.warmUp)", "final_share": "\(recipe.finalShare)",
      "weight_decay": "\(recipe.weightDecay ?? 0)", "clipping_norm": "\(recipe.clippingNorm ?? 0)",
    ]
  }
}
