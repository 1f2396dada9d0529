import ArgumentParser
import Compilation
import Foundation
import GraphIR
import Interchange
import Modeling
import StableHLO
import TensorTypes
import Training
import Transforms

/// Writes models for other engines.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a model's step, or its first steps' numbers, for others.",
    subcommands: [ExportStableHLOCommand.self, ExportTrainingCommand.self])
}

struct ExportStableHLOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stablehlo", abstract: "Writes a model's step in StableHLO, which XLA and IREE run.",
    discussion: """
      Beside the text come a JSON file that names what the step takes and returns, in order, and a safetensors file with \
      its weights and states: of a run those of its checkpoint, but for the states of the optimizer and of the model, which \
      begin anew.
      """)

  enum Stage: String, ExpressibleByArgument, CaseIterable { case forward, training }

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var step: StepArguments
  @OptionGroup var program: ProgramArguments

  @Option(help: "forward, or training: with the gradient and the optimizer's update; training without it.")
  var stage: Stage?

  @Option(name: .shortAndLong, help: "The text; the other files have its name with another ending.")
  var output: String

  @Flag(help: "Prints the names and sizes of what was written as JSON.")
  var json = false

  private struct Description: Codable {
    var model: String
    var stage: String
    var parameters: [StableHLOProgram.Port]
    var results: [StableHLOProgram.Port]
  }

  private struct Report: Codable {
    var model: String
    var files: [String]
    var text_bytes: Int
    var parameters: Int
    var results: Int
  }

  func validate() throws {
    try arguments.refuseKernelOptions(needing: "none: this command runs no step")
    guard (output as NSString).pathExtension == "mlir" else {
      throw ValidationError("--output got '\(output)', needs a file whose name ends with .mlir")
    }
    for file in files { try ArgumentChecks.checkNoRunFile("output", file) }
    if stage != nil && program.program != nil {
      throw ValidationError("--stage is of the training step; --program names another program")
    }
  }

  private var files: [String] {
    let base = (output as NSString).deletingPathExtension
    return [output, base + ".json", base + ".safetensors"]
  }

  func run() throws {
    let choice = try arguments.choice(step, writing: files.map { ("output", $0) })
    let stage = stage ?? .training
    let source = try ExportSource(choice, stage == .training, program.program, try checkpoint())
    var log = PassLog()
    let written = StableHLOProgram(arguments.compilerOptions.pipeline.run(source.graph, log: &log))
    let description = Description(
      model: choice.family.name, stage: program.program ?? stage.rawValue, parameters: written.parameters,
      results: written.results)
    try Output.write(written.text, to: files[0])
    try Output.write(try Output.jsonText(description) + "\n", to: files[1])
    try SafetensorsFile(tensors: try source.tensors(of: written)).write(to: files[2])
    if json {
      return try Output.json(
        Report(
          model: choice.family.name, files: files, text_bytes: written.text.utf8.count,
          parameters: written.parameters.count, results: written.results.count))
    }
    for file in files { Output.progress("wrote \(file)") }
  }
}

extension ExportStableHLOCommand {
  /// Of the run that MODEL is.
  private func checkpoint() throws -> String? {
    guard let run = try arguments.runFolder() else { return nil }
    guard run.holdsCheckpoint else { throw CommandError.noCheckpoint(run.path) }
    return run.checkpoint
  }
}

/// What is written: a graph, and the numbers that its weights and states begin with.
private struct ExportSource {
  let graph: Graph
  private var numbers: [String: HostTensor]

  init(_ choice: ModelChoice, _ isTraining: Bool, _ program: String?, _ checkpoint: String?) throws {
    let (task, traced) = try program.map { try choice.program($0) } ?? choice.task(isTraining: isTraining)
    let store = try ParameterStore(task.model, seed: choice.options.seed)
    let trains = isTraining && program == nil
    if let checkpoint {
      try store.loadAll(checkpoint, weights: trains ? .current : .averaged)
      try CheckpointError.namingOrigins { try ParameterStore.checkWhole(checkpoint, known: Set(store.names)) }
    }
    numbers = store.tensors.merging(traced.values) { first, _ in first }
    // States of an optimizer begin anew, averages go on.
    guard trains else {
      graph = traced.graph
      return
    }
    let averages = try ParameterStore(task.model, seed: choice.options.seed)
    if let checkpoint { try averages.loadAll(checkpoint) }
    let step = try TrainingStep(traced.graph, task.optimizer(choice.recipe.optimizer))
    graph = step.graph
    for (name, state) in step.optimizerStates { numbers[name] = state }
    for (weight, state) in step.averages { numbers[state] = averages[weight] }
    if traced.isRandom { numbers[TracedModel.randomState] = store.firstRandomState(of: "train") }
  }

  /// Weights, constants, values and states by the names of their parameters; states of the model begin at zero.
  func tensors(of program: StableHLOProgram) throws -> [String: HostTensor] {
    let kept = zip(program.parameters, graph.parameters).filter { $0.0.kind != ParameterRole.input.rawValue }
    return Dictionary(
      uniqueKeysWithValues: kept.map { port, value in
        (port.name, numbers[port.name] ?? HostTensor(graph.type(of: value), repeating: 0))
      })
  }
}
