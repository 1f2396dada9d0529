import Comparison
import Differentiation
import Recurve
import Testing
import TinyRecursion

/// What the compiler makes of the Tiny Recursive Model lies beside its Swift files, and is what it makes today.
@Suite struct TinyRecursionGoldenTests {
  private let folder = CompiledFolder("TinyRecursion")

  private static func graph(_ variant: TinyRecursion.Sizes.Variant) throws -> Graph {
    var sizes = TinyRecursion.Sizes.nano
    sizes.variant = variant
    return try TinyRecursion(sizes).traced(name: "tiny-recursion").graph
  }

  @Test(arguments: [TinyRecursion.Sizes.Variant.attention, .mixer])
  func graphTextIsTheGoldenOne(_ variant: TinyRecursion.Sizes.Variant) throws {
    try folder.expectGraphs(Self.graph(variant), "\(variant.rawValue).")
  }

  @Test(arguments: [TinyRecursion.Sizes.Variant.attention, .mixer])
  func scheduleAndPlanAreTheGoldenOnes(_ variant: TinyRecursion.Sizes.Variant) throws {
    try folder.expectPlan(Comparison.withGradients(Self.graph(variant)).graph, "\(variant.rawValue).")
  }

  @Test func diagramIsTheGoldenOne() throws {
    let nodes = try folder.expectDiagram(Self.graph(.attention).resolvingGradientModes(), "tiny-recursion")
    #expect(nodes <= 150)
  }
}
