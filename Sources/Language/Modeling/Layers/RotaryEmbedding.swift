import Foundation
import Operators
import TensorTypes

/// Rotary position embedding with the half split (Su et al. 2021): `[B, L, H, d] -> [B, L, H, d]`.
///
/// `t * cos + rotate(t) * sin` with `rotate(t) = [-t2, t1]` of the halves; angle = position * theta^(-2 i / d).
public struct RotaryEmbedding: Sendable {
  /// `[L, d]` each; fixed.
  public let cosines: Weight
  public let sines: Weight
  private let problem: LayerProblem?

  /// - Parameters:
  ///   - length: L, the number of positions; at least 0.
  ///   - size: d, the width of a head; even.
  public init(
    length: Int, size: Int, theta: Double = 10_000, file: StaticString = #fileID, line: Int = #line
  ) {
    let isSound = length >= 0 && size >= 0 && size.isMultiple(of: 2)
    problem = LayerProblem(
      unless: isSound,
      "a rotary embedding needs a length of at least 0 and an even size, got length \(length) and size \(size)", file,
      line)
    let shape: Shape = isSound ? [length, size] : [0, 0]
    let angles = (0..<shape[0]).flatMap { position in
      (0..<shape[1]).map { index in
        Double(position) * pow(theta, -2 * Double(index % (size / 2)) / Double(size))
      }
    }
    cosines = .constant(shape, .values(angles.map { Float(Foundation.cos($0)) }), file: file, line: line)
    sines = .constant(shape, .values(angles.map { Float(Foundation.sin($0)) }), file: file, line: line)
  }

  public func callAsFunction(_ t: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    if let problem { return problem.refused(t.type) }
    return located(file, line) {
      let (length, size) = (cosines.shape[0], cosines.shape[1])
      guard t.rank == 4, t.extent(1) == length, t.extent(3) == size else {
        return refused([t], TypeError("rotary.1", "needs [B, \(length), H, \(size)], got \(t.type)"), t.type)
      }
      let halves = t.split(into: 2, axis: -1)
      let rotated = concatenate([-halves[1], halves[0]], axis: -1)
      // [L, 1, d] repeats over heads, and over the batch.
      let cosine = cosines.tensor.reshaped(to: [length, 1, size])
      let sine = sines.tensor.reshaped(to: [length, 1, size])
      return t * cosine + rotated * sine
    }
  }
}
