import ArgumentParser
import Compilation
import Modeling
import Operators
import Training

/// Options that choose a model and its sizes.
struct ModelArguments: ParsableArguments {
  @Argument(help: "The model's name; `recurve list` shows them.")
  var model: String

  @Option(help: "Sizes by name; `recurve list` shows them.")
  var preset: String?

  @Option(help: "Form of the model; `recurve list` shows them.")
  var variant: String?

  @Option(help: "Sequences per step.")
  var batch: Int?

  @Option(help: "Seed of initial weights and data.")
  var seed: UInt64 = 0

  @Option(help: "A data file in place of the model's own data.")
  var data: String?

  @Option(help: "Threads; all processors by default.")
  var threads: Int?

  @Flag(inversion: .prefixedNo, help: "Whether operations over the same elements or rows share a kernel.")
  var fusion = true

  @Flag(inversion: .prefixedNo, help: "Whether kernels over the same rows share a launch, tile by tile.")
  var streaming = true

  @Flag(help: "Watches every step that runs: poisoned memory, red zones between buffers, hashes between uses. Slow.")
  var verify = false

  func validate() throws {
    try ArgumentChecks.check("batch", batch, ArgumentChecks.batch)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
  }

  var family: ModelFamily {
    get throws { try RecurveCommandLine.family(model) }
  }

  /// The model with its data, and its step as a graph.
  ///
  /// - Throws: what the family throws, and `CommandError.reach` when the model has fewer iterations than `last:K` names.
  func task(_ step: StepArguments, isTraining: Bool = true) throws -> (task: any TrainingTask, traced: TracedModel) {
    let options = try options(depth: step.depth, gradient: step.gradient)
    let task = try family.make(options)
    do {
      return (task, try task.model.traced(name: task.graphName, isTraining: isTraining))
    } catch let error as TraceError {
      throw ArgumentChecks.reach(of: options.gradient, error) ?? error
    }
  }

  func options(depth: Int? = nil, gradient: String? = nil) throws -> ModelOptions {
    ModelOptions(
      preset: preset, variant: variant, batch: batch, depth: depth,
      gradient: try gradient.map(GradientMode.init(text:)),
      dataPath: data, seed: seed)
  }

  var compilerOptions: CompilerOptions {
    var options = CompilerOptions()
    if let threads { options.workerCount = threads }
    options.fuses = fusion
    if !streaming { options.target.streams = nil }
    options.verifies = verify
    return options
  }
}

/// Options of commands that look at one compiled step.
struct StepArguments: ParsableArguments {
  @Option(help: "Iterations of the model's outermost recursion.")
  var depth: Int?

  @Option(help: "Gradient mode: full, last:K, none, checkpointed:EVERY, revolve:SLOTS.")
  var gradient: String?

  func validate() throws {
    try ArgumentChecks.check("depth", depth, ArgumentChecks.iterations)
    try ArgumentChecks.asUsage { _ = try gradient.map(GradientMode.init(text:)) }
  }
}

extension GradientMode {
  /// Reads `full`, `last:1`, `last(1)`, `checkpointed:2`, `checkpointed(every: 2)`, `revolve:3`, `revolve(slots: 3)`, `none`;
  /// a mode that needs a number takes 1 without one.
  ///
  /// - Throws: `CommandError.unknownMode`.
  init(text: String) throws {
    guard let match = text.wholeMatch(of: /([a-z]+)(?:[:=](\d+)|\((?:([a-z]+): ?)?(\d+)\))?/),
      let mode = Self.named(String(match.1), match.3.map(String.init), (match.2 ?? match.4).map { Int($0) })
    else { throw CommandError.unknownMode(text) }
    self = mode
  }

  /// - Parameter number: nil where there is none, nil inside where it is beyond 64 bits.
  private static func named(_ name: String, _ label: String?, _ number: Int??) -> GradientMode? {
    guard let value = number ?? 1, ArgumentChecks.iterations.contains(value) else { return nil }
    let labels = ["checkpointed": "every", "revolve": "slots"]
    if let label, labels[name] != label { return nil }
    switch name {
    case "full": return number == nil ? .full : nil
    case "none": return number == nil ? GradientMode.none : nil
    case "last", "detached": return .last(value)
    case "checkpointed": return .checkpointed(every: value)
    case "revolve": return .revolve(slots: value)
    default: return nil
    }
  }
}
