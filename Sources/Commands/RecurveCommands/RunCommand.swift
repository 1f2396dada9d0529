import ArgumentParser
import Compilation
import Interchange
import Modeling
import TensorTypes
import Training

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a model, with the weights of a checkpoint, on data it was not trained on.",
    discussion: "For the folder of a run no other option is needed.")

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var stepArguments: StepArguments

  @Option(help: "A checkpoint of `recurve train`; without it that of the run, or initial weights.")
  var checkpoint: String?
  @Option(help: "Which batch of held-out data.") var number: Int = 0
  @Option(help: "Steps for each sequence; states are carried from step to step.") var steps: Int = 16
  @Flag(help: "Prints the results as JSON.") var json = false

  private struct Report: Codable {
    var model: String
    var steps: Int
    var results: [String: [Double]]
  }

  func validate() throws {
    try ArgumentChecks.check("steps", steps, ArgumentChecks.steps)
    try ArgumentChecks.check("number", number, 0...TrainingPlan.largestStepCount)
  }

  func run() throws {
    let checkpoint = try self.checkpoint ?? arguments.runFolder().map(Self.checkpoint)
    let choice = try arguments.choice(stepArguments, filledBy: checkpoint.flatMap(Self.record))
    let (task, traced) = try choice.task(isTraining: false)
    let program = try Compiler.compile(traced.graph, arguments.compilerOptions.naming(traced))
    for (name, tensor) in traced.initialWeights(seed: choice.options.seed) { try program.set(name, tensor) }
    if let checkpoint { try CheckpointError.namingOrigins { try load(checkpoint, program) } }
    if arguments.verify { Output.verification(program) }
    let inputs = try task.freshInputs(number)
    for step in 0..<steps {
      for (name, tensor) in inputs {
        let isRestart = tensor.elementType == .bool
        try program.set(name, isRestart && step > 0 ? HostTensor(tensor.type, repeating: 0) : tensor)
      }
      program.run()
    }
    var results: [String: HostTensor] = [:]
    for (index, name) in program.resultNames.enumerated() where !name.hasPrefix("next.") {
      results[name] = program.result(at: index)
    }
    if json {
      return try Output.json(Report(model: choice.family.name, steps: steps, results: results.mapValues(\.doubles)))
    }
    try Output.result(task.describe(inputs: inputs, results: results))
    for name in results.keys.sorted() {
      if let tensor = results[name], tensor.shape.rank == 0 {
        try Output.result("\(name) \(tensor.doubles[0])")
      }
    }
  }

  private static func checkpoint(of run: RunFolder) throws -> String {
    guard run.holdsCheckpoint else { throw CommandError.noCheckpoint(run.path) }
    return run.checkpoint
  }

  /// A file that is no record may lie beside a checkpoint by chance.
  private static func record(beside checkpoint: String) -> RunRecord? {
    do { return try RunRecord.beside(checkpoint) } catch {
      Output.progress("\(error); the checkpoint is used without it")
      return nil
    }
  }

  private func load(_ path: String, _ program: CompiledProgram) throws {
    // What training averaged is what evaluation uses.
    let known = ParameterStore.numbers(in: try SafetensorsFile(path: path).tensors, .averaged)
    var kept: [(name: String, tensor: HostTensor)] = []
    var problems: [String] = []
    for (binding, role) in zip(program.plan.schedule.parameters, program.plan.graph.parameterRoles)
    where role == .weight || role == .constant {
      guard let (name, tensor) = known[binding.name], tensor.type == binding.type else {
        let found = known[binding.name].map { "\($0.name) is \($0.tensor.type)" } ?? "\(binding.name) is missing"
        problems.append("\(found), needs \(binding.type)")
        continue
      }
      kept.append((binding.name, tensor))
      // What no training can have saved.
      if let problem = tensor.notFinite(allowsInfinity: role == .constant) {
        problems.append("\(role.rawValue) '\(name)' \(problem)")
      }
      do { try program.checkIntegers(binding.name, tensor) } catch { problems.append("\(error)") }
    }
    if !problems.isEmpty { throw CheckpointError(path: path, problems: problems) }
    for (name, tensor) in kept { try program.set(name, tensor) }
  }
}
