import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

@testable import Differentiation

/// `revolve` of many iterations: loops that start again from few states, as large as they are for any count.
@Suite struct RestartTests {
  private func expectIdentical(_ a: [HostTensor], _ b: [HostTensor], _ what: String) {
    #expect(a.count == b.count)
    for (left, right) in zip(a, b) { #expect(left.isIdentical(to: right), "\(what)") }
  }

  @Test(arguments: [33, 40, 61]) func gradientsEqualFull(_ times: Int) throws {
    let full = try LoopLawTests.gradients(.loop(.full), times)
    for slots in [1, 2, 3, 5, 10, 40, .max] {
      try expectIdentical(LoopLawTests.gradients(.loop(.revolve(slots: slots)), times), full, "\(slots) of \(times)")
    }
  }

  @Test(arguments: [35, 40]) func gradientsOfSequencesEqualFull(_ times: Int) throws {
    let full = try ScanLawTests.gradients(.loop(.full), times)
    for slots in [1, 3, 7] {
      try expectIdentical(ScanLawTests.gradients(.loop(.revolve(slots: slots)), times), full, "\(slots) of \(times)")
    }
  }

  @Test func loopsAroundAndInsideEqualFull() throws {
    let full = try LoopLawTests.gradients(.nested(outer: .full, inner: .full), 34)
    let modes: [(outer: GradientMode, inner: GradientMode)] = [
      (.revolve(slots: 3), .full), (.revolve(slots: 2), .checkpointed(every: 2)), (.checkpointed(every: 5), .full),
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
    let short = try Self.program(.revolve(slots: slots), 40).plan.memory.arenaByteCount
    #expect(abs(bytes[1] - short) <= 128 && bytes[1] * 20 < bytes[0], "\(bytes) \(short)")
    _ = try programs[1].verify()
  }

  /// Steps of the plan, kernels, and operations before equal constants are merged.
  @Test(arguments: [3, 10]) func theNumberOfIterationsChangesNoCounts(_ slots: Int) throws {
    func counts(_ times: Int) throws -> (steps: Int, operations: Int, kernels: Int) {
      let model = LoopLawTests.Recursion(style: .loop(.revolve(slots: slots)), times: times)
      let graph = try model.traced(name: "recursion").graph.withGradients()
      let schedule = try Compiler.plan(graph, CompilerOptions(workerCount: 1)).schedule
      return (schedule.stepCount, graph.operations.count, schedule.functions.count)
    }
    let (short, long) = try (counts(40), counts(1000))
    #expect(short == long)
  }

  /// Iterations that a run computes again for nothing but the state: launches of loops inside the recomputation, as counted.
  @Test(arguments: [(3, 13_500), (10, 4_596)]) func recomputationIsAsPlanned(_ slots: Int, _ expected: Int) throws {
    let plan = RestartPlan(slots: slots)
    let length = (1000 + plan.parts - 1) / plan.parts
    let planned = plan.parts * RestartLevels(iterations: length, levels: plan.levels).recomputed(iterations: length)
    #expect(planned == expected)
    let program = try Self.program(.revolve(slots: slots), 1000)
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
    #expect(iterations == expected)
  }

  /// At most 1.4 times what is optimal for so many states (Griewank and Walther 2000), for 20 states and fewer.
  @Test(arguments: 1...20) func recomputationIsNearTheOptimum(_ slots: Int) {
    func choose(_ n: Int, _ k: Int) -> Int { k > n ? 0 : (0..<k).reduce(1) { $0 * (n - $1) / ($1 + 1) } }
    for times in [33, 40, 50, 64, 100, 200, 333, 500, 1000, 2000, 4000] {
      let plan = RestartPlan(slots: slots)
      let length = (times + plan.parts - 1) / plan.parts
      let whole = RestartLevels(iterations: length, levels: plan.levels).recomputed(iterations: length)
      let (parts, rest) = (times / length, times % length)
      let remainder = RestartLevels(iterations: rest, levels: plan.levels).recomputed(iterations: rest)
      let repetitions = (0...times).first { choose(slots + $0, slots) >= times } ?? times
      let optimum = repetitions * times - choose(slots + repetitions, slots + 1)
      #expect(Double(parts * whole + remainder) <= 1.4 * Double(optimum), "\(times)")
    }
  }

  @Test func levelsAreAsEqualAsCanBe() {
    let levels = RestartLevels(iterations: 1000, levels: 3).levels
    #expect(levels == [.init(count: 10, length: 100), .init(count: 10, length: 10), .init(count: 10, length: 1)])
    #expect(RestartLevels(iterations: 8, levels: 5).levels.map(\.count) == [1, 1, 2, 2, 2])
    for iterations in 1...70 {
      for count in 1...6 {
        let levels = RestartLevels(iterations: iterations, levels: count).levels
        #expect(levels.last?.length == 1 && levels.map(\.count).reduce(1, *) >= iterations)
      }
    }
  }
}
