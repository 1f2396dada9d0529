import Foundation
import Recurve

/// Solves `a x + b = c` by correcting a guess: `y <- y + g(a, b, c, y)`, so many times with the same g, each correction
/// at most 2.
struct RefinementNetwork: Model {
  let first: Linear
  let second: Linear
  let last: Linear
  let batch: Int
  let refinements: Int
  private let largestStep = 2.0

  init(width: Int, batch: Int, refinements: Int) {
    first = Linear(4, width, hasBias: true)
    second = Linear(width, width, hasBias: true)
    last = Linear(width, 1, hasBias: true)
    self.batch = batch
    self.refinements = refinements
  }

  func step(_ inputs: Inputs) -> Step {
    let equation = inputs("equation", ["B": batch, "D": 3])
    let solution = inputs("solution", ["B": batch, "D": 1])
    let guess = inputs("guess", ["B": batch, "D": 1])
    let scale = Tensor.constant(0.1, [1])
    let (_, guesses) = scan(refinements, carrying: guess) { y in
      let h = silu(first(concatenate([equation, y], axis: 1) * scale))
      let next = y + tanh(last(silu(second(h)))) * largestStep
      return (next, next)
    }
    let distance = abs(guesses - solution.repeated(to: guesses.shape))  // [R, B, 1]
    return Step(
      loss: (distance * distance).mean(),
      metrics: [
        ("distance", distance.reshaped(to: ["R": refinements, "B": batch]).mean(axis: -1)), ("guesses", guesses),
      ])
  }
}

/// Equations `a x + b = c` with a in 1 ... 5, b in 0 ... 9, x in 0 ... 9.
enum LinearEquations {
  static let all: [(a: Float, b: Float, x: Float)] = (1...5).flatMap { a in
    (0...9).flatMap { b in (0...9).map { (Float(a), Float(b), Float($0)) } }
  }

  /// The equations with random first guesses in 0 ... 9.
  static func tensors(_ indices: some Collection<Int>, seed: UInt64) -> [String: HostTensor] {
    var random = CounterRandom(seed: seed)
    let count = indices.count
    return [
      "equation": HostTensor(
        Shape([count, 3]), indices.flatMap { [all[$0].a, all[$0].b, all[$0].a * all[$0].x + all[$0].b] }),
      "solution": HostTensor(Shape([count, 1]), indices.map { all[$0].x }),
      "guess": HostTensor(Shape([count, 1]), indices.map { _ in Float(random.uniform() * 9) }),
    ]
  }
}

extension LearningPath {
  static let refinement = Experiment(
    name: "7b", title: "Refining an answer",
    idea: """
      The network does not say the solution, it corrects a guess by 2 at most, and its corrected guess is corrected again \
      by the same weights. It starts from a random number. Every guess on the way is trained, so each must come as near as one \
      correction can. What matters is that the distance to the solution falls with every refinement, on equations that \
      were never seen.
      """,
    promise: "x + 2 = 5: guesses 8, 5, 3", seedCount: 20
  ) { run in
    let (refinements, testCount) = (6, 100)
    let all = try run.overSeeds("equations") { seed in
      let order = Examples.shuffled(LinearEquations.all.count, seed: seed)
      let (test, training) = (order[..<testCount], Array(order[testCount...]))
      let network = RefinementNetwork(width: 32, batch: 100, refinements: refinements)
      let trainer = try Trainer(
        network, optimizer: .adam(), learningRate: LearningRate(3e-3, decay: .cosine(until: 6000)), seed: seed,
        run.options)
      for step in 0..<6000 {
        let mixed = Examples.shuffled(training.count, seed: seed, stream: UInt64(step + 1))
        try trainer.step(
          LinearEquations.tensors(mixed.prefix(100).map { training[$0] }, seed: seed &+ UInt64(step) &* 31))
      }
      let inputs = LinearEquations.tensors(test, seed: seed)
      let results = try trainer.evaluate(inputs)
      let start = zip(inputs["guess"]?.doubles ?? [], inputs["solution"]?.doubles ?? []).map { abs($0 - $1) }.mean
      return [start] + (results["distance"]?.doubles ?? [])
    }
    var findings = Findings()
    let medians = (0...refinements).map { step in all.map { $0[step] }.median }
    findings.tables = [
      Findings.Table(
        "Mean distance from the solution, unseen equations",
        header: ["refinements"] + (0...refinements).map { "\($0)" },
        rows: [["|y - x|"] + medians.map { String(format: "%.3f", $0) }])
    ]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "a x + b = c: distance of the guess from the solution", xLabel: "refinements", yLabel: "mean |y - x|",
          series: all.enumerated().map { index, distances in
            Chart.Series(
              name: "seed \(run.seeds[index])", points: distances.enumerated().map { (Double($0), $1) }, hasMarks: true)
          }), as: "distance", caption: "One curve per seed.")
    ]
    let steps = zip(medians, medians.dropFirst()).map { $1 / $0 }
    findings.check("largest ratio of a distance to the one before", steps.max() ?? .nan, atMost: 1)
    findings.check("mean distance after \(refinements) refinements", medians[refinements], atMost: 0.5)
    return findings
  }
}
