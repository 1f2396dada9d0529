import ArgumentParser
import Diagrams
import Differentiation
import Foundation

struct DiagramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagram",
    abstract: "Draws a model: loops as clusters with trip counts, the detached part grey.")

  enum Stage: String, ExpressibleByArgument, CaseIterable { case traced, forward, differentiated, simplified }

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var step: StepArguments
  @OptionGroup var program: ProgramArguments

  @Option(name: .shortAndLong, help: "The picture: .svg, .png, .pdf or .dot; DOT text on standard output without it.")
  var output: String?

  @Option(help: "traced, forward (loops split at the gradient's border), differentiated or simplified.")
  var stage: Stage = .forward

  @Flag(help: "Draws every operation; without it a scope is one box.")
  var expand = false

  @Option(help: "A scope to draw open, by path or last name; may be repeated.")
  var open: [String] = []

  @Option(help: "What colours mean: kind, bytes, liveness, role.")
  var color: String = "kind"

  @Option(help: "The most nodes; 0 for no limit.")
  var nodes: Int = 150

  @Flag(help: "Prints node count and note as JSON.")
  var json = false

  private struct Report: Codable {
    var model: String
    var nodes: Int
    var note: String?
    var output: String?
  }

  func validate() throws {
    try arguments.refuseKernelOptions(needing: "none: this command runs no step")
    try program.refuseDifferentiation(stage == .differentiated)
    if expand && !open.isEmpty {
      throw ValidationError("--open has no effect with --expand, which opens all; needs one of them")
    }
    try ArgumentChecks.check("nodes", nodes, 0...Int.max)
    try ArgumentChecks.checkPicture("output", output, GraphvizRenderer.formats + ["dot"])
    if GraphDiagram.Coloring(rawValue: color) == nil {
      throw ValidationError("--color got '\(color)', needs kind, bytes, liveness or role")
    }
  }

  func run() throws {
    let compiled = try CompiledStep(arguments, step, program, writing: [("output", output)])
    let graph =
      switch stage {
      case .traced: compiled.traced.graph
      case .forward: compiled.traced.graph.resolvingGradientModes()
      case .differentiated: compiled.differentiated.withoutGradientResults()
      case .simplified: compiled.plan.graph.withoutGradientResults()
      }
    let diagram = compiled.diagram(
      graph,
      GraphDiagram.Options(
        expand: expand, expandedScopes: open, coloring: GraphDiagram.Coloring(rawValue: color) ?? .kind,
        nodeLimit: nodes > 0 ? nodes : nil))
    if let name = diagram.unknownScopes.first {
      throw CommandError.unknownScope(name, known: diagram.scopes)
    }
    if let output { try CompiledStep.write(diagram, to: output) } else if !json { try Output.result(diagram.dot) }
    if json {
      try Output.json(
        Report(model: compiled.name, nodes: diagram.nodeCount, note: diagram.note, output: output))
    }
  }
}
