import ArgumentParser
import CodeGeneration
import Compilation
import Foundation
import GraphIR
import Scheduling

struct PrintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "print", abstract: "Prints a model's step at any stage of compilation.")

  enum Stage: String, ExpressibleByArgument, CaseIterable {
    case traced, differentiated, simplified, passes, schedule, plan, kernels

    /// Whether it is of kernels, and not of the graph.
    var hasKernels: Bool { [.schedule, .plan, .kernels].contains(self) }
  }

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var step: StepArguments
  @OptionGroup var program: ProgramArguments

  @Option(help: "One of \(Stage.allCases.map(\.rawValue).joined(separator: ", ")).")
  var stage: Stage = .traced

  @Option(name: .shortAndLong, help: "A file in place of standard output.")
  var output: String?

  @Flag(help: "Prints the stage's text inside a JSON object.")
  var json = false

  func validate() throws {
    try arguments.refuseVerification(needing: "none: this command runs no step")
    if !stage.hasKernels { try arguments.refuseKernelOptions(needing: "--stage schedule, plan or kernels") }
    try program.refuseDifferentiation(stage == .differentiated)
  }

  func run() throws {
    let compiled = try CompiledStep(arguments, step, program, writing: [("output", output)])
    let text = text(compiled)
    let report = ["model": compiled.name, "stage": stage.rawValue, "text": text]
    try Output.write(json ? Output.jsonText(report) : text, to: output)
  }

  private func text(_ compiled: CompiledStep) -> String {
    switch stage {
    case .traced: compiled.traced.graph.description
    case .differentiated: compiled.differentiated.description
    case .simplified: compiled.plan.graph.description
    case .passes: compiled.plan.log.text
    case .schedule: compiled.plan.schedule.text
    case .plan: compiled.plan.memory.table(compiled.plan.schedule.problem)
    case .kernels: KernelCompiler.text(compiled.plan.schedule.functions, compiled.plan.target)
    }
  }
}
