import Comparison
import Diagrams
import Differentiation
import Foundation
import Recurve
import TestSupport
import Testing
import TinyRecursion

/// What the compiler makes of the Tiny Recursive Model lies beside its Swift files, and is what it makes today.
@Suite struct TinyRecursionGoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Graphs/TinyRecursion/Compiled").path

  static func traced(_ variant: TinyRecursion.Sizes.Variant) throws -> TracedModel {
    var sizes = TinyRecursion.Sizes.nano
    sizes.variant = variant
    return try TinyRecursion(sizes).traced(name: "tiny-recursion")
  }

  private func expect(_ text: String, _ name: String) throws {
    let difference = try GoldenText.difference(text, file: "\(Self.folder)/\(name)")
    #expect(difference == nil, "\(name):\n\(difference ?? "")")
  }

  @Test(arguments: [TinyRecursion.Sizes.Variant.attention, .mixer])
  func graphTextIsTheGoldenOne(_ variant: TinyRecursion.Sizes.Variant) throws {
    let graph = try Self.traced(variant).graph
    try expect(graph.description, "\(variant.rawValue).1-traced.graph")
    let differentiated = try Comparison.withGradients(graph).graph
    try expect(differentiated.description, "\(variant.rawValue).2-differentiated.graph")
    #expect(try Graph(parsing: differentiated.description) == differentiated)
  }

  @Test(arguments: [TinyRecursion.Sizes.Variant.attention, .mixer])
  func scheduleAndPlanAreTheGoldenOnes(_ variant: TinyRecursion.Sizes.Variant) throws {
    let graph = try Comparison.withGradients(Self.traced(variant).graph).graph
    let plan = try Compiler.plan(graph, CompilerOptions(workerCount: 2))
    try expect(plan.schedule.text, "\(variant.rawValue).3-schedule.txt")
    try expect(plan.memory.table(plan.schedule.problem) + "\n", "\(variant.rawValue).4-plan.txt")
  }

  @Test func diagramIsTheGoldenOne() throws {
    let graph = try Self.traced(.attention).graph.resolvingGradientModes()
    let diagram = GraphDiagram(
      graph,
      kind: { name in OperatorTable.find(name).flatMap { OperationKind(rawValue: $0.kind.rawValue) } ?? .elementwise })
    #expect(diagram.nodeCount <= 150)
    try expect(diagram.dot, "tiny-recursion.dot")
    if GoldenText.isUpdating {
      try GraphvizRenderer.render(dot: diagram.dot, to: Self.folder + "/tiny-recursion.svg")
    }
    #expect(FileManager.default.fileExists(atPath: Self.folder + "/tiny-recursion.svg"))
  }
}
