import Operators
import TensorTypes

extension Tensor {
  /// The tensor with one number of a weight for each channel, its last axis: `[..., D], [D] -> [..., D]`. Channels of another
  /// count, which would be repeated, are refused: `channels.1`.
  func byChannel(_ weight: Weight?, _ body: (Tensor, Tensor) -> Tensor) -> Tensor {
    guard let weight else { return self }
    guard rank > 0, weight.shape.extents == [shape.extents[rank - 1]] else {
      let problem = "needs [\(weight.shape)] numbers along the last axis, got \(type)"
      return Modeling.refused([self], TypeError("channels.1", problem), type)
    }
    return body(self, weight.tensor)
  }
}
