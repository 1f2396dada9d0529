import Recurve

extension LearningPath {
  static let start = Experiment(
    name: "0", title: "The starting state",
    idea: """
      A network of sigmoid units is a chain of weighted sums, each squeezed into 0 ... 1. Back-propagation tells how the \
      squared error changes with every weight, and gradient descent walks against that slope. Functions of two or three \
      bits have at most eight rows, so a network can see all of them in every step. AND, OR and majority can be cut with \
      one line, XOR, parity and the adders cannot: they need the hidden units. A trained network is saved, loaded and \
      gives the same bits.
      """,
    promise: "XOR, AND, OR, half adder, full adder, parity, majority all learned; saved, loaded, drawn", seedCount: 20
  ) { run in
    let tasks: [(table: TruthTable, hidden: Int)] = [
      (.and, 2), (.or, 2), (.xor, 4), (.halfAdder, 4), (.majority, 4), (.fullAdder, 8), (.parity, 6),
    ]
    var findings = Findings()
    let all = try tasks.map { task in
      try run.overSeeds(task.table.name) { seed in
        try Convergence(trainer(task.table, task.hidden, seed, run), task.table, limit: 50_000)
      }
    }
    let names = tasks.map { "\($0.table.name) \($0.table.bits)-\($0.hidden)-\($0.table.outputs[0].count)" }
    findings.tables = [Convergence.table("SGD, learning rate 2, to a mean squared error of 0.01", names, all)]
    for task in tasks {
      let trained = try trainer(task.table, task.hidden, run.seeds[0], run)
      _ = try Convergence(trained, task.table, limit: 50_000)
      findings.pictures.append(try draw(trained, task.table, run))
      let difference = try differenceAfterReloading(trained, task.table, task.hidden, run)
      findings.check("\(task.table.name): outputs that differ after saving and loading", difference, atMost: 0)
    }
    findings.check(
      "share of runs that learned every row", all.joined().map { $0.largestError < 0.5 ? 1 : 0 }.mean, atLeast: 1)
    return findings
  }

  private static func trainer(
    _ table: TruthTable, _ hidden: Int, _ seed: UInt64, _ run: ExperimentRun
  ) throws -> Trainer {
    let network = Perceptron([table.bits, hidden, table.outputs[0].count], batch: table.inputs.count)
    return try Trainer(network, optimizer: .gradientDescent(), learningRate: 2, seed: seed, run.options)
  }

  /// Saves the trained network, loads it into one with other weights, and counts the outputs that are not the same bits.
  private static func differenceAfterReloading(
    _ trained: Trainer, _ table: TruthTable, _ hidden: Int, _ run: ExperimentRun
  ) throws -> Double {
    let path = "\(run.folder)/\(table.fileName).safetensors"
    try trained.save(to: path)
    let loaded = try trainer(table, hidden, run.seeds[0] + 1000, run)
    try loaded.load(from: path)
    let outputs = try [trained, loaded].map { try $0.evaluate(table.tensors)["output"]?.floats ?? [] }
    return Double(zip(outputs[0], outputs[1]).count { $0.bitPattern != $1.bitPattern })
  }

  private static func draw(_ trained: Trainer, _ table: TruthTable, _ run: ExperimentRun) throws -> Findings.Picture {
    let weights = trained.weights
    let layers = (0..<2).map { layer in
      let matrix = weights["layers.\(layer).weight"] ?? HostTensor([0, 0], [] as [Float])
      let width = matrix.shape[1]
      let rows = (0..<matrix.shape[0]).map { Array(matrix.doubles[$0 * width..<($0 + 1) * width]) }
      return NetworkDiagram.Layer(weights: rows, biases: weights["layers.\(layer).bias"]?.doubles ?? [])
    }
    let diagram = NetworkDiagram(
      title: table.name, inputs: table.inputNames, layers: layers, outputs: table.outputNames)
    return try run.draw(
      diagram, as: table.fileName, caption: "\(table.name): blue weights are positive, red ones negative.")
  }
}
