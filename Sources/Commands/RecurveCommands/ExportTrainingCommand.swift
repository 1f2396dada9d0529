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

      A long run is better trained by `train`, which keeps checkpoints: --batches-only then writes what its twin needs, and \
      --held-out the batches that judge both.
      """)

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var step: StepArguments
  @OptionGroup(title: "Options that replace a part of the recipe") var recipeArguments: RecipeArguments

  @Option(name: .shortAndLong, help: "The file to write, .safetensors.")
  var output: String

  @Flag(help: "Writes weights and batches without training: for models whose batches do not follow from results.")
  var batchesOnly = false

  @Flag(
    help: """
      Writes validation.NAME and held_out.NAME too, the batches of a run's validations and of an evaluation, with their \
      losses by the last weights.
      """)
  var heldOut = false

  @Flag(help: "Prints losses and seconds as JSON.")
  var json = false

  private struct Report: Codable {
    var model: String
    var file: String
    var losses: [Double]
    var seconds: [Double]
  }

  func validate() throws {
    if batchesOnly { try arguments.refuseKernelOptions(needing: "steps that run, without --batches-only") }
    try ArgumentChecks.checkNoRunFile("output", output)
    guard (output as NSString).pathExtension == "safetensors" else {
      throw ValidationError("--output got '\(output)', needs a file whose name ends with .safetensors")
    }
    // Told before the steps, not after them.
    try ArgumentChecks.checkFolder(of: output)
  }

  func run() throws {
    let choice = try arguments.choice(step, writing: [("output", output)])
    if arguments.data == nil { try choice.record?.checkData() }
    let recipe = try recipeArguments.applied(to: choice.recipe)
    let task = try choice.task().task
    let judged = try judged(task, choice, recipe)
    var trace = TrainingTrace(try ParameterStore(task.model, seed: choice.options.seed).tensors)
    let trainer = batchesOnly ? nil : try trainer(task, recipe, choice)
    var bar = ProgressBar(total: recipe.steps, start: 0)
    for number in 1...recipe.steps {
      if let trainer {
        try trace.step(trainer, task)
        bar.show(number, examplesPerStep: task.batchSize, String(format: "loss %.4f", trace.losses[number - 1]))
      } else {
        let rate = recipe.rate.rate(at: (number - 1) / recipe.accumulatedSteps)
        trace.add(try task.inputs(after: nil), rate: rate)
        bar.show(number, "batches")
      }
    }
    for (part, batches) in judged { try trace.judge(batches, as: part, trainer) }
    let notes = try notes(choice, recipe, task)
    try trace.file(notes).write(to: output)
    if notes["draws"] != nil {
      Output.progress("its graph draws random numbers, such as masks and dropout, which the file does not have")
    }
    if json {
      return try Output.json(
        Report(model: choice.family.name, file: output, losses: trace.losses, seconds: trace.seconds))
    }
    Output.progress("wrote \(output)")
  }

  private func trainer(_ task: any TrainingTask, _ recipe: Recipe, _ choice: ModelChoice) throws -> Trainer {
    try Trainer(
      task.model, optimizer: task.optimizer(recipe.optimizer), learningRate: recipe.rate, seed: choice.options.seed,
      name: task.graphName, arguments.compilerOptions)
  }

  /// What judges both: the batches of a run's validations, and those of an evaluation. What cannot be had is told before the
  /// steps.
  private func judged(
    _ task: any TrainingTask, _ choice: ModelChoice, _ recipe: Recipe
  ) throws -> [(part: String, batches: [[(name: String, tensor: HostTensor)]])] {
    if batchesOnly, choice.record?.isChanged == true { throw CommandError.changedRun }
    if batchesOnly, !task.preparesInputsAhead { throw CommandError.dependentBatches(choice.family.name) }
    if !heldOut { return [] }
    let all = try task.heldOutInputs()
    if all.isEmpty { throw CommandError.noHeldOutBatches(choice.family.name) }
    let count = task.evaluatedBatches(of: recipe.validationBatches)
    let validation = try (0..<count).flatMap { try task.validationSteps($0) }
    return [("validation", validation), ("held_out", all)]
  }

  private func notes(
    _ choice: ModelChoice, _ recipe: Recipe, _ task: any TrainingTask
  ) throws -> [String: String] {
    let options = choice.options
    var notes = options.settings.merging(task.hiddenSizes.mapValues { "\($0)" }) { setting, _ in setting }
    notes["model"] = choice.family.name
    notes["recipe"] = try Output.jsonText(recipe)
    if try task.model.traced(name: task.graphName).isRandom { notes["draws"] = "random numbers that the graph makes" }
    (notes["preset"], notes["variant"]) = (options.preset, options.variant)
    (notes["batch"], notes["depth"]) = (options.batch.map { "\($0)" }, options.depth.map { "\($0)" })
    (notes["gradient"], notes["seed"]) = (options.gradient.map { "\($0)" }, "\(options.seed)")
    return notes
  }
}
