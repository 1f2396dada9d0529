import Recurve
import Testing
import WordVectors

/// What the compiler makes of the word vectors lies beside their Swift files, and is what it makes today.
@Suite struct WordVectorsGoldenTests {
  private let folder = CompiledFolder("WordVectors")

  /// The sizes of the demonstration.
  private static func graph() throws -> Graph {
    let task = try WordVectors.family.make(ModelOptions())
    return try task.model.traced(name: "word-vectors").graph
  }

  @Test func graphTextIsTheGoldenOne() throws { try folder.expectGraphs(Self.graph()) }

  /// Of a training step, in which only the rows that a batch has are read and written.
  @Test func scheduleAndPlanAreTheGoldenOnes() throws {
    try folder.expectPlan(TrainingStep(Self.graph(), .adagrad()).graph)
  }

  @Test func diagramIsTheGoldenOne() throws { try folder.expectDiagram(Self.graph(), "word-vectors") }
}
