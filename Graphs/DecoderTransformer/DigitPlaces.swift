import Recurve

/// A learned vector for each digit by its place in its number, and one for all other tokens: `i32[B, L] -> [B, L, D]` (abacus
/// embeddings, McLeish et al. 2024, arXiv 2405.17399, section 3.1).
///
/// The place is counted from the first digit that is written, so that in numbers written from the last digit on, digits of one
/// weight have one place. In training the places of each sequence begin anywhere between 1 and the last place from which the
/// longest number still fits, so that no place is left untrained because no number was long enough.
public struct DigitPlaces: Sendable {
  /// Places that there are vectors for: digits behind the last of them share its vector.
  public static let count: Int = 32

  let table: Embedding
  /// Tokens that are digits.
  let digits: Range<Int>
  /// Digits of the longest number that is trained on.
  let longest: Int

  init(width: Int, digits: Range<Int>, longest: Int, _ initializer: Initializer) {
    table = Embedding(count: Self.count + 1, width: width, initializer)
    (self.digits, self.longest) = (digits, longest)
  }

  func callAsFunction(_ tokens: Tensor, _ cache: KeyValueCache? = nil) -> Tensor {
    let places = places(of: tokens, cache)
    let spare = max(Self.count - longest, 0)
    guard Tensor.isTraining, spare > 0 else { return table(minimum(places, Double(Self.count))) }
    let start = Tensor.integers([tokens.extent(0), 1], in: 0..<spare + 1)
    let moved = minimum(places + start, Double(Self.count))
    return table(select(places .> 0, moved, places))
  }

  /// From 1 on in every number, 0 for other tokens: `i32[B, L]`.
  func places(of tokens: Tensor, _ cache: KeyValueCache?) -> Tensor {
    let length = tokens.extent(1)
    let isOther = ((tokens .< Double(digits.lowerBound)) .| (tokens .>= Double(digits.upperBound)))
      .converted(to: .float32)
    let seen = cache?.layer("places").keeping("others", isOther) ?? isOther
    // Counted from 1 on.
    let all = Tensor.iota([1, 1, seen.extent(1)], axis: 2) + 1
    let first = Tensor.iota([1, length, 1], axis: 1) + 1
    let own = cache.map { first + $0.position } ?? first
    let others = seen.reshaped(to: [seen.extent(0), 1, seen.extent(1)]) * all.converted(to: .float32)
    let lastOther = ((all .<= own).converted(to: .float32) * others).max(axis: 2)
    return own.reshaped(to: [1, length]) - lastOther.converted(to: .int32)
  }
}
