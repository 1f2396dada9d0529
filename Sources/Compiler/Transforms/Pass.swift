import GraphIR
import Operators

/// A rewriting of graphs: a name and a pure function.
public struct Pass: Sendable {
  public let name: String
  public let run: @Sendable (Graph) -> Graph

  public init(_ name: String, run: @escaping @Sendable (Graph) -> Graph) {
    self.name = name
    self.run = run
  }
}

/// An ordered list of passes.
public struct Pipeline: Sendable {
  public let passes: [Pass]

  public init(_ passes: [Pass]) { self.passes = passes }

  /// What every program goes through after differentiation. No pass changes a bit of any result.
  public static let standard: Pipeline = Pipeline([
    .checkpointInlining, .decomposition, .simplification, .commonSubexpressionElimination,
    .invariantHoisting, .commonSubexpressionElimination, .deadCodeElimination,
    .accumulationInPlace, .recomputation(), .deadCodeElimination,
  ])

  /// Runs the passes in order and notes what each changed. Debug builds verify the graph between them.
  public func run(_ graph: Graph, log: inout PassLog) -> Graph {
    passes.reduce(graph) { current, pass in
      let start = ContinuousClock.now
      let next = pass.run(current)
      assert(next.allViolations().isEmpty, "\(pass.name) broke \(graph.name): \(next.allViolations())")
      log.note(pass, from: current, to: next, duration: ContinuousClock.now - start)
      return next
    }
  }

  public func run(_ graph: Graph) -> Graph {
    var log = PassLog()
    return run(graph, log: &log)
  }
}
