import Recurve

/// W2: a perceptron with one hidden layer of eight that learns the exclusive or of two bits.
struct ExclusiveOr: Model {
  let hidden = Linear(2, 8, hasBias: true)
  let output = Linear(8, 1, hasBias: true)

  func step(_ inputs: Inputs) -> Step {
    let difference = sigmoid(output(sigmoid(hidden(inputs("in.x", [4, 2]))))) - inputs("in.y", [4, 1])
    return Step(loss: (difference * difference).mean())
  }

  /// The tensors of the workload's file that the model's weights take, by the weights' names.
  static let fileNames = [
    (weight: "hidden.weight", file: "w1"), (weight: "hidden.bias", file: "b1"),
    (weight: "output.weight", file: "w2"), (weight: "output.bias", file: "b2"),
  ]

  static func numbers() -> [String: HostTensor] {
    let stream = NumberStream(prefix: "w2.")
    return [
      "w1": stream.linear("w1", 8, 2), "b1": HostTensor(TensorType(.float32, [8]), repeating: 0),
      "w2": stream.linear("w2", 1, 8), "b2": HostTensor(TensorType(.float32, [1]), repeating: 0),
      "in.x": HostTensor([4, 2], [0, 0, 0, 1, 1, 0, 1, 1] as [Float]),
      "in.y": HostTensor([4, 1], [0, 1, 1, 0] as [Float]),
    ]
  }
}
