import Foundation
import Operators
import TensorTypes

/// What attention adds to its scores by how far two positions are apart, `[H, L, C]`, with nothing learned: attention with linear
/// biases, ALiBi (Press et al. 2022).
///
/// Minus the distance times a slope of each head: of H heads, a power of two, head h from 1 on has `2^(-8 h / H)`; otherwise
/// the largest power of two below has its own, and the heads that are left every other one of twice as many. What comes later
/// is as far as what came before; a reach says whether it is seen.
///
///     attention(x, rotating: nil, adding: linearBiases(heads: 8, length: x.extent(1)))
///
/// - Parameters:
///   - heads: H, at least 1.
///   - length: L, at least 1; both: `bias.1`.
///   - cache: the L positions follow those that it holds, and C is its capacity; L without.
public func linearBiases(
  heads: Int, length: Int, cache: KeyValueCache? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let large = LayerTable.problem("table of slopes", heads, 1)
    guard heads >= 1, length >= 1, large == nil else {
      let problem = large ?? "needs at least 1 head and 1 position, got \(heads) and \(length)"
      return refused([], TypeError("bias.1", problem), TensorType(.float32, [1, 1, 1]))
    }
    let distances = abs(RelativePositions.distances(length, cache).converted(to: .float32))
    let slopes = RelativePositions.slopes(heads).map { Float(-$0) }
    return distances * Tensor.values(slopes, [heads, 1, 1])
  }
}

/// A learned number for each head and distance, added to the scores of attention (Raffel et al. 2020, section 2.1): `[H, L, C]`.
///
/// Distances share buckets: near ones have one each, further ones share one with all that are about as far, logarithmically, up
/// to the farthest, beyond which all are one. T5's relative_attention_bias; T5 itself does not divide scores by the root of d.
///
///     let biases = RelativePositionBias(heads: 8)
///     attention(x, rotating: nil, adding: biases(length: x.extent(1)))
public struct RelativePositionBias: Sendable {
  /// `[buckets, H]`.
  public let table: Weight
  /// From this distance on all share the last bucket.
  public let farthest: Int
  /// Whether what comes later has no buckets of its own, but that of the position itself.
  public let isCausal: Bool
  private let problem: LayerProblem?

  /// - Parameters:
  ///   - buckets: of all distances: 2 at least, and for both directions 4, an even number.
  ///   - farthest: beyond the distances that have a bucket each, which half of the buckets of a direction are for.
  public init(
    heads: Int, buckets: Int = 32, farthest: Int = 128, isCausal: Bool = false,
    _ initializer: Initializer = .normal(standardDeviation: 0.02), file: StaticString = #fileID, line: Int = #line
  ) {
    self.init(
      table: Weight([buckets, heads], initializer, file: file, line: line), farthest: farthest, isCausal: isCausal,
      file: file, line: line)
  }

  /// Over a given table, `[buckets, H]`.
  public init(
    table: Weight, farthest: Int = 128, isCausal: Bool = false, file: StaticString = #fileID, line: Int = #line
  ) {
    (self.table, self.farthest, self.isCausal) = (table, farthest, isCausal)
    let count = table.shape.extents.first ?? 0
    let isEnough = isCausal ? count >= 2 : count >= 4 && count.isMultiple(of: 2)
    problem = LayerProblem(
      unless: table.shape.rank == 2 && isEnough && farthest > (isCausal ? count : count / 2) / 2,
      "relative positions need a table [buckets, H] of at least \(isCausal ? "2" : "4, an even number of") buckets and a "
        + "farthest distance beyond those with a bucket each, got [\(table.shape)] and \(farthest)", file, line)
  }

  /// - Parameters:
  ///   - length: L, at least 1: `bias.2`.
  ///   - cache: the L positions follow those that it holds, and C is its capacity; L without.
  public func callAsFunction(
    length: Int, cache: KeyValueCache? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let type = TensorType(.float32, [1, 1, 1])
    if let problem { return problem.refused(type) }
    return located(file, line) {
      let count = cache?.capacity ?? length
      let large = LayerTable.problem("table of distances", 2, count)
      guard length >= 1, large == nil else {
        return refused([], TypeError("bias.2", large ?? "needs at least 1 position, got \(length)"), type)
      }
      // A number for each distance, from the first of all positions behind the last up to the last behind the first.
      let buckets = (1 - count..<count).map { Int32(bucket(of: $0)) }
      let known = gather(table.tensor, .values(buckets, [buckets.count]))
      let places = RelativePositions.distances(length, cache) + Double(count - 1)
      return gather(known, places).transposed(2, 0, 1)
    }
  }

  /// The bucket of a key that stands so far behind the query; before it where the distance is negative.
  func bucket(of distance: Int) -> Int {
    let count = isCausal ? table.shape[0] : table.shape[0] / 2
    let first = !isCausal && distance > 0 ? count : 0
    let far = isCausal ? max(-distance, 0) : Swift.abs(distance)
    let near = count / 2
    if far < near { return first + far }
    let share = Foundation.log(Double(far) / Double(near)) / Foundation.log(Double(farthest) / Double(near))
    return first + min(near + Int(share * Double(count - near)), count - 1)
  }
}

enum RelativePositions {
  /// How far each of C keys stands behind each of L queries, `i32[L, C]`.
  static func distances(_ length: Int, _ cache: KeyValueCache?) -> Tensor {
    let shape: Shape = [length, cache?.capacity ?? length]
    let queries = Tensor.iota(shape, axis: 0)
    return .iota(shape, axis: 1) - (cache.map { queries + $0.position } ?? queries)
  }

  /// How much each head falls with the distance.
  static func slopes(_ heads: Int) -> [Double] {
    var whole = 1
    while whole <= heads / 2 { whole *= 2 }
    let own = (1...whole).map { pow(2, -8 * Double($0) / Double(whole)) }
    let others = (0..<heads - whole).map { pow(2, -4 * Double(2 * $0 + 1) / Double(whole)) }
    return own + others
  }
}
