import Foundation
import TensorTypes

/// Rotary position embedding with the half split (Su et al. 2021): `[B, L, H, d] -> [B, L, H, d]`.
///
/// `t * cos + rotate(t) * sin` with `rotate(t) = [-t2, t1]` of the halves; angle = position * theta^(-2 i / d).
public struct RotaryEmbedding: Sendable {
  /// `[L, d]` each; fixed.
  public let cosines: Weight
  public let sines: Weight

  public init(length: Int, size: Int, theta: Double = 10_000) {
    let angles = (0..<length).flatMap { position in
      (0..<size).map { index in
        Double(position) * pow(theta, -2 * Double(index % (size / 2)) / Double(size))
      }
    }
    cosines = .constant([length, size], .values(angles.map { Float(Foundation.cos($0)) }))
    sines = .constant([length, size], .values(angles.map { Float(Foundation.sin($0)) }))
  }

  public func callAsFunction(_ t: Tensor) -> Tensor {
    let (length, size) = (t.extent(1), t.extent(3))
    let halves = t.split(into: 2, axis: -1)
    let rotated = concatenate([-halves[1], halves[0]], axis: -1)
    // [L, 1, d] repeats over heads, and over the batch.
    let cosine = cosines.tensor.reshaped(to: [length, 1, size])
    let sine = sines.tensor.reshaped(to: [length, 1, size])
    return t * cosine + rotated * sine
  }
}
