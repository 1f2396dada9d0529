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
  @OptionGroup var programArguments: ProgramArguments
  @OptionGroup var engineArguments: EngineArguments

  @Option(help: "Runs to take medians over.") var repetitions: Int = 11
  @Option(help: "How many of the slowest steps to list; 30 without it, 0 for all.") var rows: Int?
  @Option(help: "Writes one run as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open.")
  var trace: String?
  @Flag(help: "Prints the profile as JSON.") var json = false

  func validate() throws {
    try ArgumentChecks.check("repetitions", repetitions, ArgumentChecks.iterations)
    try ArgumentChecks.checkRows(rows, isJSON: json)
    try ArgumentChecks.checkFolder(of: trace)
  }

  func run() throws {
    if engineArguments.engine == .pjrt || engineArguments.engine == .reference { return try compareEngines() }
    let program = try checked(try program(options))
    let profile = try Profile(program, repetitions: repetitions, ceilings: try .measured(options))
    try show(profile)
    // Behind the profile, which is not to be lost for it.
    if let trace { try Output.write(try StepTrace(program).json, to: trace) }
  }

  private func show(_ profile: Profile) throws {
    if json { return try Output.json(profile) }
    try Output.result(profile.table(limit: rows == 0 ? .max : rows ?? 30))
    let totals = profile.totals().filter { $0.seconds > 0 }.map { total in
      [String(format: "%.1f %%", 100 * total.seconds / profile.seconds), total.name]
    }
    try Output.result("\n" + TextTable.aligned([["share", "kind and role"]] + totals, leftColumns: [1]))
  }

  /// Other engines show no steps: whole runs beside those of compiled kernels.
  private func compareEngines() throws {
    if trace != nil { throw CommandError.needsSteps("--trace") }
    if rows != nil { throw CommandError.needsSteps("--rows") }
    let chosen = try engineArguments.applied(to: arguments.compilerOptions)
    let engines = (chosen.toolchain == nil ? [] : [options]) + [chosen]
    let profile = try EngineProfile(engines, repetitions: repetitions, program)
    if json { return try Output.json(profile) }
    try Output.result("\(profile.name), planned \(TextTable.bytes(profile.plannedBytes))\n\(profile.table)")
  }

  /// One of the model's programs, or its training step, with its first inputs set.
  private func program(_ options: CompilerOptions) throws -> CompiledProgram {
    guard let name = programArguments.program else { return try compiledStep(options) }
    return try CompiledStep(try choice(), options, name).program(options)
  }

  private func choice() throws -> ModelChoice { try arguments.choice(stepArguments, writing: [("trace", trace)]) }

  private func compiledStep(_ options: CompilerOptions) throws -> CompiledProgram {
    let choice = try choice()
    let (task, traced) = try choice.task()
    let step = try TrainingStep(traced.graph, task.optimizer(choice.recipe.optimizer))
    let program = try Compiler.compile(step.graph, options.naming(traced))
    for (name, tensor) in traced.initialWeights(seed: choice.options.seed) { try program.set(name, tensor) }
    for (name, state) in step.optimizerStates { try program.set(name, state) }
    for (name, tensor) in try task.freshInputs(0) { try program.set(name, tensor) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1e-4)]))
    return program
  }

  /// Watched once before, not while it is timed.
  private var options: CompilerOptions {
    var options = arguments.compilerOptions
    options.verifies = false
    return options
  }

  private func checked(_ program: CompiledProgram) throws -> CompiledProgram {
    guard program.isNative else { throw CommandError.needsCompiler(command: "profile") }
    if arguments.verify { try Output.verify(program) }
    return program
  }
}
