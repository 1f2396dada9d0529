import Recurve

extension LearningPath {
  static let activations = Experiment(
    name: "4b", title: "ReLU and its relatives",
    idea: """
      A sigmoid is flat at both ends: a unit far out hardly learns, and its slope is at most a quarter. A rectified linear \
      unit passes what is positive and has slope 1 there, so gradients keep their size through it. It pays with units that \
      are negative for every input: their slope is 0 and they never return, they are dead. A leaky unit keeps a slope of \
      0.01 on the negative side. Everything but the hidden activation is the same: XOR, 2-4-1, the same first weights.
      """,
    promise: "XOR: sigmoid 1500 iterations with final error 0.08, ReLU 900 with 0.05, leaky ReLU 850 with 0.04",
    seedCount: 20
  ) { run in
    let kinds: [Perceptron.Activation] = [.sigmoid, .tanh, .relu, .leakyReLU]
    let all = try kinds.map { kind in
      try run.overSeeds(kind.rawValue) { seed in
        let network = Perceptron([2, 4, 1], batch: 4, hidden: kind)
        let trainer = try Trainer(
          network, optimizer: .gradientDescent(), learningRate: 0.5, seed: seed, run.options)
        return try Convergence(trainer, .xor)
      }
    }
    let names = kinds.map(\.rawValue)
    var findings = try Convergence.findings(
      table: "XOR, 2-4-1, SGD, learning rate 0.5", chart: "XOR: mean squared error", names, all, run)
    let medians = all.map { $0.map(\.count).median }
    findings.check("median iterations of sigmoid over those of ReLU", medians[0] / medians[2], atLeast: 1.2)
    findings.check("median iterations of sigmoid over those of leaky ReLU", medians[0] / medians[3], atLeast: 1.2)
    let unsolved = all.map { runs in runs.count { $0.iterations == nil } }
    findings.remarks = [
      "Runs that never learn XOR within 20,000 iterations: "
        + "\(unsolved[2]) of \(all[2].count) with ReLU, \(unsolved[3]) with leaky ReLU, \(unsolved[0]) with sigmoid; units that are negative "
        + "for every input have the slope 0 or, leaky, next to none. "
        + "The document does not mention them; its final errors are where the same stopping rule ends, not properties of "
        + "an activation."
    ]
    return findings
  }
}
