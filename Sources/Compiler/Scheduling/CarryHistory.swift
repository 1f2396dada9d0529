import GraphIR
import Operators

/// The values of a carry from the first to the last, in frames that follow each other.
///
/// Where a loop stacks what a carry is when an iteration begins, each iteration reads one frame and computes the next: no value
/// is copied from where it is computed to where it is kept. If it stacks what the carry becomes as well, both stacks are the
/// same frames, but for one at an end.
struct CarryHistory {
  var carry: Graph.Value
  /// Storage of all frames, one more than the loop has iterations.
  var storage: Int
  var frameByteCount: Int
  var loop: Int
  /// Frames between the beginning and the value of iteration 0 that enters it, and the one that leaves it.
  var (before, after): (Int, Int)
  /// The frames with which the loop begins and ends.
  var (first, last): (Int, Int)

  /// A frame, or as many frames as the loop has iterations.
  struct Frame: Hashable {
    /// Number of the history.
    var history: Int
    /// Frames from its beginning, beside those that iterations have taken.
    var shift: Int
    /// Whether it is another one in each iteration.
    var walks: Bool
  }

  init(_ carry: Graph.Value, of node: Timeline.LoopNode, storage: Int, frameByteCount: Int) {
    (self.carry, self.storage, self.frameByteCount, loop) = (carry, storage, frameByteCount, node.number)
    let (count, isReversed) = (node.loop.count, node.loop.isReversed)
    (before, after) = isReversed ? (1, 0) : (0, 1)
    (first, last) = isReversed ? (count, 0) : (0, count)
  }
}

extension Graph {
  /// For each result of a loop's region that is stacked and is a carry as it enters or leaves an iteration, by its position, the
  /// position of that carry; of those carries only that are stacked as they enter.
  ///
  /// Not those whose stack is in turn a result of an enclosing loop's region, since it has a place there.
  func keptCarries(_ identifier: OperationID) -> [Int: Int] {
    let loop = Repeat(self[identifier], in: self)
    guard let stack = loop.stacks.first else { return [:] }
    let passed = self[stack].region == Graph.body ? [] : Set(self[self[stack].region].results.map(viewSource))
    let outputs = loop.stackedOutputs.enumerated().filter { !passed.contains(loop.stacks[$0.offset]) }
    let entering = Set(outputs.compactMap { loop.carries.firstIndex(of: $0.element) })
    var kept: [Int: Int] = [:]
    for (position, output) in outputs {
      let carry = loop.carries.firstIndex(of: output) ?? loop.nextCarries.firstIndex(of: output)
      if let carry, entering.contains(carry) { kept[loop.carryCount + position] = carry }
    }
    return kept
  }
}
