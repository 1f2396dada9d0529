import Recurve

/// A sequence with a gap, a latent thought z and an answer y: `z <- f(x, y, z)`, `y <- g(y, z)`, again and again.
///
/// Digits `[B, 5]` with 10 for the gap; every recursion's answer is read and trained.
struct GapNetwork: Model {
  let embedding: Embedding
  let position: Linear
  let think: SwiGLU
  let answer: SwiGLU
  let readout: Linear
  let batch: Int
  let recursions: Int

  static let length = 5

  init(width: Int, batch: Int, recursions: Int) {
    embedding = Embedding(count: 11, width: width)
    position = Linear(Self.length * width, width)
    think = SwiGLU(width: width, inner: 2 * width)
    answer = SwiGLU(width: width, inner: 2 * width)
    readout = Linear(width, Self.length * 10)
    self.batch = batch
    self.recursions = recursions
  }

  func step(_ inputs: Inputs) -> Step {
    let digits = inputs("digits", ["B": batch, "L": Self.length], .int32)
    let solution = inputs("solution", ["B": batch, "L": Self.length], .int32)
    let x = position(embedding(digits).reshaped(to: ["B": batch, "D": position.weight.shape[1]]))
    let start = Tensor.constant(0, x.shape)
    let (_, scores) = scan(recursions, carrying: (start, start)) { y, z in
      let z = rmsNorm(z + think(x + y + z))
      let y = rmsNorm(y + answer(y + z))
      return ((y, z), readout(y).reshaped(to: ["B": batch, "L": Self.length, "V": 10]))
    }
    let found = scores.argmax(axis: -1)  // [R, B, L]
    let targets = solution.repeated(to: found.shape)
    let isRight = (found .== targets).converted(to: .float32)
    let isExact = (isRight.sum(axis: -1) .== Double(Self.length)).converted(to: .float32)  // [R, B]
    return Step(
      loss: crossEntropy(scores, targets).mean(),
      metrics: [("exact", isExact.mean(axis: -1)), ("answers", found)])
  }
}

/// Arithmetic sequences modulo 10 with a gap at each place: `[1, 2, 3, ?, 5]`.
enum GapSequences {
  /// Every start, every difference, every place of the gap.
  static let all: [(digits: [Int32], solution: [Int32])] = (0..<10).flatMap { start in
    (0..<10).flatMap { difference in
      (0..<GapNetwork.length).map { gap in
        let solution = (0..<GapNetwork.length).map { Int32((start + $0 * difference) % 10) }
        return (solution.enumerated().map { $0 == gap ? 10 : $1 }, solution)
      }
    }
  }

  static func tensors(_ indices: some Collection<Int>) -> [String: HostTensor] {
    let shape = Shape([indices.count, GapNetwork.length])
    return [
      "digits": HostTensor(shape, indices.flatMap { all[$0].digits }),
      "solution": HostTensor(shape, indices.flatMap { all[$0].solution }),
    ]
  }
}

extension LearningPath {
  static let latentAndAnswer = Experiment(
    name: "7a", title: "A thought z and an answer y",
    idea: """
      The state of the network is split in two. The answer y can be read at any time; the latent z is scratch paper that \
      only the network reads. One recursion first thinks, `z <- f(x, y, z)`, then answers, `y <- g(y, z)`, and every answer \
      is trained. The task is to fill the gap in an arithmetic sequence modulo 10, at any place. The network is tested on \
      gaps that it never saw; nearly every sequence it saw with a gap elsewhere.
      """,
    promise: "[1, 2, 3, ?, 5] is completed with 4 after one recursion", seedCount: 20
  ) { run in
    let (recursions, testCount) = (4, 100)
    let all = try run.overSeeds("sequences") { seed in
      let order = Examples.shuffled(GapSequences.all.count, seed: seed)
      let (test, training) = (order[..<testCount], Array(order[testCount...]))
      let network = GapNetwork(width: 64, batch: 100, recursions: recursions)
      let trainer = try Trainer(
        network, optimizer: .adamW(decay: 3).averaging(0.99),
        learningRate: LearningRate(3e-3, warmUp: 50, decay: .cosine(until: 4000)),
        seed: seed, run.options)
      for epoch in 0..<1000 {
        let shuffled = Examples.shuffled(training.count, seed: seed, stream: UInt64(epoch + 1)).map { training[$0] }
        for part in 0..<4 { try trainer.step(GapSequences.tensors(shuffled[part * 100..<part * 100 + 100])) }
      }
      return try [Array(test), Array(training.prefix(testCount))].map { indices in
        try trainer.evaluate(GapSequences.tensors(indices))["exact"]?.doubles ?? []
      }
    }
    var findings = Findings()
    let rows = ["test", "training"].enumerated().map { part, name in
      [name] + (0..<recursions).map { step in percent(all.map { $0[part][step] }.median) }
    }
    findings.tables = [
      Findings.Table(
        "Sequences completed exactly, by recursion", header: [""] + (1...recursions).map { "\($0)" }, rows: rows)
    ]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Sequences completed exactly, by recursion", xLabel: "recursion", yLabel: "share exact",
          series: ["test", "training"].enumerated().map { part, name in
            let points = (0..<recursions).map { step in
              (x: Double(step + 1), y: all.map { $0[part][step] }.median)
            }
            return Chart.Series(name: name, points: points, hasMarks: true)
          }), as: "recursions", caption: "Every recursion's answer is trained.")
    ]
    findings.check(
      "share of unseen gaps completed exactly after \(recursions) recursions",
      all.map { $0[0][recursions - 1] }.median, atLeast: 0.95)
    return findings
  }
}
