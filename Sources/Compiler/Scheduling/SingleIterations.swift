import GraphIR
import Operators

extension Graph {
  /// The graph without loops of one iteration, as a schedule needs it: a carry is the value that enters it, a stack its only
  /// frame. Pictures and files keep such loops.
  func inliningSingleIterations() -> Graph { GraphRewriter.rewrite(self, Self.inlineSingleIteration) }

  private static func inlineSingleIteration(
    _ rewriter: inout GraphRewriter, _ identifier: OperationID, _ region: RegionID
  ) -> [Value]? {
    let operation = rewriter.source[identifier]
    guard case .loop = operation.used.semantics else { return nil }
    let loop = Repeat(operation, in: rewriter.source)
    guard loop.count == 1, loop.runTimeCount == nil else { return nil }
    let stacks = loop.stackedInputs.map { rewriter[$0] }
    let slices = loop.slices.map { rewriter.source.type(of: $0).shape }
    let stepType = rewriter.source.type(of: loop.stepIndex)
    let (step, frames) = rewriter.build(in: region, annotation: operation.annotation) { build in
      (build.constant(0, stepType), zip(stacks, slices).map { build.reshape($0, to: $1) })
    }
    rewriter[loop.stepIndex] = step
    for (carry, initial) in zip(loop.carries, loop.initialCarries) { rewriter[carry] = rewriter[initial] }
    for (slice, frame) in zip(loop.slices, frames) { rewriter[slice] = frame }
    rewriter.copyOperations(of: loop.region, to: region, inlineSingleIteration)
    let outputs = loop.stackedOutputs.map { rewriter[$0] }
    let shapes = loop.stacks.map { rewriter.source.type(of: $0).shape }
    return loop.nextCarries.map { rewriter[$0] }
      + rewriter.build(in: region, annotation: operation.annotation) { build in
        zip(outputs, shapes).map { build.reshape($0, to: $1) }
      }
  }
}
