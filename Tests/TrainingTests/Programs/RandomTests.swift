import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

@testable import Training

/// Random numbers of the graph: what they are distributed like, and that they are the same wherever they are computed.
@Suite struct RandomTests {
  private struct Nothing {}

  static func program(
    _ options: CompilerOptions = StoreTests.one, _ body: (Inputs) throws -> [String: Tensor]
  ) throws -> ModelProgram {
    try ParameterStore(Nothing()).program("draws", options, body)
  }

  static func numbers(_ body: () -> Tensor) throws -> [Double] {
    try #require(program { _ in ["x": body()] }(in: Session(seed: 7))["x"]).doubles
  }

  // MARK: Distributions

  /// Pearson's chi-square statistic of counts in bins of given probabilities.
  private static func chiSquare(_ counts: [Int], _ probabilities: [Double]) -> Double {
    let total = Double(counts.reduce(0, +))
    return zip(counts, probabilities).reduce(0) { sum, pair in
      let expected = total * pair.1
      return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
    }
  }

  /// Numbers fall into equally likely bins of a distribution function.
  private func expectDistribution(
    _ numbers: [Double], bins: Int = 64, _ function: (Double) -> Double, _ name: String
  ) {
    var counts = Array(repeating: 0, count: bins)
    for number in numbers { counts[min(max(Int(function(number) * Double(bins)), 0), bins - 1)] += 1 }
    let statistic = Self.chiSquare(counts, Array(repeating: 1 / Double(bins), count: bins))
    // 63 degrees of freedom: a random source is below 22.7 or above 131 once in a million.
    #expect((22.7...131).contains(statistic), "\(name): \(statistic)")
  }

  private static func normalDistribution(_ x: Double) -> Double { (1 + erf(x / 2.squareRoot())) / 2 }

  @Test func numbersAreDistributedAsTheySay() throws {
    let shape: Shape = [200, 1000]
    expectDistribution(try Self.numbers { .uniform(shape) }, { $0 }, "uniform")
    expectDistribution(try Self.numbers { .uniform(shape, .float64) }, { $0 }, "uniform f64")
    expectDistribution(try Self.numbers { .uniform(shape, in: -3..<5) }, { ($0 + 3) / 8 }, "uniform range")
    // In single precision one number in 262,144 would be rounded to the upper bound.
    #expect(try Self.numbers { .uniform([1000, 1000], in: 100..<101) }.allSatisfy { (100..<101).contains($0) })
    expectDistribution(try Self.numbers { .normal(shape) }, Self.normalDistribution, "normal")
    expectDistribution(
      try Self.numbers { .normal(shape, mean: 2, deviation: 3) }, { Self.normalDistribution(($0 - 2) / 3) }, "normal")
    let (low, high) = (Self.normalDistribution(-2), Self.normalDistribution(2))
    expectDistribution(
      try Self.numbers { .truncatedNormal(shape) }, { (Self.normalDistribution($0) - low) / (high - low) }, "truncated")
    expectDistribution(try Self.numbers { .gumbel(shape) }, { exp(-exp(-$0)) }, "gumbel")
    expectDistribution(try Self.numbers { .integers(shape, in: -32..<32) }, { ($0 + 32.5) / 64 }, "integers")
    let normal = try Self.numbers { .normal(shape) }
    #expect(normal.allSatisfy { abs($0) < 5.8 })
    #expect(try Self.numbers { .truncatedNormal(shape) }.allSatisfy { abs($0) <= 2 })
  }

  @Test func classesAndCoinsHaveTheirProbabilities() throws {
    let count = 200_000
    let coins = try Self.numbers { .bernoulli([200_000], probability: 0.3) }
    let heads = coins.count { $0 == 1 }
    #expect(Self.chiSquare([heads, count - heads], [0.3, 0.7]) < 24)
    let probabilities = [0.5, 0.25, 0.125, 0.1, 0.025]
    let classes = try Self.numbers {
      let logits = Tensor.values(probabilities.map { Float(log($0)) }, [1, 5])
      return .categorical(logits: logits.repeated(to: [200_000, 5]))
    }
    let counts = (0..<5).map { number in classes.count { $0 == Double(number) } }
    #expect(counts.reduce(0, +) == count && Self.chiSquare(counts, probabilities) < 33)
    #expect(try Self.numbers { .bernoulli([100], probability: 1) }.allSatisfy { $0 == 1 })
    #expect(try Self.numbers { .bernoulli([100], probability: 0) }.allSatisfy { $0 == 0 })
  }

  /// Pairs of neighbours, of draws, of iterations, of runs: nothing repeats.
  @Test func drawsAreIndependent() throws {
    let program = try Self.program { _ in
      let loops = scan(4, carrying: Tensor.constant(0, [1000])) { state in
        (state, recur(3, carrying: Tensor.uniform([1000])) { $0 * 0.5 + Tensor.uniform([1000]) * 0.5 })
      }
      return ["a": .uniform([1000]), "b": .uniform([1000]), "loop": loops.outputs]
    }
    let session = Session()
    var rows: [[Double]] = []
    for _ in 0..<3 {
      let out = try program(in: session)
      rows += try [#require(out["a"]).doubles, #require(out["b"]).doubles]
      let loop = try #require(out["loop"]).doubles
      rows += (0..<4).map { Array(loop[$0 * 1000..<($0 + 1) * 1000]) }
    }
    for (position, row) in rows.enumerated() {
      for other in rows[..<position] { #expect(abs(Self.correlation(row, other)) < 0.16) }
      #expect(abs(Self.correlation(row, Array(row.dropFirst()) + [row[0]])) < 0.16, "neighbours")
    }
  }

  private static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    let (x, y) = (a.map { $0 - meanA }, b.map { $0 - meanB })
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return product(x, y) / (product(x, x) * product(y, y)).squareRoot()
  }

  // MARK: The same bits

  /// A recurrent model with dropout inside its loop, and one mask outside that all iterations share.
  struct Dropped: Model {
    var mode = GradientMode.full
    var times = 6
    let input = Linear(16, 32)
    let hidden = Linear(32, 32)
    let output = Linear(32, 4)

    func step(_ inputs: Inputs) -> Step {
      let x = input(inputs("x", [8, 16]))
      let shared = dropout(x * 0 + 1, rate: 0.2)
      let state = recur(times, carrying: tanh(x), gradient: mode) { state in
        scope("cell") { dropout(tanh(hidden(state) * shared + x), rate: 0.3) }
      }
      let loss = crossEntropy(output(state), inputs("labels", [8], .int32)).mean()
      return Step(loss: loss)
    }
  }

  static let batch: [String: HostTensor] = [
    "x": HostTensor([8, 16], (0..<128).map { Float($0 % 11) / 5 - 1 }),
    "labels": HostTensor([8], (0..<8).map { Int32($0 % 4) }),
  ]

  static func losses(
    _ mode: GradientMode, _ options: CompilerOptions, steps: Int = 4, times: Int = 6
  ) throws -> [Float] {
    let trainer = try Trainer(
      Dropped(mode: mode, times: times), optimizer: .adam(), learningRate: 0.01, seed: 9, options)
    return try (0..<steps).map { _ in try #require(trainer.step(batch)["loss"]).floats[0] }
  }

  @Test func everyModeAndTeamDrawsTheSame() throws {
    let expected = try Self.losses(.full, CompilerOptions(workerCount: 1))
    #expect(Set(expected).count == 4)
    for workers in 1...3 {
      for fuses in [true, false] {
        let options = CompilerOptions(workerCount: workers, fuses: fuses)
        #expect(try Self.losses(.full, options) == expected, "\(workers) workers, fused: \(fuses)")
      }
    }
    for mode in [GradientMode.checkpointed(every: 2), .checkpointed(every: 4), .revolve(slots: 2), .last(6)] {
      #expect(try Self.losses(mode, CompilerOptions(workerCount: 2)) == expected, "\(mode)")
    }
    // Loops that run iterations again know their numbers.
    let long = try [GradientMode.full, .revolve(slots: 1), .revolve(slots: 3), .checkpointed(every: 7)].map {
      try Self.losses($0, CompilerOptions(workerCount: 2), times: 40)
    }
    #expect(Set(long).count == 1 && long[0] != expected)
    var unstreamed = CompilerOptions(workerCount: 2)
    unstreamed.target = unstreamed.target.streaming(nil)
    #expect(try Self.losses(.full, unstreamed) == expected)
    #expect(try Self.losses(.full, CompilerOptions(workerCount: 2, toolchain: nil)) == expected, "the oracle")
  }

  @Test func checkpointsGoOnDrawing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/c.safetensors"
      let whole = try Trainer(Dropped(), optimizer: .adam(), seed: 9, StoreTests.one)
      for _ in 0..<3 { try whole.step(Self.batch) }
      try whole.save(to: path)
      let resumed = try Trainer(Dropped(), optimizer: .adam(), seed: 1, StoreTests.one)
      try resumed.load(from: path)
      for _ in 0..<3 { #expect(try whole.step(Self.batch) == resumed.step(Self.batch)) }
      #expect(try SafetensorsFile(path: path).tensors["random"]?.integers[1] == 3)
      let other = try Trainer(Dropped(), optimizer: .adam(), seed: 10, StoreTests.one)
      let states = try [whole, other].map { try $0.program.parameter("random").integers }
      #expect(states[0][0] != states[1][0] && states.map { $0[1] } == [6, 0], "\(states)")
    }
  }

  @Test func evaluationDropsNothing() throws {
    let trainer = try Trainer(Dropped(), optimizer: .adam(), seed: 9, StoreTests.one)
    #expect(try trainer.evaluate(Self.batch) == trainer.evaluate(Self.batch))
    let graph = try Dropped().traced(name: "evaluated", isTraining: false)
    #expect(!graph.isRandom && !graph.graph.description.contains("random"))
  }

  @Test func gradientsEqualCentralDifferences() throws {
    for mode in [GradientMode.full, .checkpointed(every: 2), .revolve(slots: 1)] {
      let traced = try Dropped(mode: mode, times: 3).traced(name: "dropped")
      let graph = traced.graph
      let parameters = zip(graph.parameters, graph.parameterRoles).map { value, role -> HostTensor in
        let (name, type) = (graph[value].name ?? "", graph.type(of: value))
        if let input = Self.batch[name] { return input }
        if role == .state { return HostTensor([2], [5, 1] as [Int32]) }
        return HostTensor(type.shape, (0..<type.elementCount).map { Float(($0 * 37) % 23) / 40 - 0.25 })
      }
      let error = try GradientCheck.largestError(graph, parameters)
      #expect(error < 1e-6, "\(mode): \(error)")
    }
  }

  /// What is drawn is computed again in the backward part; no mask is kept.
  @Test func masksAreNotKept() throws {
    func bytes(_ rate: Double) throws -> Int {
      struct Plain: Model {
        let rate: Double
        let hidden = Linear(64, 64)
        func step(_ inputs: Inputs) -> Step {
          // Without dropout something else must stand between what is kept of the hyperbolic tangent and the next state.
          let state = recur(12, carrying: inputs("x", [32, 64])) { state in
            let next = tanh(hidden(state))
            return rate > 0 ? dropout(next, rate: rate) : next * 2
          }
          return Step(loss: (state * state).mean())
        }
      }
      let graph = try Plain(rate: rate).traced(name: "plain").graph.withGradients()
      return try Compiler.plan(graph, StoreTests.one).memory.arenaByteCount
    }
    let (without, with) = (try bytes(0), try bytes(0.5))
    #expect(
      with - without < 12 * 32 * 64 / 2, "\(with) with dropout, \(without) without: masks would take \(12 * 32 * 64)")
  }

  // MARK: Sessions, names, mistakes

  @Test func sessionsCountAndBranch() throws {
    let program = try Self.program { _ in ["x": .uniform([4])] }
    let session = Session(seed: 3)
    let first = try program(in: session)
    let branch = try session.copy()
    let second = try program(in: session)
    #expect(try first != second && second == program(in: branch))
    #expect(try program(in: Session(seed: 3)) == first && program(in: Session(seed: 4)) != first)
    let other = try session.copy(seed: 8)
    #expect(try program(in: other) != program(in: session))
    session.reset()
    #expect(try program(in: session) == first && session["random"]?.integers == [3, 1])
  }

  @Test func mistakesAreNamed() throws {
    func message(_ body: @escaping (Inputs) -> Tensor) -> String {
      error { try Self.program { ["x": body($0)] } }
    }
    #expect(message { dropout($0("x", [2]), rate: 1) }.contains("dropout.1: needs a rate from 0 to below 1, got 1.0"))
    #expect(message { _ in .bernoulli([2], probability: 1.5) }.contains("bernoulli.1: needs a probability from 0 to 1"))
    #expect(message { _ in .integers([2], in: 3..<3) }.contains("integers.1: needs a range of i32 with a number in it"))
    let ranges: [Range<Double>] = [0..<Double.infinity, -Double.infinity..<0, 1..<(1 + 1e-9), 2..<2]
    for range in ranges {
      #expect(
        message { _ in .uniform([2], in: range) }.contains("uniform.2: needs a finite range with a number of f32 in it")
      )
    }
    for deviation in [-1, Double.nan, Double.infinity] {
      let needed = ".1: needs a finite mean and a finite deviation of at least 0, got 0.0 and \(deviation)"
      #expect(message { _ in .normal([2], deviation: deviation) }.contains("normal" + needed))
      #expect(message { _ in .truncatedNormal([2], deviation: deviation) }.contains("truncatedNormal" + needed))
    }
    #expect(message { _ in .uniform([2], .int32) }.contains("uniform.1: draws f32 or f64, not i32"))
    #expect(message { _ in .uniform([-1]) }.contains("random.1: [-1]:"))
    #expect(
      message { $0.state("random", [2]) + .uniform([2]) }.contains("the name 'random' of a state is taken by a state"))
    let dropping = Operator.composed("dropping", "Zeros.", operands: 1) { [dropout($0[0], rate: 0.5)] }
    try OperatorTable.register(dropping)
    #expect(message { apply(dropping, [$0("x", [2])]) }.contains("an operator cannot draw random numbers"))
    let composed = Operator.composed("noisy", "Noise.", operands: 1) { [$0[0] + .uniform($0[0].shape)] }
    try OperatorTable.register(composed)
    #expect(message { apply(composed, [$0("x", [2])]) }.contains("an operator cannot draw random numbers"))
  }
}
