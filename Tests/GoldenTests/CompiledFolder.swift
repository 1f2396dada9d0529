import Comparison
import Diagrams
import Differentiation
import Foundation
import Recurve
import TestSupport
import Testing

/// The folder beside a model's Swift files that holds what the compiler makes of it.
struct CompiledFolder {
  let path: String

  init(_ model: String) {
    path =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Graphs/\(model)/Compiled").path
  }

  func expect(_ text: String, _ name: String) throws {
    let difference = try GoldenText.difference(text, file: "\(path)/\(name)")
    #expect(difference == nil, "\(name):\n\(difference ?? "")")
  }

  /// The traced graph, and the one with gradients, which reads back.
  ///
  /// - Parameter prefix: of the files' names.
  func expectGraphs(_ traced: Graph, _ prefix: String = "") throws {
    try expect(traced.description, "\(prefix)1-traced.graph")
    let differentiated = try Comparison.withGradients(traced).graph
    try expect(differentiated.description, "\(prefix)2-differentiated.graph")
    #expect(try Graph(parsing: differentiated.description) == differentiated)
  }

  /// The schedule and the memory plan of a graph for two threads.
  func expectPlan(_ graph: Graph, _ prefix: String = "") throws {
    let plan = try Compiler.plan(graph, CompilerOptions(workerCount: 2))
    try expect(plan.schedule.text, "\(prefix)3-schedule.txt")
    try expect(plan.memory.table(plan.schedule.problem) + "\n", "\(prefix)4-plan.txt")
  }

  /// The diagram as text, and that its picture is there.
  ///
  /// - Returns: how many nodes it has.
  @discardableResult
  func expectDiagram(_ graph: Graph, _ name: String) throws -> Int {
    let diagram = GraphDiagram(
      graph,
      kind: { name in OperatorTable.find(name).flatMap { OperationKind(rawValue: $0.kind.rawValue) } ?? .elementwise })
    try expect(diagram.dot, "\(name).dot")
    if GoldenText.isUpdating { try GraphvizRenderer.render(dot: diagram.dot, to: "\(path)/\(name).svg") }
    #expect(FileManager.default.fileExists(atPath: "\(path)/\(name).svg"))
    return diagram.nodeCount
  }
}
