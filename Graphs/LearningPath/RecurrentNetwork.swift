import Foundation
import Recurve

/// An Elman network that counts the ones in a string of bits: `h <- tanh(W x + U h + b)`, the count so far is read from each
/// state (Elman 1990). Bits and counts `[T, B]`.
struct CountingNetwork: Model {
  let input: Linear
  let recurrent: Linear
  let readout: Linear
  let batch: Int
  let length: Int
  /// Whether the counts on the way are trained, or the last one only.
  let seesEveryStep: Bool

  init(width: Int = 16, batch: Int, length: Int, seesEveryStep: Bool) {
    input = Linear(1, width, hasBias: true)
    recurrent = Linear(width, width)
    readout = Linear(width, 1, hasBias: true)
    self.batch = batch
    self.length = length
    self.seesEveryStep = seesEveryStep
  }

  func step(_ inputs: Inputs) -> Step {
    let bits = inputs("bits", ["T": length, "B": batch])
    let counts = inputs("counts", ["T": length, "B": batch])
    let sequence = bits.reshaped(to: ["T": length, "B": batch, "D": 1])
    let start = Tensor.constant(0, ["B": batch, "D": recurrent.weight.shape[0]])
    let (_, found) = scan(sequence, carrying: start) { h, bit in
      let h = tanh(input(bit) + recurrent(h))
      return (h, readout(h).reshaped(to: ["B": batch]))
    }
    let error = found - counts
    let last = error.at(length - 1, axis: 0)
    let loss = seesEveryStep ? (error * error).mean() : (last * last).mean()
    let isExact = (abs(last) .< 0.5).converted(to: .float32)
    return Step(loss: loss, metrics: [("count", found.at(length - 1, axis: 0)), ("accuracy", isExact.mean())])
  }

  /// All strings of the length, and how many ones each has after every bit.
  static func strings(length: Int) -> [String: HostTensor] {
    let count = 1 << length
    let bits = (0..<length).map { place in (0..<count).map { Float($0 >> place & 1) } }
    var sums = Array(repeating: Float(0), count: count)
    let counts = bits.map { row -> [Float] in
      sums = zip(sums, row).map { $0 + $1 }
      return sums
    }
    let shape = Shape([length, count])
    return [
      "bits": HostTensor(shape, bits.flatMap { $0 }), "counts": HostTensor(shape, counts.flatMap { $0 }),
    ]
  }
}

extension LearningPath {
  static let recurrence = Experiment(
    name: "6a", title: "A recurrent network",
    idea: """
      A recurrent network reads a sequence one part at a time and keeps what it knows in a state; the same weights serve \
      every step. So it takes sequences of any length, and its gradient runs back through all steps. The task is to count \
      the ones in a string of six bits. The network was never told what counting is, only the right number for each string. \
      Whether it learned to count or only learned the strings shows in longer ones, which it never saw.
      """,
    promise: "[1, 0, 1, 1, 0, 1] has 4 ones", seedCount: 20
  ) { run in
    let lengths = Array(6...10)
    let all = try [false, true].map { seesEveryStep in
      try run.overSeeds(seesEveryStep ? "counts on the way" : "count in the end") { seed in
        try counted(lengths, seesEveryStep, seed, run)
      }
    }
    var findings = Findings()
    let names = ["the last count trained", "the count after every bit trained"]
    let medians = all.map { runs in lengths.indices.map { index in runs.map { $0.accuracies[index] }.median } }
    findings.tables = [
      Findings.Table(
        "Elman network of 16 units, trained on all strings of 6 bits: strings counted exactly",
        header: ["length"] + lengths.map { "\($0)" }, rows: zip(names, medians).map { [$0] + $1.map(percent) })
    ]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Counting ones in longer strings than those of the training", xLabel: "length", yLabel: "share exact",
          series: zip(names, medians).map { name, values in
            let points = zip(lengths, values).map { (x: Double($0), y: $1) }
            return Chart.Series(name: name, points: points, hasMarks: true)
          }), as: "lengths", caption: "Only the left end was trained.")
    ]
    let example = all[0].map(\.example).median
    findings.remarks = [
      "[1, 0, 1, 1, 0, 1]: the median network says \(String(format: "%.3f", example)), expected 4."
    ]
    if medians[0][1] < 0.5, medians[1][1] > medians[0][1] {
      findings.remarks.append(
        "Trained by the last count only, the network learns to be right after six bits and at no other time: one bit more and "
          + "it fails. A teacher after every bit makes it count further.")
    }
    findings.check("share of strings of 6 bits counted exactly", medians[0][0], atLeast: 0.99)
    findings.check("the same, every count trained", medians[1][0], atLeast: 0.99)
    findings.check("the ones in [1, 0, 1, 1, 0, 1], off by", abs(example - 4), atMost: 0.5)
    return findings
  }

  private static func counted(
    _ lengths: [Int], _ seesEveryStep: Bool, _ seed: UInt64, _ run: ExperimentRun
  ) throws -> (accuracies: [Double], example: Double) {
    let network = CountingNetwork(batch: 64, length: 6, seesEveryStep: seesEveryStep)
    let trainer = try Trainer(
      network, optimizer: .adam(), learningRate: LearningRate(0.01, decay: .cosine(until: 2000)), seed: seed,
      run.options)
    let strings = CountingNetwork.strings(length: 6)
    for _ in 0..<2000 { try trainer.step(strings) }
    let accuracies = try lengths.map { length in
      let longer = try Trainer(
        CountingNetwork(batch: 1 << length, length: length, seesEveryStep: seesEveryStep), optimizer: .adam(),
        seed: seed, run.options)
      try longer.setWeights(trainer.weights)
      return try longer.evaluate(CountingNetwork.strings(length: length))["accuracy"]?.doubles[0] ?? .nan
    }
    // Bit 0 comes first: 1, 0, 1, 1, 0, 1.
    return (accuracies, try trainer.evaluate(strings)["count"]?.doubles[0b101101] ?? .nan)
  }
}
