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
  ///   - theta: finite and above 0.
  public init(
    length: Int, size: Int, theta: Double = 10_000, file: StaticString = #fileID, line: Int = #line
  ) {
    // Too many positions are not counted up.
    let large = LayerTable.problem("table of positions", length, max(size, 1))
    self.init(
      coordinates: large == nil ? (0..<max(length, 0)).map { [$0] } : [], size: size, theta: theta,
      isSound: length >= 0, large: large, "length \(length)", file, line)
  }

  /// For positions on a grid or in a space: each coordinate turns a share of the angles, so that attention can depend on how
  /// far apart two positions are along each (Heo et al. 2024, "Rotary Position Embedding for Vision Transformer", axial).
  ///
  /// - Parameters:
  ///   - coordinates: of each of the L positions, as many for all, at least one.
  ///   - size: d, the width of a head; divisible by twice the number of coordinates.
  ///   - theta: finite and above 0; the smaller, the finer are distances told apart; grids have few positions along a side.
  public init(
    coordinates: [[Int]], size: Int, theta: Double = 100, file: StaticString = #fileID, line: Int = #line
  ) {
    let counts = Set(coordinates.map(\.count))
    self.init(
      coordinates: coordinates, size: size, theta: theta, isSound: counts.count <= 1 && counts.first != 0,
      large: LayerTable.problem("table of positions", coordinates.count, size),
      "coordinates of \(counts.sorted()) numbers", file, line)
  }

  /// - Parameters:
  ///   - large: why there are more angles than can be kept.
  ///   - found: what the positions are, for messages.
  private init(
    coordinates: [[Int]], size: Int, theta: Double, isSound: Bool, large: String?, _ found: String,
    _ file: StaticString, _ line: Int
  ) {
    let axes = coordinates.first?.count ?? 1
    let isSound = isSound && size >= 0 && size.isMultiple(of: 2 * max(axes, 1))
    let needed = axes > 1 ? "a size divisible by \(2 * axes)" : "an even size"
    problem =
      LayerProblem(
        unless: isSound,
        "a rotary embedding needs a length of at least 0 and \(needed), got \(found) and size \(size)", file, line)
      ?? LayerProblem(
        unless: PositionAngles.isSound(theta), "a rotary embedding needs \(PositionAngles.needed), got \(theta)", file,
        line)
      ?? LayerProblem(unless: large == nil, "a rotary embedding \(large ?? "")", file, line)
    let shape: Shape = problem == nil ? [coordinates.count, size] : [0, 0]
    let share = max(shape[1] / 2 / max(axes, 1), 1)  // angles of each coordinate
    let angles = (0..<shape[0]).flatMap { position in
      (0..<shape[1]).map { index in
        let (axis, place) = (index % (size / 2)).quotientAndRemainder(dividingBy: share)
        return Double(coordinates[position][axis]) * pow(theta, -Double(place) / Double(share))
      }
    }
    cosines = .constant(shape, .values(angles.map { Float(Foundation.cos($0)) }), file: file, line: line)
    sines = .constant(shape, .values(angles.map { Float(Foundation.sin($0)) }), file: file, line: line)
  }

  /// Over given cosines and sines, `[L, d]` each with an even d, of which both halves have the same angles.
  public init(cosines: Weight, sines: Weight, file: StaticString = #fileID, line: Int = #line) {
    (self.cosines, self.sines) = (cosines, sines)
    let (found, other) = (cosines.shape, sines.shape)
    problem = LayerProblem(
      unless: found.rank == 2 && found == other && found[1].isMultiple(of: 2),
      "a rotary embedding needs tables [L, d] of an even d, got [\(found)] and [\(other)]", file, line)
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
