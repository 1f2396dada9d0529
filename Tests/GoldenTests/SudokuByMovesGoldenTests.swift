import Comparison
import Differentiation
import Recurve
import SudokuByMoves
import Testing

/// What the compiler makes of Sudokus filled move by move lies beside their Swift files, and is what it makes today.
@Suite struct SudokuByMovesGoldenTests {
  private let folder = CompiledFolder("SudokuByMoves")

  private static func graph(_ variant: SudokuByMoves.Variant) throws -> Graph {
    try SudokuByMoves(variant, batch: 128).traced(name: "sudoku-by-moves").graph
  }

  @Test(arguments: SudokuByMoves.Variant.allCases)
  func graphTextIsTheGoldenOne(_ variant: SudokuByMoves.Variant) throws {
    try folder.expectGraphs(Self.graph(variant), "\(variant.rawValue).")
  }

  @Test(arguments: SudokuByMoves.Variant.allCases)
  func scheduleAndPlanAreTheGoldenOnes(_ variant: SudokuByMoves.Variant) throws {
    try folder.expectPlan(Comparison.withGradients(Self.graph(variant)).graph, "\(variant.rawValue).")
  }

  @Test func diagramIsTheGoldenOne() throws {
    try folder.expectDiagram(Self.graph(.recurrent).resolvingGradientModes(), "recurrent")
  }
}
