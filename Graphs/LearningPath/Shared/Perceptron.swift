import Recurve

/// Layers of weights with an activation between them, trained by the mean squared error: `[B, in] -> [B, out]`.
struct Perceptron: Model {
  let layers: [Linear]
  let batch: Int
  let hidden: Activation

  enum Activation: String, Sendable, CaseIterable {
    case sigmoid, tanh, relu
    case leakyReLU = "leaky ReLU"

    func callAsFunction(_ x: Tensor) -> Tensor {
      switch self {
      case .sigmoid: Recurve.sigmoid(x)
      case .tanh: Recurve.tanh(x)
      case .relu: Recurve.relu(x)
      case .leakyReLU: maximum(x, x * 0.01)
      }
    }
  }

  /// - Parameter widths: of the input, of each hidden layer, of the output.
  init(_ widths: [Int], batch: Int, hidden: Activation = .sigmoid) {
    layers = zip(widths, widths.dropFirst()).map { Linear($0, $1, hasBias: true) }
    self.batch = batch
    self.hidden = hidden
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let last = layers.dropLast().reduce(x) { h, layer in hidden(layer(h)) }
    return sigmoid(layers[layers.count - 1](last))
  }

  func step(_ inputs: Inputs) -> Step {
    let x = inputs("x", ["B": batch, "D": layers[0].weight.shape[1]])
    let target = inputs("target", ["B": batch, "D": layers[layers.count - 1].weight.shape[0]])
    let output = self(x)
    let error = output - target
    return Step(
      loss: (error * error).mean(),
      metrics: [("output", output), ("largest_error", abs(error).reshaped(to: [error.type.elementCount]).max(axis: 0))])
  }
}
