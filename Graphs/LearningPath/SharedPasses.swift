import Recurve

/// One network applied to its own output: `h <- f(h, x)`, so many passes with the same weights; then the parity of x.
struct ParityNetwork: Model {
  let read: Linear
  let think: Linear
  let readout: Linear
  let bits: Int
  let passes: Int

  init(bits: Int, width: Int, passes: Int) {
    read = Linear(bits, width, hasBias: true)
    think = Linear(width, width)
    readout = Linear(width, 1, hasBias: true)
    self.bits = bits
    self.passes = passes
  }

  func step(_ inputs: Inputs) -> Step {
    let rows = 1 << bits
    let (x, target) = (inputs("x", ["B": rows, "K": bits]), inputs("target", ["B": rows]))
    let injected = read(x)
    let start = Tensor.constant(0, ["B": rows, "D": think.weight.shape[0]])
    let h = recur(passes, carrying: start) { h in tanh(think(h) + injected) }
    let score = readout(h).reshaped(to: ["B": rows])
    let isRight = ((score .> 0).converted(to: .float32) .== target).converted(to: .float32)
    return Step(loss: binaryCrossEntropy(score, target).mean(), metrics: [("accuracy", isRight.mean())])
  }

  /// All strings of bits, as -1 and 1, with their parities.
  static func table(bits: Int) -> [String: HostTensor] {
    let rows = (0..<1 << bits).map { row in (0..<bits).map { Float(row >> $0 & 1) } }
    return [
      "x": HostTensor(Shape([rows.count, bits]), rows.flatMap { $0.map { 2 * $0 - 1 } }),
      "target": HostTensor(Shape([rows.count]), rows.map { $0.reduce(0, +).truncatingRemainder(dividingBy: 2) }),
    ]
  }
}

extension LearningPath {
  static let sharedPasses = Experiment(
    name: "6b", title: "The same network again",
    idea: """
      Recursion without a sequence: the network reads its own last thought and the question, `h <- f(h, x)`, and does so \
      several times with the same weights. More passes add computation but not one weight. Parity, a chain of XORs, needs \
      many steps or many units: one pass of a narrow network cannot hold it. The comparison gives one, two, ... six passes \
      to networks of equal size. This is the core of the Tiny Recursive Model.
      """,
    promise: "XOR chain: a single pass 65 %, three passes 92 %", seedCount: 20
  ) { run in
    let (bits, passes) = ([3, 4, 5, 6, 7, 8], Array(1...6))
    var findings = Findings()
    let all = try bits.map { count in
      try passes.map { number in
        try run.overSeeds("\(count) bits, \(number) passes") { seed in try accuracy(count, number, seed, run) }
      }
    }
    let medians = all.map { $0.map(\.median) }
    findings.tables = [
      Findings.Table(
        "Share of all strings whose parity is right, networks of \(width) units, by passes",
        header: ["bits"] + passes.map { "\($0)" },
        rows: zip(bits, medians).map { ["\($0)"] + $1.map(percent) })
    ]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Parity by passes of the same network", xLabel: "passes", yLabel: "accuracy",
          series: zip(bits, medians).map { count, values in
            let points = zip(passes, values).map { (x: Double($0), y: $1) }
            return Chart.Series(name: "\(count) bits", points: points, hasMarks: true)
          }), as: "passes", caption: "Medians over the seeds; every network of a curve has the same number of weights.")
    ]
    let (one, three) = (medians.map { $0[0] }.mean, medians.map { $0[2] }.mean)
    findings.check("mean accuracy of three passes minus that of one", three - one, atLeast: 0.1)
    findings.check("mean accuracy of three passes", three, atLeast: 0.9)
    return findings
  }

  private static let width = 2

  private static func accuracy(_ bits: Int, _ passes: Int, _ seed: UInt64, _ run: ExperimentRun) throws -> Double {
    let network = ParityNetwork(bits: bits, width: width, passes: passes)
    let trainer = try Trainer(
      network, optimizer: .adam(), learningRate: LearningRate(0.02, decay: .cosine(until: 3000)), seed: seed,
      run.options)
    let table = ParityNetwork.table(bits: bits)
    for _ in 0..<3000 { try trainer.step(table) }
    return try trainer.evaluate(table)["accuracy"]?.doubles[0] ?? .nan
  }
}
