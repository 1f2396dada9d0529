import Operators
import TensorTypes

/// Which of C positions lie in the same part of a sequence as each of L, where several documents share one: what attention takes
/// as `seeing:`, `bool[B, L] -> bool[B, 1, L, C]` (the block-diagonal masks of packed sequences: Krell et al. 2021).
///
///     let mask = segmentMask(startingAt: tokens .== Double(end))
///
/// - Parameters:
///   - starts: where a document begins. What stands before the first one is a document too. They are booleans `[B, L]`:
///     `segments.1`.
///   - cache: takes in where documents begin; the L positions follow those that it holds, and C is its capacity; L without.
public func segmentMask(
  startingAt starts: Tensor, cache: KeyValueCache? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let (batch, length) = (starts.extent(0), starts.extent(1))
    guard starts.rank == 2, starts.type.elementType == .bool else {
      let columns = cache?.capacity ?? length
      return refused(
        [starts], TypeError("segments.1", "needs booleans [B, L], where documents begin, got \(starts.type)"),
        TensorType(.bool, [batch, 1, length, columns]))
    }
    let ones = starts.converted(to: .int32)
    // The number of its document at each position; what stands behind those that are known is of no meaning.
    let all = (cache?.layer("segments").keeping("starts", ones) ?? ones).cumulativeSum(axis: 1)
    let own = cache.map { all.slice(at: $0.position, length: length, axis: 1) } ?? all
    return (own.expanded(at: 2) .== all.expanded(at: 1)).expanded(at: 1)
  }
}
