import Recurve

/// Layers with an activation between them, trained by the cross-entropy of classes: `[B, D] -> [B, classes]`.
struct Classifier: Model {
  let first: Linear
  let hidden: [Linear]
  let last: Linear
  let batch: Int
  let activation: Perceptron.Activation
  /// Whether each hidden layer adds to what it reads: `h + W f(h)` (He et al. 2016, pre-activation).
  let hasResiduals: Bool

  /// - Parameter depth: hidden layers, at least 1.
  init(
    inputs: Int, width: Int, depth: Int, classes: Int, batch: Int, activation: Perceptron.Activation,
    hasResiduals: Bool = false
  ) {
    first = Linear(inputs, width, hasBias: true)
    hidden = (1..<depth).map { _ in Linear(width, width, hasBias: true) }
    last = Linear(width, classes, hasBias: true)
    self.batch = batch
    self.activation = activation
    self.hasResiduals = hasResiduals
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let end = hidden.reduce(first(x)) { h, layer in
      let next = layer(activation(h))
      return hasResiduals ? h + next : next
    }
    return last(activation(end))
  }

  func step(_ inputs: Inputs) -> Step {
    let x = inputs("x", ["B": batch, "D": first.weight.shape[1]])
    let label = inputs("label", ["B": batch], .int32)
    let scores = self(x)
    return Step(
      loss: crossEntropy(scores, label).mean(),
      metrics: [("accuracy", (scores.argmax(axis: -1) .== label).converted(to: .float32).mean())])
  }
}
