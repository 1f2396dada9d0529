import Recurve

/// A gated recurrent unit that reads bits one by one and says whether most of them are ones.
struct Majority: Model {
  let gru: GRU
  let readout: Linear
  let batch: Int
  /// T, an odd number of bits.
  let length: Int
  /// How far the gradient reaches back through the bits.
  let gradient: GradientMode

  init(width: Int, batch: Int, length: Int, gradient: GradientMode) {
    gru = GRU(1, width)
    readout = Linear(width, 2, hasBias: true)
    (self.batch, self.length, self.gradient) = (batch, length, gradient)
  }

  /// `[B, T] -> [B, 2]`.
  func scores(_ bits: Tensor) -> Tensor {
    readout(gru(bits.expanded(at: -1), gradient: gradient).state)
  }

  func step(_ inputs: Inputs) -> Step {
    let bits = inputs("bits", ["B": batch, "T": length])
    let label = inputs("label", ["B": batch], .int32)
    let scores = scores(bits)
    let isRight = (scores.argmax(axis: -1) .== label).converted(to: .float32)
    return Step(loss: crossEntropy(scores, label).mean(), metrics: [("accuracy", isRight.mean())])
  }
}
