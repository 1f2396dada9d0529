import Foundation
import Recurve
import TestSupport
import Testing

@testable import Training

/// Tables of which a step looks up some rows: updated in those alone, with the bits of the whole update.
@Suite struct TableUpdateTests {
  /// Two gathers of one table, one of them twice as large, with numbers that repeat.
  struct Pairs: Model {
    let table: Weight
    let other: Weight
    let isTied: Bool

    init(count: Int, isTied: Bool = false) {
      table = Weight([count, 8], .normal(standardDeviation: 1))
      other = Weight([count, 8], .normal(standardDeviation: 1))
      self.isTied = isTied
    }

    func step(_ inputs: Inputs) -> Step {
      let (centers, contexts) = (inputs("centers", [16], .int32), inputs("contexts", [16, 3], .int32))
      let center = gather(table.tensor, centers)
      let context = gather(other.tensor, contexts) * gather(table.tensor, contexts)
      let scores = (context * center.reshaped(to: [16, 1, 8])).sum(axis: -1)
      let loss = (scores * scores - scores).mean()
      return Step(loss: isTied ? loss + (table.tensor * table.tensor).mean() : loss)
    }
  }

  /// The rule alone, which says nothing of rows.
  private struct Whole: OptimizerRule {
    let inner: any OptimizerRule
    var name: String { inner.name }
    var decay: Double? { inner.decay }
    func update(_ step: WeightUpdate) -> Tensor { inner.update(step) }
  }

  private static func batch(_ step: Int, count: Int) -> [String: HostTensor] {
    var random = CounterRandom(seed: 3, stream: UInt64(step))
    func numbers(_ amount: Int) -> [Int32] {
      (0..<amount).map { _ in Int32(random.index(below: 2) == 0 ? random.index(below: 5) : random.index(below: count)) }
    }
    return ["centers": HostTensor([16], numbers(16)), "contexts": HostTensor([16, 3], numbers(48))]
  }

  @Test(arguments: ["sgd", "adagrad", "sign-sgd"], [1, 2]) func rowsEqualTheWhole(_ name: String, _ workers: Int) throws
  {
    let optimizer: Optimizer =
      switch name {
      case "sgd": .gradientDescent()
      case "adagrad": .adagrad(initial: 0.1)
      default: .signDescent()
      }
    let options = CompilerOptions(workerCount: workers)
    let count = 200
    let rows = try Trainer(Pairs(count: count), optimizer: optimizer, learningRate: 0.05, seed: 1, options)
    let whole = try Trainer(
      Pairs(count: count), optimizer: Optimizer(Whole(inner: optimizer.rule)), learningRate: 0.05, seed: 1, options)
    #expect(
      rows.tableUpdates.map(\.description) == [
        "table: at most 64 rows a step", "other: at most 48 rows a step",
      ])
    #expect(
      whole.tableUpdates.first?.description == "table: all rows a step, since \(name) moves rows that have no gradient")
    for step in 0..<100 {
      let batch = Self.batch(step, count: count)
      #expect(try rows.step(batch)["loss"]?.isIdentical(to: whole.step(batch)["loss"]!) == true, "step \(step)")
    }
    for (path, tensor) in rows.weights { #expect(whole.weights[path]?.isIdentical(to: tensor) == true, "\(path)") }
    let states = zip(rows.kept, whole.kept).filter { $0.0.role == .state }
    #expect(states.count == (name == "adagrad" ? 2 : 0))
    for (one, other) in states { #expect(one.memory.tensor.isIdentical(to: other.memory.tensor), "\(one.key)") }
  }

  /// A table that is left out of the averages that others have: in rows and whole, through a file and back.
  @Test(arguments: [1, 2]) func tablesWithoutAveragesAreUpdatedInRows(_ workers: Int) throws {
    func trainer(_ rule: Optimizer, seed: UInt64 = 1) throws -> Trainer {
      try Trainer(
        Pairs(count: 200), optimizer: .adam().averaging(0.9).group("table", rule, rate: 3, averaged: false),
        learningRate: 0.01, seed: seed, CompilerOptions(workerCount: workers))
    }
    let sign = Optimizer.signDescent(decay: 0.1)
    let (rows, whole) = (try trainer(sign), try trainer(Optimizer(Whole(inner: sign.rule))))
    let reason = "all rows a step, since adam moves rows that have no gradient"
    #expect(rows.tableUpdates.map(\.description) == ["table: at most 64 rows a step", "other: \(reason)"])
    #expect(whole.tableUpdates.allSatisfy { $0.rowCount == nil })
    func expectSame(_ steps: Range<Int>, _ one: Trainer, _ other: Trainer) throws {
      for step in steps {
        let batch = Self.batch(step, count: 200)
        #expect(try one.step(batch)["loss"]?.isIdentical(to: other.step(batch)["loss"]!) == true, "step \(step)")
      }
      for (a, b) in zip(one.kept, other.kept) {
        #expect(a.memory.tensor.isIdentical(to: b.memory.tensor), "\(a.key)")
      }
    }
    try expectSame(0..<50, rows, whole)
    #expect(rows.averagedWeights["table"] == rows.weights["table"])
    #expect(rows.averagedWeights["other"] != rows.weights["other"])
    try withTemporaryFolder { folder in
      let path = folder + "/c.safetensors"
      try rows.save(to: path)
      let resumed = try trainer(sign, seed: 2)
      try resumed.load(from: path)
      try expectSame(50..<60, rows, resumed)
      let batch = Self.batch(60, count: 200)
      #expect(try rows.evaluate(batch) == resumed.evaluate(batch))
    }
  }

  /// As published: of a table that decays, rows that a step does not look up stay as they are.
  @Test func rowsThatNobodyLooksUpDoNotShrink() throws {
    let trainer = try Trainer(
      Pairs(count: 50), optimizer: .signDescent(decay: 0.5), learningRate: 0.125, seed: 1,
      CompilerOptions(workerCount: 1))
    let before = try #require(trainer.weights["table"]).floats
    let numbers = (0..<16).map { Int32($0 % 4) } + (0..<48).map { Int32($0 % 4) }
    try trainer.step([
      "centers": HostTensor([16], Array(numbers.prefix(16))),
      "contexts": HostTensor([16, 3], Array(numbers.dropFirst(16))),
    ])
    let after = try #require(trainer.weights["table"]).floats
    #expect(Array(before[32...]) == Array(after[32...]))
    for (old, new) in zip(before, after).prefix(32) {
      #expect(abs(abs(new - old * 0.9375) - 0.125) < 1e-6, "\(old) became \(new)")
    }
  }

  /// Memory of a step, and what it writes, do not grow with the table.
  @Test func plansDoNotGrowWithTheTable() throws {
    let plans = try [10_000, 100_000, 1_000_000].map { count in
      let step = try TrainingStep(Pairs(count: count).traced(name: "pairs").graph, .adagrad())
      return try Compiler.plan(step.graph, CompilerOptions(workerCount: 2))
    }
    #expect(Set(plans.map(\.memory.arenaByteCount)).count == 1)
    #expect(Set(plans.map(\.schedule.steps.count)).count == 1)
    for plan in plans {
      for case .copy(_, _, let byteCount) in plan.schedule.steps { #expect(byteCount < 16_000) }
    }
  }

  @Test func otherOptionsTakeAllRowsAndSayWhy() throws {
    func updates(_ optimizer: Optimizer, isTied: Bool = false) throws -> String {
      try TrainingStep(Pairs(count: 50, isTied: isTied).traced(name: "pairs").graph, optimizer).tableUpdates
        .map(\.description).joined(separator: "\n")
    }
    #expect(try updates(.adagrad(decay: 0.1)).contains("table: all rows a step, since weights decay"))
    #expect(try updates(.adagrad().averaging(0.9)).contains("since weights are averaged"))
    let apart = try updates(.adagrad().averaging(0.9).group("table", averaged: false))
    #expect(apart.contains("table: at most 64 rows a step"))
    #expect(apart.contains("other: all rows a step, since weights are averaged"))
    #expect(try updates(.gradientDescent().clipping(globalNorm: 1)).contains("since gradients are clipped"))
    #expect(try updates(.gradientDescent().accumulating(2)).contains("since gradients are accumulated"))
    #expect(try updates(.gradientDescent().reportingGradientNorms()).contains("since gradient norms are reported"))
    #expect(try updates(.adam()).contains("since adam moves rows that have no gradient"))
    let tied = try updates(.gradientDescent(), isTied: true)
    let others = "all rows a step, since its gradient has other parts than rows that are looked up outside loops"
    #expect(tied.contains("table: \(others)"))
    #expect(try updates(.adam(), isTied: true).contains("table: all rows a step, since adam moves rows"))
    let looped = try TrainingStep(Edges(kind: 5).traced(name: "edges").graph, .adagrad()).tableUpdates
    #expect(looped.map(\.description) == ["column: \(others)"])
    #expect(tied.contains("other: at most 48 rows a step"))
  }

  /// Numbers that the graph computes, out of range and twice in one row after clamping; no numbers; one number; rows of one
  /// element; a loop beside, whose gradient is no row.
  struct Edges: Model {
    let kind: Int
    let table = Weight([6, 3], .normal(standardDeviation: 1))
    let column = Weight([6], .normal(standardDeviation: 1))

    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", [4])
      let numbers = (x * 3).converted(to: .int32)
      func loss(_ y: Tensor) -> Tensor { (y * y * y).sum() }
      switch kind {
      case 0: return Step(loss: loss(gather(table.tensor, numbers)))
      case 1: return Step(loss: loss(gather(table.tensor, numbers.slice(0..<0, axis: 0))) + x.sum())
      case 2: return Step(loss: loss(gather(table.tensor, numbers.at(1, axis: 0))))
      case 3: return Step(loss: loss(gather(column.tensor, numbers)))
      case 4: return Step(loss: loss(checkpoint { gather(table.tensor, numbers) }))
      default:
        let inner = recur(2, carrying: x) { $0 + gather(column.tensor, ($0 * 2).converted(to: .int32)) }
        return Step(loss: loss(inner) + loss(gather(column.tensor, numbers)))
      }
    }
  }

  @Test(arguments: 0..<6) func edgesEqualTheWhole(_ kind: Int) throws {
    let rows = try Trainer(Edges(kind: kind), optimizer: .adagrad(), learningRate: 0.1, seed: 2, StoreTests.one)
    let whole = try Trainer(
      Edges(kind: kind), optimizer: Optimizer(Whole(inner: Optimizer.adagrad().rule)), learningRate: 0.1, seed: 2,
      StoreTests.one)
    for step in 0..<20 {
      let x = HostTensor([4], (0..<4).map { Float(($0 * 5 + step) % 9) - 4 })
      #expect(try rows.step(["x": x]) == whole.step(["x": x]), "step \(step)")
    }
    #expect(rows.weights == whole.weights)
    #expect(rows.tableUpdates.contains { $0.rowCount != nil } == (kind < 5), "\(rows.tableUpdates)")
  }

  @Test func checkpointsAreTheSame() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/c.safetensors"
      let one = try Trainer(Pairs(count: 50), optimizer: .adagrad(), seed: 1, StoreTests.one)
      for step in 0..<3 { try one.step(Self.batch(step, count: 50)) }
      try one.save(to: path)
      let two = try Trainer(Pairs(count: 50), optimizer: .adagrad(), seed: 2, StoreTests.one)
      try two.load(from: path)
      for step in 3..<6 { #expect(try one.step(Self.batch(step, count: 50)) == two.step(Self.batch(step, count: 50))) }
      #expect(one.weights == two.weights)
    }
  }
}
