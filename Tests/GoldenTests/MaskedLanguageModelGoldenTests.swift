import Comparison
import Differentiation
import MaskedLanguageModel
import Recurve
import Testing

/// What the compiler makes of the masked language model lies beside its Swift files, and is what it makes today.
@Suite struct MaskedLanguageModelGoldenTests {
  private let folder = CompiledFolder("MaskedLanguageModel")

  /// The sizes of the preset for texts.
  private static func graph(_ variant: MaskedLanguageModel.Variant) throws -> Graph {
    let sizes = MaskedLanguageModel.Sizes(
      variant, width: 256, heads: 4, depth: 4, vocabulary: 8192, context: 128)
    return try MaskedLanguageModel(sizes, batch: 32).traced(name: "masked-language-model").graph
  }

  @Test(arguments: MaskedLanguageModel.Variant.allCases)
  func graphTextIsTheGoldenOne(_ variant: MaskedLanguageModel.Variant) throws {
    try folder.expectGraphs(Self.graph(variant), "\(variant.rawValue).")
  }

  @Test(arguments: MaskedLanguageModel.Variant.allCases)
  func scheduleAndPlanAreTheGoldenOnes(_ variant: MaskedLanguageModel.Variant) throws {
    try folder.expectPlan(Comparison.withGradients(Self.graph(variant)).graph, "\(variant.rawValue).")
  }

  @Test func diagramIsTheGoldenOne() throws {
    try folder.expectDiagram(Self.graph(.recurrent).resolvingGradientModes(), "recurrent")
  }
}
