import TensorTypes

/// `x W^T (+ b)`: `[..., inputs] -> [..., outputs]`; PyTorch's Linear. Weights begin as in LeCun et al. 1998 ("Efficient
/// BackProp", section 4.6), biases with 0.
public struct Linear: Sendable {
  public let weight: Weight
  public let bias: Weight?

  public init(
    _ inputs: Int, _ outputs: Int, hasBias: Bool = false, _ initializer: Initializer? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) {
    weight = Weight([outputs, inputs], initializer ?? .lecun(inputs: inputs), file: file, line: line)
    bias = hasBias ? Weight([outputs], .zeros, file: file, line: line) : nil
  }

  public init(weight: Weight, bias: Weight?) {
    self.weight = weight
    self.bias = bias
  }

  public func callAsFunction(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      linear(x, weight.tensor).byChannel(bias, +)
    }
  }
}
