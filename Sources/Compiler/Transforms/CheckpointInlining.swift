import GraphIR
import Operators

extension Pass {
  /// Puts the bodies of checkpoints in their places, once gradients no longer need their borders.
  ///
  ///     %2 = checkpoint : f32[8] () {
  ///       %1 = sine %0
  ///       yield %1
  ///     }
  /// ->
  ///     %1 = sine %0
  public static let checkpointInlining: Pass = Pass("checkpoint-inlining") { graph in
    GraphRewriter.rewrite(graph, inlineCheckpoint)
  }

  @Sendable private static func inlineCheckpoint(
    _ rewriter: inout GraphRewriter, _ identifier: Graph.OperationID, _ region: Graph.RegionID
  ) -> [Graph.Value]? {
    let operation = rewriter.source[identifier]
    guard case .checkpoint = operation.used.semantics else { return nil }
    rewriter.copyOperations(of: operation.regions[0], to: region, inlineCheckpoint)
    return rewriter.source[operation.regions[0]].results.map { rewriter[$0] }
  }
}
