import Recurve

extension LearningPath {
  static let momentum = Experiment(
    name: "4a", title: "Momentum",
    idea: """
      Plain gradient descent steps along the gradient of the moment and forgets it. Momentum keeps a running sum of \
      gradients and steps along that: where gradients agree the step grows, where they alternate it shrinks. With a share \
      of 0.9 a constant gradient is taken ten times over. The network, its first weights and the learning rate are the \
      same for both rules. What differs is how many passes over the four rows of XOR they need.
      """,
    promise: "XOR: SGD 2000 iterations, SGD with momentum 800", seedCount: 20
  ) { run in
    let rules: [(name: String, optimizer: Optimizer)] = [
      ("SGD", .gradientDescent()), ("SGD with momentum 0.9", .momentum(0.9)),
    ]
    let all = try rules.map { rule in
      try run.overSeeds(rule.name) { seed in
        let network = Perceptron([2, 4, 1], batch: 4)
        let trainer = try Trainer(network, optimizer: rule.optimizer, learningRate: 0.5, seed: seed, run.options)
        return try Convergence(trainer, .xor)
      }
    }
    var findings = try Convergence.findings(
      table: "XOR, 2-4-1, learning rate 0.5", chart: "XOR: mean squared error", rules.map(\.name), all, run)
    let medians = all.map { $0.map(\.count).median }
    findings.check("median iterations of SGD over those with momentum", medians[0] / medians[1], atLeast: 1.5)
    return findings
  }
}
