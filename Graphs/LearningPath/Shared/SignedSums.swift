import Recurve

/// Sums of two to four terms modulo 20, such as 3 + 2 - 1, each with the results on the way.
enum SignedSums {
  static let modulus = 20
  static let termCount = 4
  /// One number per signed term: `term` added, `modulus + term` subtracted, and one for no term.
  static let tokenCount = 2 * modulus + 1

  /// Random sums of a stream; streams of different numbers have different sums.
  ///
  /// - Returns: `terms` `i32[4, B]`, the first always added; `results` `i32[4, B]`, after each term.
  static func tensors(
    batch: Int, seed: UInt64, stream: UInt64
  ) -> [String: HostTensor] {
    var random = CounterRandom(seed: seed, stream: stream)
    var terms = Array(repeating: Int32(tokenCount - 1), count: termCount * batch)
    var results = Array(repeating: Int32(0), count: termCount * batch)
    for example in 0..<batch {
      let count = 2 + random.index(below: termCount - 1)
      var sum = 0
      for step in 0..<termCount {
        if step < count {
          let term = random.index(below: modulus)
          let isSubtracted = step > 0 && random.index(below: 2) == 0
          sum = (sum + (isSubtracted ? modulus - term : term)) % modulus
          terms[step * batch + example] = Int32(isSubtracted ? modulus + term : term)
        }
        results[step * batch + example] = Int32(sum)
      }
    }
    let shape = Shape([termCount, batch])
    return ["terms": HostTensor(shape, terms), "results": HostTensor(shape, results)]
  }
}
