import ArgumentParser
import Comparison
import Compilation
import Foundation
import Modeling
import Profiling
import Reports
import TensorTypes
import Training

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Shows where the time of a training step goes, against the machine's ceilings.")

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var stepArguments: StepArguments

  @Option(help: "Runs to take medians over.") var repetitions: Int = 11
  @Option(help: "How many of the slowest steps to list.") var rows: Int = 30
  @Option(help: "Writes one run as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open.")
  var trace: String?
  @Flag(help: "Prints the profile as JSON.") var json = false

  func run() throws {
    guard repetitions >= 1, rows >= 1 else { throw ValidationError("--repetitions and --rows need at least 1") }
    let program = try compiledStep()
    let ceilings = try MachineCeilings.measured(arguments.compilerOptions)
    let profile = Profile(program, repetitions: repetitions, ceilings: ceilings)
    if let trace { try Output.write(try StepTrace(program).json, to: trace) }
    if json { return try Output.json(profile) }
    print(profile.table(limit: rows))
    let totals = profile.totals().filter { $0.seconds > 0 }.map { total in
      [String(format: "%.1f %%", 100 * total.seconds / profile.seconds), total.name]
    }
    print("\n" + TextTable.aligned([["share", "kind and role"]] + totals, leftColumns: [1]))
  }

  /// The whole training step with its first inputs set.
  private func compiledStep() throws -> CompiledProgram {
    let task = try arguments.family.make(
      try arguments.options(depth: stepArguments.depth, gradient: stepArguments.gradient))
    let traced = try task.model.traced(name: task.graphName)
    let step = try TrainingStep(traced.graph, .adamATan2())
    // Watched once before, not while it is timed.
    var options = arguments.compilerOptions
    options.verifies = false
    let program = try Compiler.compile(step.graph, options)
    guard program.isNative else { throw CommandError.needsCompiler(command: "profile") }
    program.line = { traced.location($0)?.description }
    for (name, tensor) in traced.initialWeights(seed: arguments.seed) { try program.set(name, tensor) }
    for (name, state) in step.optimizerStates { try program.set(name, state) }
    for (name, tensor) in try task.freshInputs(0) { try program.set(name, tensor) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1e-4)]))
    if arguments.verify {
      Output.verification(program)
      _ = try program.verify()
    }
    return program
  }
}
