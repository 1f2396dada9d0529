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

  /// Memory of a step, and what it writes, do not grow with the table.
  @Test func plansDoNotGrowWithTheTable() throws {
    let plans = try [1_000, 100_000].map { count in
      let step = try TrainingStep(Pairs(count: count).traced(name: "pairs").graph, .adagrad())
      return try Compiler.plan(step.graph, CompilerOptions(workerCount: 2))
    }
    #expect(plans[0].memory.arenaByteCount == plans[1].memory.arenaByteCount)
    #expect(plans[0].schedule.steps.count == plans[1].schedule.steps.count)
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
    #expect(try updates(.gradientDescent().clipping(globalNorm: 1)).contains("since gradients are clipped"))
    #expect(try updates(.gradientDescent().accumulating(2)).contains("since gradients are accumulated"))
    #expect(try updates(.gradientDescent().reportingGradientNorms()).contains("since gradient norms are reported"))
    #expect(try updates(.adam()).contains("since adam moves rows that have no gradient"))
    let tied = try updates(.gradientDescent(), isTied: true)
    #expect(tied.contains("table: all rows a step, since its gradient has other parts than looked-up rows"))
    #expect(tied.contains("other: at most 48 rows a step"))
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
