import TensorTypes

/// `x W^T (+ b)`: `[..., inputs] -> [..., outputs]`.
public struct Linear: Sendable {
  public let weight: Weight
  public let bias: Weight?

  public init(_ inputs: Int, _ outputs: Int, hasBias: Bool = false, _ initializer: Initializer? = nil) {
    weight = Weight([outputs, inputs], initializer ?? .lecun(inputs: inputs))
    bias = hasBias ? Weight([outputs], .zeros) : nil
  }

  public init(weight: Weight, bias: Weight?) {
    self.weight = weight
    self.bias = bias
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    let product = linear(x, weight.tensor)
    return bias.map { product + $0.tensor } ?? product
  }
}
