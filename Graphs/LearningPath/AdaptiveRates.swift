import Recurve

extension LearningPath {
  static let adam = Experiment(
    name: "4c", title: "Adam",
    idea: """
      One learning rate does not fit every weight: some slopes are a thousand times steeper than others. Adam keeps running \
      means of each gradient and of its square and steps by their ratio, so every weight moves by about the learning rate. \
      Both means start at zero and are corrected for that. Parity of three bits is a hard shape for plain descent: long flat \
      plains, then a cliff. RMSprop is Adam without the first mean, AdamW adds decay of the weights themselves.
      """,
    promise: "3-bit parity: SGD 5000 iterations, momentum 3200, Adam 1200; elsewhere 19,800 against 760", seedCount: 20
  ) { run in
    let rules: [(name: String, optimizer: Optimizer, rate: LearningRate)] = [
      ("SGD, rate 0.5", .gradientDescent(), 0.5), ("momentum 0.9, rate 0.3", .momentum(0.9), 0.3),
      ("RMSprop, rate 0.01", .rmsProp(), 0.01), ("Adam, rate 0.01", .adam(), 0.01),
      ("AdamW, rate 0.01, decay 0.001", .adamW(decay: 0.001), 0.01),
    ]
    let all = try rules.map { rule in
      try run.overSeeds(rule.name) { seed in
        let network = Perceptron([3, 6, 1], batch: 8)
        let trainer = try Trainer(
          network, optimizer: rule.optimizer, learningRate: rule.rate, seed: seed, run.options)
        return try Convergence(trainer, .parity, limit: 50_000)
      }
    }
    let names = rules.map(\.name)
    var findings = try Convergence.findings(
      table: "3-bit parity, 3-6-1", chart: "3-bit parity: mean squared error", names, all, run)
    let medians = all.map { $0.map(\.count).median }
    findings.check("median iterations of SGD over those with momentum", medians[0] / medians[1], atLeast: 1)
    findings.check("median iterations with momentum over those of Adam", medians[1] / medians[3], atLeast: 1)
    findings.check("median iterations of SGD over those of Adam", medians[0] / medians[3], atLeast: 3)
    return findings
  }
}
