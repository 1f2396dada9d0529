import Recurve

/// Inputs with their classes, in batches.
struct Examples: Sendable {
  var inputs: [[Float]]
  var labels: [Int32]

  var count: Int { inputs.count }

  /// Named as `Classifier` reads them.
  func tensors(_ indices: some Collection<Int>) -> [String: HostTensor] {
    [
      "x": HostTensor(Shape([indices.count, inputs[0].count]), indices.flatMap { inputs[$0] }),
      "label": HostTensor(Shape([indices.count]), indices.map { labels[$0] }),
    ]
  }

  /// The first so many, and the others, after shuffling.
  func split(_ count: Int, seed: UInt64) -> (first: Examples, rest: Examples) {
    let order = Self.shuffled(self.count, seed: seed)
    func part(_ indices: ArraySlice<Int>) -> Examples {
      Examples(inputs: indices.map { inputs[$0] }, labels: indices.map { labels[$0] })
    }
    return (part(order[..<count]), part(order[count...]))
  }

  /// The first numbers in an order that seed and stream decide.
  static func shuffled(_ count: Int, seed: UInt64, stream: UInt64 = 0) -> [Int] {
    var random = CounterRandom(seed: seed, stream: stream)
    return random.shuffled(0..<count)
  }

  /// Trains for so many epochs; every epoch sees each example once, but for a last batch that is not full.
  func train(_ trainer: Trainer, epochs: Int, batch: Int, seed: UInt64) throws {
    for epoch in 0..<epochs {
      let order = Self.shuffled(count, seed: seed, stream: UInt64(epoch + 1))
      for start in stride(from: 0, through: count - batch, by: batch) {
        try trainer.step(tensors(order[start..<start + batch]))
      }
    }
  }

  /// The mean of a metric over all examples, in full batches.
  func mean(_ metric: String, _ trainer: Trainer, batch: Int) throws -> Double {
    precondition(count % batch == 0, "\(count) examples in batches of \(batch)")
    return try stride(from: 0, to: count, by: batch).map { start in
      try trainer.evaluate(tensors(start..<start + batch))[metric]?.doubles[0] ?? .nan
    }.mean
  }
}
