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

  var family: ModelFamily {
    get throws { try RecurveCommandLine.family(model) }
  }

  func options(depth: Int? = nil, gradient: String? = nil) throws -> ModelOptions {
    ModelOptions(
      preset: preset, variant: variant, batch: batch, depth: depth,
      gradient: try gradient.map(GradientMode.init(text:)),
      dataPath: data, seed: seed)
  }

  var compilerOptions: CompilerOptions {
    var options = CompilerOptions()
    if let threads { options.workerCount = max(threads, 1) }
    options.fuses = fusion
    if !streaming { options.streams = nil }
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
}

extension GradientMode {
  /// Reads `full`, `last:1`, `last(1)`, `checkpointed:2`, `checkpointed(every: 2)`, `revolve:3`, `none`.
  init(text: String) throws {
    let parts = text.split { ":( )=".contains($0) }.map(String.init)
    let number = parts.count > 1 ? parts.last.flatMap { Int($0) } : 1
    guard let name = parts.first, let number, number >= 1 else { throw CommandError.unknownMode(text) }
    switch name {
    case "full": self = .full
    case "none": self = .none
    case "last", "detached": self = .last(number)
    case "checkpointed": self = .checkpointed(every: number)
    case "revolve": self = .revolve(slots: number)
    default: throw CommandError.unknownMode(text)
    }
  }
}
