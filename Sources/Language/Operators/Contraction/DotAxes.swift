import CKernelSupport
import GraphIR
import TensorTypes

/// Which axes of two tensors a `dot` pairs, and how.
///
/// The result's axes are the batch axes, the left tensor's free axes and the right tensor's free axes.
public struct DotAxes: Hashable, Sendable {
  public var leftBatch: [Int] = []
  public var rightBatch: [Int] = []
  /// Axes that are multiplied and summed over, the last varying fastest.
  public var leftInner: [Int]
  public var rightInner: [Int]

  public init(leftBatch: [Int] = [], rightBatch: [Int] = [], leftInner: [Int], rightInner: [Int]) {
    self.leftBatch = leftBatch
    self.rightBatch = rightBatch
    self.leftInner = leftInner
    self.rightInner = rightInner
  }

  /// How many axes longer than 1 a group may have: batch, left free, right free or inner.
  public static let limit: Int = Int(RECURVE_MAX_AXES)

  public var attributes: Attributes {
    [
      "left_batch": .integers(leftBatch), "right_batch": .integers(rightBatch),
      "left_inner": .integers(leftInner), "right_inner": .integers(rightInner),
    ]
  }

  public init(_ attributes: Attributes) {
    self.init(
      leftBatch: attributes.integers("left_batch"), rightBatch: attributes.integers("right_batch"),
      leftInner: attributes.integers("left_inner"), rightInner: attributes.integers("right_inner"))
  }

  public func leftFree(_ rank: Int) -> [Int] { Self.rest(rank, leftBatch + leftInner) }
  public func rightFree(_ rank: Int) -> [Int] { Self.rest(rank, rightBatch + rightInner) }

  private static func rest(_ rank: Int, _ used: [Int]) -> [Int] { (0..<rank).filter { !used.contains($0) } }
}
