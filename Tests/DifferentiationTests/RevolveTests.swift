import Differentiation
import GraphIR
import Operators
import Recurve
import ReferenceEvaluation
import TensorTypes
import TestSupport
import Testing

@testable import Differentiation

/// Binomial checkpointing: the bits of `full`, as few iterations run again as is possible, and a program that is as large as it
/// is for any number of them.
@Suite struct RevolveTests {
  private func expectIdentical(_ a: [HostTensor], _ b: [HostTensor], _ what: String) {
    #expect(a.count == b.count)
    for (left, right) in zip(a, b) { #expect(left.isIdentical(to: right), "\(what)") }
  }

  @Test(arguments: [1, 2, 3, 10, 33, 61]) func gradientsEqualFull(_ times: Int) throws {
    let full = try LoopLawTests.gradients(.loop(.full), times)
    for slots in [1, 2, 3, 5, 10, 40, .max] {
      try expectIdentical(LoopLawTests.gradients(.loop(.revolve(slots: slots)), times), full, "\(slots) of \(times)")
    }
  }

  @Test(arguments: [2, 7, 35]) func gradientsOfSequencesEqualFull(_ times: Int) throws {
    let full = try ScanLawTests.gradients(.loop(.full), times)
    for slots in [1, 3, 7] {
      try expectIdentical(ScanLawTests.gradients(.loop(.revolve(slots: slots)), times), full, "\(slots) of \(times)")
    }
  }

  @Test func loopsAroundAndInsideEqualFull() throws {
    let full = try LoopLawTests.gradients(.nested(outer: .full, inner: .full), 34)
    let modes: [(outer: GradientMode, inner: GradientMode)] = [
      (.revolve(slots: 3), .full), (.revolve(slots: 2), .checkpointed(every: 2)), (.checkpointed(every: 5), .full),
      (.revolve(slots: 2), .revolve(slots: 4)), (.full, .revolve(slots: 3)),
    ]
    for mode in modes {
      try expectIdentical(
        LoopLawTests.gradients(.nested(outer: mode.outer, inner: mode.inner), 34), full, "\(mode)")
    }
    let inner = try [GradientMode.full, .revolve(slots: 3)].map { mode in
      try Self.evaluated(Inner(mode: mode, isReversed: false))
    }
    expectIdentical(inner[1], inner[0], "inner")
    let reversed = try [GradientMode.full, .revolve(slots: 6)].map { mode in
      try Self.evaluated(Inner(mode: mode, isReversed: true))
    }
    expectIdentical(reversed[1], reversed[0], "reversed")
  }

  /// A long loop over a sequence inside another loop, reading the number of its iteration.
  private struct Inner: Model {
    let mode: GradientMode
    let isReversed: Bool
    let weight = Weight([4], .normal(standardDeviation: 0.5))
    let sequence = Weight([36, 4], .normal(standardDeviation: 1))

    func step(_ inputs: Inputs) -> Step {
      let state = recur(3, carrying: weight.tensor) { state in
        let inner = scan(sequence.tensor, reversed: isReversed, carrying: state, gradient: mode) { h, part in
          let number = Tensor.iteration.converted(to: .float32) * 0.01
          let next = tanh(h * weight.tensor + part + number)
          return (next, next * part)
        }
        return inner.state + inner.outputs.mean(axis: 0)
      }
      return Step(loss: state.sum())
    }
  }

  private static func evaluated(_ model: some Model) throws -> [HostTensor] {
    let traced = try model.traced(name: "inner")
    return ReferenceEvaluator.evaluate(try traced.graph.withGradients(), LoopLawTests.parameters(traced))
  }

  private static func program(_ mode: GradientMode, _ times: Int) throws -> CompiledProgram {
    let traced = try LoopLawTests.Recursion(style: .loop(mode), times: times).traced(name: "recursion")
    let program = try Compiler.compile(try traced.graph.withGradients(), CompilerOptions(workerCount: 2))
    for (value, tensor) in zip(traced.graph.parameters, LoopLawTests.parameters(traced)) {
      try program.set(traced.graph[value].name ?? "", tensor)
    }
    return program
  }

  /// The whole program, compiled, at a thousand iterations: the bits of `full`, and hardly more memory than at forty.
  @Test(arguments: [3, 10]) func compiledProgramsEqualFull(_ slots: Int) throws {
    let programs = try [GradientMode.full, .revolve(slots: slots)].map { try Self.program($0, 1000) }
    for program in programs { try program.run() }
    for index in 0..<3 {
      #expect(try programs[1].result(at: index).isIdentical(to: programs[0].result(at: index)), "\(index)")
    }
    let bytes = programs.map { $0.plan.memory.arenaByteCount }
    let short = try Self.program(.revolve(slots: slots), 40)
    let few = short.plan.memory.arenaByteCount
    #expect(abs(bytes[1] - few) <= 1024 && bytes[1] * 20 < bytes[0], "\(bytes) \(few)")
    for program in [short, programs[1]] { _ = try program.verify() }
  }

  /// Steps of the plan, kernels, and operations before equal constants are merged.
  @Test(arguments: [3, 10]) func theNumberOfIterationsChangesNoCounts(_ slots: Int) throws {
    func counts(_ times: Int) throws -> (steps: Int, operations: Int, kernels: Int) {
      let model = LoopLawTests.Recursion(style: .loop(.revolve(slots: slots)), times: times)
      let graph = try model.traced(name: "recursion").graph.withGradients()
      let schedule = try Compiler.plan(graph, CompilerOptions(workerCount: 1)).schedule
      return (schedule.stepCount, graph.operations.count, schedule.functions.count)
    }
    let (short, long) = try (counts(12), counts(1000))
    #expect(short == long)
  }

  /// Iterations that a run computes again for nothing but the state, counted, are at most as many as is optimal.
  @Test(arguments: [(10, 3), (10, 10), (32, 2), (32, 1), (33, 4), (100, 5), (1000, 3), (1000, 10)])
  func recomputationIsAtMostTheOptimum(_ times: Int, _ slots: Int) throws {
    let program = try Self.program(.revolve(slots: slots), times)
    var (ends, iterations) = ([Int: Int](), 0)
    try program.runTimed { index, _, _ in ends[index, default: 0] += 1 }
    let steps = program.plan.schedule.steps
    for (index, step) in steps.enumerated() {
      guard case .loopEnd(_, let begin) = step else { continue }
      let roles = steps[begin...index].compactMap { step -> Graph.Role? in
        if case .call(let call) = step { program.plan.schedule.launches[call.launch].role } else { nil }
      }
      if roles.allSatisfy({ $0 == .recompute }) && !roles.isEmpty { iterations += ends[index] ?? 0 }
    }
    // Of the optimum's runs one is the forward loop's, but for the last iteration.
    let optimum = Self.optimum(times, slots) - (times - 1)
    #expect(iterations <= optimum && iterations == Revolve.repeats(times, slots: slots), "\(iterations) of \(optimum)")
    // What is counted before a run is what a run does.
    var (counted, launched) = (0, 0)
    program.plan.schedule.forEachStep { step, times in
      if case .call(let call) = step { counted += times * program.plan.schedule.launches[call.launch].flops }
    }
    try program.runTimed { index, _, _ in
      if case .call(let call) = steps[index] { launched += program.plan.schedule.launches[call.launch].flops }
    }
    #expect(abs(counted - launched) <= launched / 100, "\(counted) \(launched)")
  }

  @Test(arguments: [
    (1_000_000_000, 2), (200_000, 1), (200_000, 30), (100_000, 3), (50_000, 40_000),
  ])
  func repeatsOfLongLoopsAreNoMoreThanTheOptimum(_ times: Int, _ slots: Int) {
    let found = Revolve.repeats(times, slots: slots)
    #expect(found > 0 && found <= Self.optimum(times, slots) - (times - 1))
  }

  /// One state, and as many iterations as any loop may have: nobody waits for the count.
  @Test func repeatsFromOneStateAreASum() {
    let count = 1_000_000_000
    #expect(Revolve.repeats(count, slots: 1) == count * (count - 1) / 2 - (count - 1))
  }

  @Test func gradientsOfItsGradientAreRefused() throws {
    let traced = try LoopLawTests.Recursion(style: .loop(.revolve(slots: 2)), times: 8).traced(name: "recursion")
    let gradients = try traced.graph.withGradients()
    let build = GraphBuilder(gradients)
    let gradient = build.graph.results[1]
    build.graph.addResult(build.sum(gradient, Array(0..<build.type(of: gradient).shape.rank)), name: "sum")
    let error = #expect(throws: TypeError.self) {
      try build.graph.differentiated(result: build.graph.results.count - 1)
    }
    #expect("\(try #require(error))".contains("has no gradient itself; use checkpointed"), "\(error as Any)")
  }

  /// Griewank and Walther 2000: `t(l, c) = r l - C(c + r, c + 1)` with the smallest r for which `C(c + r, c) >= l`.
  private static func optimum(_ length: Int, _ slots: Int) -> Int {
    let repetitions = (0...length).first { choose(slots + $0, slots) >= length } ?? length
    return repetitions * length - choose(slots + repetitions, slots + 1)
  }

  private static func choose(_ n: Int, _ k: Int) -> Int {
    k > n ? 0 : (0..<min(k, n - k)).reduce(1) { $0 * (n - $1) / ($1 + 1) }
  }

  /// Every way that the graph chooses is a way of least recomputation: `t(l, c) = j + t(l - j, c - 1) + t(j, c)`.
  @Test func stepsAreThoseOfTheDefinition() {
    let (longest, slots) = (40, 6)
    let build = GraphBuilder(Graph(name: "steps"))
    let length = build.graph.addParameter(TensorType(.int32, .scalar), name: "length", role: .input)
    let free = build.graph.addParameter(TensorType(.int32, .scalar), name: "slots", role: .input)
    build.graph.addResult(Revolve.step(build, length, slots: free, longest: longest), name: "step")
    func step(_ l: Int, _ c: Int) -> Int {
      let values = [l, c].map { HostTensor(.scalar, .int32([Int32($0)])) }
      return Int(ReferenceEvaluator.evaluate(build.graph, values)[0].doubles[0])
    }
    for c in 1...slots {
      #expect(step(1, c) == 0)
      for l in 2...longest {
        let j = step(l, c)
        guard c > 1 else {
          #expect(j == 0)
          continue
        }
        #expect((1..<l).contains(j) && j + cost(l - j, c - 1) + cost(j, c) == cost(l, c), "\(l), \(c): \(j)")
      }
    }
    func cost(_ l: Int, _ c: Int) -> Int { l < 2 ? 0 : Self.optimum(l, c) }
  }
}
