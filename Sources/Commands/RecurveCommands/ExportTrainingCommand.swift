import ArgumentParser
import Foundation
import Interchange
import StandardStreams
import TensorTypes
import Training

/// Trains some steps and writes all that they began with, read and gave.
struct ExportTrainingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training", abstract: "Trains some steps and writes first weights, batches and losses.",
    discussion: """
      Another framework can take the same steps from the same numbers: the file holds weights.NAME before the first step, \
      inputs.NAME of all steps, [steps, ...], and rates, losses and seconds of each step; its notes are the recipe and the \
      options as JSON. Tools/twins/gpt.py does so with PyTorch.
      """)

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var step: StepArguments
  @OptionGroup(title: "Options that replace a part of the recipe") var recipeArguments: RecipeArguments

  @Option(name: .shortAndLong, help: "The file to write, .safetensors.")
  var output: String

  @Flag(help: "Prints losses and seconds as JSON.")
  var json = false

  private struct Report: Codable {
    var model: String
    var file: String
    var losses: [Double]
    var seconds: [Double]
  }

  func validate() throws {
    try ArgumentChecks.checkNoRunFile("output", output)
    guard (output as NSString).pathExtension == "safetensors" else {
      throw ValidationError("--output got '\(output)', needs a file whose name ends with .safetensors")
    }
    // Before the steps, not after them.
    let folder = URL(fileURLWithPath: output).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw CommandError.unwritable(output, "'\(folder)' is no folder that can be written to")
    }
  }

  func run() throws {
    let choice = try arguments.choice(step)
    let recipe = try recipeArguments.applied(to: choice.recipe)
    let task = try choice.task().task
    let trainer = try Trainer(
      task.model, optimizer: task.optimizer(recipe.optimizer), learningRate: recipe.rate, seed: choice.options.seed,
      name: task.graphName, arguments.compilerOptions)
    var trace = TrainingTrace(trainer.weights)
    var bar = ProgressBar(total: recipe.steps, start: 0)
    for number in 1...recipe.steps {
      try trace.step(trainer, task)
      bar.show(number, examplesPerStep: task.batchSize, String(format: "loss %.4f", trace.losses[number - 1]))
    }
    try trace.file(try notes(choice, recipe, task)).write(to: output)
    if json {
      return try Output.json(
        Report(model: choice.family.name, file: output, losses: trace.losses, seconds: trace.seconds))
    }
    Output.progress("wrote \(output)")
  }

  private func notes(
    _ choice: ModelChoice, _ recipe: Recipe, _ task: any TrainingTask
  ) throws -> [String: String] {
    let options = choice.options
    var notes = options.settings.merging(task.hiddenSizes.mapValues { "\($0)" }) { setting, _ in setting }
    notes["model"] = choice.family.name
    notes["recipe"] = try Output.jsonText(recipe)
    (notes["preset"], notes["variant"]) = (options.preset, options.variant)
    (notes["batch"], notes["depth"]) = (options.batch.map { "\($0)" }, options.depth.map { "\($0)" })
    (notes["gradient"], notes["seed"]) = (options.gradient.map { "\($0)" }, "\(options.seed)")
    return notes
  }
}

/// What steps of a trainer read and gave.
private struct TrainingTrace {
  private let weights: [String: HostTensor]
  private var inputs: [String: [HostTensor]] = [:]
  private var rates: [Double] = []
  private(set) var losses: [Double] = []
  private(set) var seconds: [Double] = []
  private var results: [String: HostTensor]?

  init(_ weights: [String: HostTensor]) { self.weights = weights }

  mutating func step(_ trainer: Trainer, _ task: any TrainingTask) throws {
    let given = try task.inputs(after: results)
    rates.append(trainer.nextRate)
    let start = ContinuousClock.now
    let results = try trainer.step(Dictionary(given.map { ($0.name, $0.tensor) }) { _, last in last })
    seconds.append((ContinuousClock.now - start) / .seconds(1))
    losses.append(results["loss"]?.doubles[0] ?? .nan)
    for (name, tensor) in given { inputs[name, default: []].append(tensor) }
    self.results = results
  }

  func file(_ notes: [String: String]) -> SafetensorsFile {
    var tensors: [String: HostTensor] = [:]
    for (name, tensor) in weights { tensors["weights.\(name)"] = tensor }
    for (name, all) in inputs {
      let shape = Shape([all.count] + all[0].shape.extents)
      tensors["inputs.\(name)"] = HostTensor(stacking: all, as: all[0].type.with(shape))
    }
    for (name, numbers) in [("rates", rates), ("losses", losses), ("seconds", seconds)] {
      tensors[name] = HostTensor([numbers.count], .float64(numbers))
    }
    return SafetensorsFile(tensors: tensors, metadata: notes)
  }
}
