import ArgumentParser
import Compilation
import Operators
import Training

/// Options that choose a model and its sizes.
struct ModelArguments: ParsableArguments {
  @Argument(
    help: """
      The model's name, which `recurve list` shows; or the folder of a run, whose record stands for every option about the \
      model that is not given.
      """)
  var model: String?

  @Option(help: "Sizes by name; `recurve list` shows them.")
  var preset: String?

  @Option(help: "Form of the model; `recurve list` shows them.")
  var variant: String?

  @Option(help: "Sequences per step.")
  var batch: Int?

  @Option(help: "Seed of initial weights and data; 0 without it.")
  var seed: UInt64?

  @Option(help: "A data file, or a folder of files, in place of the model's own data.")
  var data: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A setting of the model's own, which `recurve list MODEL` shows; may be given more than once.",
      valueName: "name=value"))
  var settings: [String] = []

  @Option(help: "Threads; all processors by default.")
  var threads: Int?

  @Flag(inversion: .prefixedNo, help: "Whether operations over the same elements or rows share a kernel.")
  var fusion = true

  @Flag(inversion: .prefixedNo, help: "Whether kernels over the same rows share a launch, tile by tile.")
  var streaming = true

  @Flag(help: "Watches every step that runs: poisoned memory, red zones between buffers, hashes between uses. Slow.")
  var verify = false

  func validate() throws {
    try ArgumentChecks.check("batch", batch, ModelOptions.batches)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
    _ = try givenSettings()
  }

  /// What `--set` gives, by name.
  ///
  /// - Throws: `ValidationError` for what is not of the form name=value, and for two values of one name.
  func givenSettings() throws -> [String: String] {
    try settings.reduce(into: [:]) { values, text in
      guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
        throw ValidationError("--set got '\(text)', needs name=value")
      }
      let name = String(text[..<sign])
      if values[name] != nil { throw ValidationError("--set gives \(name) twice") }
      values[name] = String(text[text.index(after: sign)...])
    }
  }

  /// - Throws: `ValidationError` for `--verify` where no step runs that could be watched.
  func refuseVerification(needing needed: String) throws {
    if verify { throw ValidationError("--verify has no effect, needs \(needed)") }
  }

  /// - Throws: `ValidationError` for options about compiled kernels where none are made, and for `--verify`.
  func refuseKernelOptions(needing needed: String) throws {
    let given = [("--threads", threads != nil), ("--no-fusion", !fusion), ("--no-streaming", !streaming)]
    for (option, isGiven) in given where isGiven {
      throw ValidationError("\(option) has no effect, needs \(needed)")
    }
    try refuseVerification(needing: needed)
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
    try ArgumentChecks.asUsage { _ = try gradient.map(GradientMode.init(argument:)) }
  }
}

/// Options of commands that look at any of a model's programs.
struct ProgramArguments: ParsableArguments {
  @Option(help: "A program over the model's weights in place of its training step; another name shows which there are.")
  var program: String?

  /// - Throws: `ValidationError` for the gradients of a program that has none.
  func refuseDifferentiation(_ isDifferentiated: Bool) throws {
    guard isDifferentiated, program != nil else { return }
    throw ValidationError("--stage differentiated is of the training step; --program names another program")
  }
}

extension GradientMode {
  /// - Throws: `CommandError.unknownMode`.
  init(argument text: String) throws {
    guard let mode = GradientMode(text: text) else { throw CommandError.unknownMode(text) }
    self = mode
  }
}
