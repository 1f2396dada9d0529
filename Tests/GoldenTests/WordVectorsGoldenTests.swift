import Comparison
import Diagrams
import Differentiation
import Foundation
import Recurve
import TestSupport
import Testing
import WordVectors

/// What the compiler makes of the word vectors lies beside their Swift files, and is what it makes today.
@Suite struct WordVectorsGoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Graphs/WordVectors/Compiled").path

  /// The sizes of the demonstration.
  static func traced() throws -> TracedModel {
    let task = try WordVectors.family.make(ModelOptions())
    return try task.model.traced(name: "word-vectors")
  }

  private func expect(_ text: String, _ name: String) throws {
    let difference = try GoldenText.difference(text, file: "\(Self.folder)/\(name)")
    #expect(difference == nil, "\(name):\n\(difference ?? "")")
  }

  @Test func graphTextIsTheGoldenOne() throws {
    let graph = try Self.traced().graph
    try expect(graph.description, "1-traced.graph")
    let differentiated = try Comparison.withGradients(graph).graph
    try expect(differentiated.description, "2-differentiated.graph")
    #expect(try Graph(parsing: differentiated.description) == differentiated)
  }

  /// Of a training step, in which only the rows that a batch has are read and written.
  @Test func scheduleAndPlanAreTheGoldenOnes() throws {
    let step = try TrainingStep(Self.traced().graph, .adagrad())
    let plan = try Compiler.plan(step.graph, CompilerOptions(workerCount: 2))
    try expect(plan.schedule.text, "3-schedule.txt")
    try expect(plan.memory.table(plan.schedule.problem) + "\n", "4-plan.txt")
  }

  @Test func diagramIsTheGoldenOne() throws {
    let graph = try Self.traced().graph
    let diagram = GraphDiagram(
      graph,
      kind: { name in OperatorTable.find(name).flatMap { OperationKind(rawValue: $0.kind.rawValue) } ?? .elementwise })
    try expect(diagram.dot, "word-vectors.dot")
    if GoldenText.isUpdating {
      try GraphvizRenderer.render(dot: diagram.dot, to: Self.folder + "/word-vectors.svg")
    }
    #expect(FileManager.default.fileExists(atPath: Self.folder + "/word-vectors.svg"))
  }
}
