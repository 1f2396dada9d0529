import Recurve

/// Sums of two to four terms modulo 20, such as 3 + 2 - 1, each with the results on the way.
enum SignedSums {
  static let modulus = 20
  static let termCount = 4
  /// One number per signed term: `term` added, `modulus + term` subtracted, and one for no term.
  static let tokenCount = 2 * modulus + 1

  /// Which sums: of eight, seven and one. There are but 800 beginnings of two terms, so that chance would train on all of them.
  enum Part { case training, test }

  /// Random sums of a part; a sum belongs to one part for ever.
  ///
  /// - Returns: `terms` `i32[4, B]`, the first always added; `results` `i32[4, B]`, after each term.
  static func tensors(of part: Part, batch: Int, seed: UInt64, stream: UInt64) -> [String: HostTensor] {
    var random = CounterRandom(seed: seed, stream: stream)
    var sums: [[Int32]] = []
    while sums.count < batch {
      let sum = drawn(&random)
      if self.part(of: sum) == part { sums.append(sum) }
    }
    let results = sums.map(results)
    let (shape, steps) = (Shape([termCount, batch]), 0..<termCount)
    return [
      "terms": HostTensor(shape, steps.flatMap { step in sums.map { $0[step] } }),
      "results": HostTensor(shape, steps.flatMap { step in results.map { $0[step] } }),
    ]
  }

  /// By the first two terms: every result on the way is trained, so that no beginning of a tested sum may begin another one.
  static func part(of sum: [Int32]) -> Part {
    CounterRandom.mixed(ByteHash.of(sum.prefix(2).map { UInt8(truncatingIfNeeded: $0) })) % 8 == 0 ? .test : .training
  }

  private static func drawn(_ random: inout CounterRandom) -> [Int32] {
    let count = 2 + random.index(below: termCount - 1)
    return (0..<termCount).map { step in
      if step >= count { return Int32(tokenCount - 1) }
      let term = random.index(below: modulus)
      return Int32(step > 0 && random.index(below: 2) == 0 ? modulus + term : term)
    }
  }

  /// After each term.
  private static func results(_ sum: [Int32]) -> [Int32] {
    var result = 0
    return sum.map { token in
      let term = Int(token) % modulus
      if token < 2 * modulus { result = (result + (token >= modulus ? modulus - term : term)) % modulus }
      return Int32(result)
    }
  }
}
