import Foundation
import Recurve

/// An Elman network that counts the ones in a string of bits: `h <- tanh(W x + U h + b)`, the count is read from the last
/// state (Elman 1990). Bits `[B, T]`, counts `[B]`.
struct CountingNetwork: Model {
  let input: Linear
  let recurrent: Linear
  let readout: Linear
  let batch: Int
  let length: Int

  init(width: Int = 16, batch: Int, length: Int) {
    input = Linear(1, width, hasBias: true)
    recurrent = Linear(width, width)
    readout = Linear(width, 1, hasBias: true)
    self.batch = batch
    self.length = length
  }

  func step(_ inputs: Inputs) -> Step {
    let bits = inputs("bits", ["B": batch, "T": length])
    let count = inputs("count", ["B": batch])
    let sequence = bits.transposed(1, 0).reshaped(to: ["T": length, "B": batch, "D": 1])
    let start = Tensor.constant(0, ["B": batch, "D": recurrent.weight.shape[0]])
    let h = scan(sequence, carrying: start) { h, bit in tanh(input(bit) + recurrent(h)) }
    let found = readout(h).reshaped(to: ["B": batch])
    let error = found - count
    let isExact = (abs(error) .< 0.5).converted(to: .float32)
    return Step(loss: (error * error).mean(), metrics: [("count", found), ("accuracy", isExact.mean())])
  }

  /// All strings of the length, and how many ones each has.
  static func strings(length: Int) -> [String: HostTensor] {
    let rows = (0..<1 << length).map { row in (0..<length).map { Float(row >> $0 & 1) } }
    return [
      "bits": HostTensor(Shape([rows.count, length]), rows.flatMap { $0 }),
      "count": HostTensor(Shape([rows.count]), rows.map { $0.reduce(0, +) }),
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
    let all = try run.overSeeds("count ones") { seed in
      let network = CountingNetwork(batch: 64, length: 6)
      let trainer = try Trainer(
        network, optimizer: .adam(), learningRate: LearningRate(0.01, decay: .cosine(until: 2000)), seed: seed,
        run.options)
      for _ in 0..<2000 { try trainer.step(CountingNetwork.strings(length: 6)) }
      let accuracies = try lengths.map { length in
        let longer = try Trainer(
          CountingNetwork(batch: 1 << length, length: length), optimizer: .adam(), seed: seed, run.options)
        try longer.setWeights(trainer.weights)
        return try longer.evaluate(CountingNetwork.strings(length: length))["accuracy"]?.doubles[0] ?? .nan
      }
      // Bit 0 comes first: 1, 0, 1, 1, 0, 1.
      let example = try trainer.evaluate(CountingNetwork.strings(length: 6))["count"]?.doubles[0b101101] ?? .nan
      return (accuracies: accuracies, example: example)
    }
    var findings = Findings()
    let medians = lengths.indices.map { index in all.map { $0.accuracies[index] }.median }
    findings.tables = [
      Findings.Table(
        "Elman network of 16 units, trained on all strings of 6 bits", header: ["length"] + lengths.map { "\($0)" },
        rows: [["strings counted exactly"] + medians.map(percent)])
    ]
    findings.remarks = [
      "[1, 0, 1, 1, 0, 1]: the median network says \(String(format: "%.3f", all.map(\.example).median)), expected 4."
    ]
    findings.check("share of strings of 6 bits counted exactly", medians[0], atLeast: 0.99)
    findings.check("the ones in [1, 0, 1, 1, 0, 1], rounded", all.map(\.example).median.rounded(), atLeast: 4)
    return findings
  }
}
