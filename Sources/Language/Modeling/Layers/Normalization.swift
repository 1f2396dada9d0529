import TensorTypes

/// Rows along the last axis scaled to a root mean square of 1, then by a gain (Zhang and Sennrich 2019):
/// `[..., D] -> [..., D]`.
///
/// `x * (mean(x^2) + epsilon)^(-1/2) * gain`; PyTorch's RMSNorm, whose own epsilon is that of the element type, 1.2e-7.
public struct RMSNorm: Sendable {
  /// `[D]`, 1 in the beginning.
  public let gain: Weight
  public let epsilon: Double

  public init(width: Int, epsilon: Double = 1e-5, file: StaticString = #fileID, line: Int = #line) {
    self.init(gain: Weight([width], .constant(1), file: file, line: line), epsilon: epsilon)
  }

  public init(gain: Weight, epsilon: Double = 1e-5) {
    self.gain = gain
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { rmsNorm(x, epsilon: epsilon).byChannel(gain, *) }
  }
}

/// Rows along the last axis shifted to mean 0 and scaled to variance 1, then by a gain, with a bias added (Ba et al. 2016):
/// `[..., D] -> [..., D]`.
///
/// `(x - mean(x)) * (variance(x) + epsilon)^(-1/2) * gain + bias`, the variance divided by D; PyTorch's LayerNorm.
public struct LayerNorm: Sendable {
  /// `[D]`, 1 in the beginning.
  public let gain: Weight
  /// `[D]`, 0 in the beginning; nil without.
  public let bias: Weight?
  public let epsilon: Double

  public init(
    width: Int, hasBias: Bool = true, epsilon: Double = 1e-5, file: StaticString = #fileID, line: Int = #line
  ) {
    self.init(
      gain: Weight([width], .constant(1), file: file, line: line),
      bias: hasBias ? Weight([width], .zeros, file: file, line: line) : nil, epsilon: epsilon)
  }

  public init(gain: Weight, bias: Weight?, epsilon: Double = 1e-5) {
    self.gain = gain
    self.bias = bias
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      layerNorm(x, epsilon: epsilon).byChannel(gain, *).byChannel(bias, +)
    }
  }
}
