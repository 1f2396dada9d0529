import Foundation
import Operators
import TensorTypes

/// A learned vector for each position: `[B, L, D] -> [B, L, D]`, added (Radford et al. 2019).
///
/// A checkpoint holds `length` vectors. Programs over these weights may be shorter, and use the first ones; a layer made for
/// another length has another table, which the checkpoint does not fit.
public struct LearnedPositions: Sendable {
  /// `[length, D]`.
  public let table: Weight
  private let problem: LayerProblem?

  public init(
    length: Int, width: Int, _ initializer: Initializer = .normal(standardDeviation: 0.02),
    file: StaticString = #fileID, line: Int = #line
  ) {
    table = Weight([length, width], initializer, file: file, line: line)
    problem = nil
  }

  /// The layer over a given table, `[length, D]`.
  public init(table: Weight, file: StaticString = #fileID, line: Int = #line) {
    self.table = table
    problem = LayerProblem(
      unless: table.shape.rank == 2, "learned positions need a table [length, D], got [\(table.shape)]", file, line)
  }

  /// - Parameter offset: the position of the first element, `i32[]`; 0 without.
  public func callAsFunction(
    _ x: Tensor, from offset: Tensor? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    if let problem { return problem.refused(x.type) }
    return located(file, line) {
      let (length, width) = (table.shape[0], table.shape[1])
      guard x.rank == 3, x.extent(1) <= length, x.extent(2) == width else {
        let problem = "needs [B, L, \(width)] with at most \(length) positions, got \(x.type)"
        return refused([x], TypeError("positions.1", problem), x.type)
      }
      return x + table.tensor.rows(x.extent(1), from: offset)
    }
  }
}

/// Vectors for positions that nobody learns: `[length, width]` (Vaswani et al. 2017, section 3.5).
///
/// Element 2i of position p is `sin(p / theta^(2i / width))`, element 2i + 1 the cosine of the same angle. They belong to the
/// program and not to the checkpoint, so that weights serve any length.
///
/// - Parameters:
///   - width: even: `positions.2`.
///   - theta: finite and above 0: `positions.3`.
public func sinusoidalPositions(
  length: Int, width: Int, theta: Double = 10_000, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    guard length >= 0, width >= 0, width.isMultiple(of: 2) else {
      let problem = "needs a length of at least 0 and an even width, got length \(length) and width \(width)"
      return refused([], TypeError("positions.2", problem), TensorType(.float32, [0, 0]))
    }
    guard PositionAngles.isSound(theta) else {
      let problem = "needs \(PositionAngles.needed), got \(theta)"
      return refused([], TypeError("positions.3", problem), TensorType(.float32, [length, width]))
    }
    return LayerTable.made("table of positions", "sinusoidal \(theta)", "positions.4", length, width) { position in
      (0..<width).map { index in
        let angle = Double(position) / pow(theta, Double(index / 2 * 2) / Double(width))
        return Float(index.isMultiple(of: 2) ? Foundation.sin(angle) : Foundation.cos(angle))
      }
    }
  }
}

/// Angles of positions, of which each is a power of theta times the position.
enum PositionAngles {
  static let needed = "a finite theta above 0"

  /// Whether the powers are numbers.
  static func isSound(_ theta: Double) -> Bool { theta.isFinite && theta > 0 }
}

/// Rotary positions with the half split (Su et al. 2021), as `RotaryEmbedding` has them: `[B, L, H, d] -> [B, L, H, d]`.
///
/// The angles are numbers of the program, not of the checkpoint, so that weights serve any length.
public struct RotaryPositions: Sendable {
  /// d, the width of a head; even.
  public let size: Int
  public let theta: Double
  private let problem: LayerProblem?

  /// - Parameter theta: finite and above 0.
  public init(size: Int, theta: Double = 10_000, file: StaticString = #fileID, line: Int = #line) {
    problem =
      LayerProblem(
        unless: size >= 0 && size.isMultiple(of: 2), "rotary positions need an even size, got \(size)", file, line)
      ?? LayerProblem(
        unless: PositionAngles.isSound(theta), "rotary positions need \(PositionAngles.needed), got \(theta)", file,
        line)
    (self.size, self.theta) = (size, theta)
  }

  /// - Parameters:
  ///   - offset: the position of the first element, `i32[]`; 0 without.
  ///   - capacity: positions that there can be, which an offset needs; it is clamped into them.
  public func callAsFunction(
    _ t: Tensor, from offset: Tensor? = nil, of capacity: Int? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    if let problem { return problem.refused(t.type) }
    return located(file, line) {
      let length = t.extent(1)
      guard offset == nil || capacity != nil else {
        let problem = "needs the capacity, how many positions there can be, beside the position of the first element"
        return refused([t], TypeError("rotary.2", problem), t.type)
      }
      let known = offset == nil ? length : capacity ?? length
      guard t.rank == 4, t.extent(3) == size, length <= known else {
        let problem = "needs [B, L, H, \(size)] with at most \(known) positions, got \(t.type)"
        return refused([t], TypeError("rotary.1", problem), t.type)
      }
      let halves = t.split(into: 2, axis: -1)
      let rotated = concatenate([-halves[1], halves[0]], axis: -1)
      // [L, 1, d] repeats over heads, and over the batch.
      func turned(_ name: String, _ function: (Double) -> Double) -> Tensor {
        table(name, known, function).rows(length, from: offset).reshaped(to: [length, 1, size])
      }
      return t * turned("cosines", Foundation.cos) + rotated * turned("sines", Foundation.sin)
    }
  }

  /// A function of the angles, `[length, d]`: `rotary.3`.
  private func table(_ name: String, _ length: Int, _ function: (Double) -> Double) -> Tensor {
    LayerTable.made("table of positions", "\(name) \(theta)", "rotary.3", length, size) { position in
      (0..<size).map { Float(function(angle(position, $0))) }
    }
  }

  private func angle(_ position: Int, _ index: Int) -> Double {
    Double(position) * pow(theta, -2 * Double(index % (size / 2)) / Double(size))
  }
}

extension Tensor {
  /// So many rows of a table `[n, ...]` from a position on, `i32[]`; the first ones without.
  func rows(_ count: Int, from offset: Tensor?) -> Tensor {
    if let offset { return slice(at: offset, length: count, axis: 0) }
    return count == extent(0) ? self : slice(0..<count, axis: 0)
  }
}
