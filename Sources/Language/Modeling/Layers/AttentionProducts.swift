import Operators
import TensorTypes

/// The products of attention (Vaswani et al. 2017), whatever queries, keys and values are made of. Shapes: B batch, L positions
/// that look, C positions that are looked at, H heads of queries, of which H / G share one of G heads of keys and values, d the
/// width of a head.
enum AttentionProducts {
  /// Far below every score, and above what no number holds.
  static let unseen: Double = -1e9

  /// How much each position looks at each: `[B, L, H, d], [B, C, G, d] -> [B, H, L, C]`; rows sum to 1.
  ///
  /// - Parameters:
  ///   - reach: added to the scores, `[L, C]`.
  ///   - bias: numbers that repeat to `[B, H, L, C]`, added to the scores: `attention.4`.
  ///   - mask: booleans that repeat to `[B, H, L, C]`: what is seen at all.
  static func weights(
    _ query: Tensor, _ keys: Tensor, reach: Tensor? = nil, adding bias: Tensor?, seeing mask: Tensor?
  ) -> Tensor {
    var scores = scores(query, keys)
    if let reach { scores = scores + reach }
    if let bias { scores = scores + repeated(bias, to: scores) }
    if let mask { scores = select(mask.repeated(to: scores.shape), scores, .constant(unseen, scores.shape)) }
    return softmax(scores)
  }

  /// A bias as large as the scores: a larger one would repeat these.
  private static func repeated(_ bias: Tensor, to scores: Tensor) -> Tensor {
    let whole = scores.shape.extents.suffix(bias.rank)
    let isPart = zip(bias.shape.extents, whole).allSatisfy { $0 == $1 || $0 == 1 }
    guard bias.rank == whole.count, isPart, bias.type.elementType == scores.type.elementType else {
      let problem = "needs a bias that repeats to the scores \(scores.type), [B, H, L, C], got \(bias.type)"
      return refused([bias, scores], TypeError("attention.4", problem), scores.type)
    }
    return bias.repeated(to: scores.shape)
  }

  private static func scores(_ query: Tensor, _ keys: Tensor) -> Tensor {
    let (batch, length, heads, size) = (query.extent(0), query.extent(1), query.extent(2), query.extent(3))
    let (keyHeads, factor) = (keys.extent(2), 1 / Double(size).squareRoot())
    if keyHeads == heads {
      return dot(query, keys, DotAxes(leftBatch: [0, 2], rightBatch: [0, 2], leftInner: [3], rightInner: [3])) * factor
    }
    let grouped = query.reshaped(to: [batch, length, keyHeads, heads / keyHeads, size]).transposed(0, 2, 3, 1, 4)
    // [B, G, H / G, L, C]
    let scores = dot(grouped, keys, DotAxes(leftBatch: [0, 1], rightBatch: [0, 2], leftInner: [4], rightInner: [3]))
    return scores.reshaped(to: [batch, heads, length, keys.extent(1)]) * factor
  }

  /// What the positions see, heads side by side: `[B, H, L, C], [B, C, G, d] -> [B, L, H d]`, a shape with names.
  static func mixed(_ weights: Tensor, _ values: Tensor, to shape: Shape) -> Tensor {
    let (batch, heads, length) = (weights.extent(0), weights.extent(1), weights.extent(2))
    let (keyHeads, size) = (values.extent(2), values.extent(3))
    var mixed = weights
    if keyHeads == heads {
      mixed = dot(weights, values, DotAxes(leftBatch: [0, 1], rightBatch: [0, 2], leftInner: [3], rightInner: [1]))
    } else {
      let grouped = weights.reshaped(to: [batch, keyHeads, heads / keyHeads, length, values.extent(1)])
      let axes = DotAxes(leftBatch: [0, 1], rightBatch: [0, 2], leftInner: [4], rightInner: [1])
      mixed = dot(grouped, values, axes).reshaped(to: [batch, heads, length, size])
    }
    // The product stores itself by positions, so that no copy is needed.
    return mixed.transposed(0, 2, 1, 3).reshaped(to: shape)
  }

  /// What is wrong with the heads of a layer.
  static func problem(
    _ layer: String, _ width: Int, _ heads: Int, _ groups: Int, _ file: StaticString, _ line: Int
  ) -> LayerProblem? {
    let isDivided = heads >= 1 && width.isMultiple(of: heads)
    let isGrouped = groups >= 1 && heads.isMultiple(of: groups)
    return LayerProblem(
      unless: isDivided, "\(layer) of width \(width) cannot be divided among \(heads) heads", file, line)
      ?? LayerProblem(
        unless: isGrouped, "\(layer) of \(heads) heads cannot share \(groups) heads of keys and values", file, line)
  }
}
