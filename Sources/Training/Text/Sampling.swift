import Modeling
import TensorTypes

/// How the next token is chosen from its scores.
public enum Sampling: Sendable, Hashable {
  /// The most probable one; of equals the first.
  case greedy
  /// By chance, from `softmax(scores / temperature)`, of which only the most probable tokens stay that together have at least
  /// the share `top` (Holtzman et al. 2020); all for a share of 1. Tokens as probable as the last of them stay too.
  case random(temperature: Double, top: Double = 1)

  /// - Throws: `SamplingError`.
  public func check() throws {
    guard case .random(let temperature, let top) = self else { return }
    guard temperature > 0, temperature.isFinite else { throw SamplingError.temperature(temperature) }
    guard top > 0, top <= 1 else { throw SamplingError.top(top) }
  }

  /// The chosen tokens, `[B, V] -> i32[B]`. The numbers are inputs, so that one program serves all of them.
  func token(_ scores: Tensor, _ io: Inputs) -> Tensor {
    guard case .random = self else { return scores.argmax(axis: -1) }
    let scaled = scores / io("temperature", [])
    let probabilities = softmax(scaled)
    let sorted = probabilities.sorted(axis: -1, descending: true).values
    let top = io("top", []).repeated(to: sorted.shape)
    // Rounded sums of the first ones may be 1 already.
    let isKept = (sorted.cumulativeSum(axis: -1, exclusive: true) .< top) .| (top .>= 1)
    let least = select(isKept, sorted, .constant(2, sorted.shape)).min(axis: -1, keepsAxis: true)
    let kept = select(probabilities .>= least, scaled, .constant(-1e30, scaled.shape))
    return .categorical(logits: kept)
  }

  var inputs: [String: HostTensor] {
    guard case .random(let temperature, let top) = self else { return [:] }
    // Smaller numbers change nothing but what f32 can hold.
    func scalar(_ number: Double) -> HostTensor { HostTensor(.scalar, [max(Float(number), 1e-6)]) }
    return ["temperature": scalar(temperature), "top": scalar(top)]
  }
}

/// Why tokens cannot be drawn so.
public enum SamplingError: Error, Hashable, CustomStringConvertible {
  case temperature(Double)
  case top(Double)

  public var description: String {
    switch self {
    case .temperature(let number): "the temperature is \(number), needs a finite number above 0; greedy takes none"
    case .top(let number): "the share of the most probable tokens is \(number), needs more than 0 and at most 1"
    }
  }
}
