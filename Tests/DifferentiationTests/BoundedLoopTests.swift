import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

/// Loops whose count is known when they run, loops from the last part to the first, and the number of the iteration.
@Suite struct BoundedLoopTests {
  private static let options = CompilerOptions(workerCount: 2)

  private struct Nothing {}

  private static func program(_ body: (Inputs) throws -> [String: Tensor]) throws -> ModelProgram {
    try ParameterStore(Nothing()).program("p", options, body)
  }

  @Test func loopsRunAsOftenAsAsked() throws {
    let program = try Self.program { io in
      let (x, count) = (io("x", [3]), io("count", [], .int32))
      let doubled = recur(count, atMost: 5, carrying: x) { $0 * 2 + Tensor.iteration.converted(to: .float32) }
      let pair = recur(count, atMost: 5, carrying: [x, x + 1]) { [$0[1], $0[0]] }
      return ["doubled": doubled, "first": pair[0], "x": x]
    }
    for count in 0...5 {
      let out = try program([
        "x": HostTensor([3], [1, 2, 3] as [Float]), "count": HostTensor(.scalar, [Int32(count)]),
      ])
      let expected = [1, 2, 3].map { first in (0..<count).reduce(Float(first)) { $0 * 2 + Float($1) } }
      #expect(out["doubled"]?.floats == expected && out["x"]?.floats == [1, 2, 3])
      #expect(out["first"]?.floats == (count % 2 == 0 ? [1, 2, 3] : [2, 3, 4]))
    }
    let found = message {
      _ = try program(["x": HostTensor([3], [1, 2, 3] as [Float]), "count": HostTensor(.scalar, [6] as [Int32])])
    }
    #expect(found.hasPrefix("input 'count' holds 6, repeat needs 0..<6, used at DifferentiationTests/BoundedLoopTests"))
  }

  /// A decoding loop inside one program: states that are updated in place, a computed count, loops inside.
  @Test func loopsNestAndAreClamped() throws {
    let program = try Self.program { io in
      let rows = io.state("rows", [6, 2])
      let count = (io("count", []) * 1).converted(to: .int32)
      let written = recur(count, atMost: 6, carrying: rows) { rows in
        let sum = recur(Tensor.iteration, atMost: 6, carrying: .constant(1, [1, 2])) { $0 * 2 }
        return rows.updated(at: .iteration, with: sum, axis: 0)
      }
      rows.next = written
      return ["rows": written]
    }
    let powers: [Float] = [1, 2, 4, 8, 16, 32]
    for (asked, made) in [(0, 0), (3, 3), (6, 6), (100, 6), (-4, 0)] {
      let rows = try #require(program(["count": HostTensor(.scalar, [Float(asked)])])["rows"]).floats
      #expect(rows == (0..<6).flatMap { [$0 < made ? powers[$0] : 0, $0 < made ? powers[$0] : 0] }, "\(asked)")
    }
    // Into the loop and out of it, not in its iterations.
    let copies = program.compiled.plan.schedule.steps.filter { if case .copy(_, _, 48) = $0 { true } else { false } }
    #expect(copies.count <= 2)
    _ = try program.compiled.verify()
  }

  /// What iterations read from outside is checked, forward and from the end, in every mode.
  @Test func numbersInsideLoopsAreChecked() throws {
    let bounded = try Self.program { io in
      let (table, ids) = (io("table", [5, 2]), io("ids", [3], .int32))
      return ["y": recur(io("n", [], .int32), atMost: 4, carrying: .constant(0, [3, 2])) { $0 + gather(table, ids) }]
    }
    let table = HostTensor([5, 2], [Float](repeating: 1, count: 10))
    let found = message {
      _ = try bounded([
        "table": table, "ids": HostTensor([3], [0, 99, 1] as [Int32]), "n": HostTensor(.scalar, [2] as [Int32]),
      ])
    }
    #expect(found.hasPrefix("input 'ids' holds 99 at [1], gather needs 0..<5"))
    struct Tokens: Model {
      let table = Weight([5, 2], .zeros)
      let mode: GradientMode
      func step(_ inputs: Inputs) -> Step {
        let state = scan(
          inputs("tokens", [4, 3], .int32), reversed: true, carrying: .constant(0, [3, 2]), gradient: mode
        ) {
          h, token in tanh(h + gather(table.tensor, token))
        }
        return Step(loss: state.sum())
      }
    }
    for mode in [GradientMode.full, .checkpointed(every: 2), .last(2)] {
      let trainer = try Trainer(Tokens(mode: mode), optimizer: .adam(), Self.options)
      let tokens = (0..<12).map { Int32($0 == 7 ? 77 : $0 % 5) }
      let found = message { try trainer.step(["tokens": HostTensor([4, 3], tokens)]) }
      #expect(found.hasPrefix("input 'tokens' holds 77 at [2, 1], gather needs 0..<5"), "\(mode): \(found)")
    }
  }

  /// The first iteration reads what the loop begins with.
  @Test func numbersThatLoopsBeginWithAreChecked() throws {
    let bounded = try Self.program { io in
      let next = io("next", [5, 1], .int32)
      return [
        "y": recur(io("n", [], .int32), atMost: 4, carrying: io("token", [1], .int32)) {
          gather(next, $0).reshaped(to: [1])
        }
      ]
    }
    let found = message {
      _ = try bounded([
        "next": HostTensor([5, 1], [0, 1, 2, 3, 4] as [Int32]), "token": HostTensor([1], [99] as [Int32]),
        "n": HostTensor(.scalar, [2] as [Int32]),
      ])
    }
    #expect(found.hasPrefix("input 'token' holds 99 at [0], gather needs 0..<5"), "\(found)")
  }

  /// Parts of long sequences are checked from the first to the last, beside a number that every iteration changes.
  @Test(arguments: [100, 40_000]) func numbersOfLongSequencesAreChecked(_ length: Int) throws {
    let program = try Self.program { io in
      let (table, places) = (io("table", [5, 2]), io("places", [length, 2]))
      let state = scan(
        length, [io("tokens", [length], .int32)], carrying: [.constant(0, [2]), io("first", [], .int32)]
      ) { state, parts in
        ([state[0] + gather(table, parts[0]) + gather(places, state[1]), state[1] + 1], [Tensor]())
      }
      return ["y": state.state[0]]
    }
    func found(_ token: Int32, first: Int32 = 0) -> String {
      message {
        try program.compiled.set("tokens", HostTensor([length], (0..<length).map { $0 == 3 ? token : 0 }))
        try program.compiled.set("first", HostTensor(.scalar, [first]))
      }
    }
    #expect(found(99).hasPrefix("input 'tokens' holds 99 at [3], gather needs 0..<5"), "\(found(99))")
    #expect(found(-1, first: -1).hasPrefix("input 'tokens' holds -1 at [3], gather needs 0..<5"))
    #expect(found(4, first: -1).hasPrefix("input 'first' holds -1, gather needs 0..<"))
    if length == 100 { #expect(found(4, first: 1).hasPrefix("input 'first' holds 1, gather needs 0..<1")) }
  }

  /// A graph's text may ask for a mode, under which the count would have been forgotten.
  @Test func modesAreRefused() throws {
    let text = """
      graph @bounded(input %x: f32[2], input %n: i32[]) {
        %0 = repeat %x, %n {bounded = true, carries = 1, count = 3, gradient = "last", gradient_parameter = 1} : f32[2] \
      (%step: i32[], %1: f32[2]) {
          yield %1
        }
        return "x" %0
      }
      """
    let found = try Graph(parsing: text).allViolations().map { "\($0)" }
    #expect(
      found.contains { $0.contains("repeat.7: a loop whose count is computed has no gradient mode, got last(1)") })
  }

  @Test func gradientsThroughThemAreRefused() throws {
    struct Counted: Model {
      let weight = Weight([2], .zeros)
      let isDetached: Bool
      func step(_ inputs: Inputs) -> Step {
        let y = recur(inputs("n", [], .int32), atMost: 3, carrying: weight.tensor) { $0 * 2 }
        return Step(loss: ((isDetached ? y.detached() : y) + weight.tensor).sum())
      }
    }
    let found = message { _ = try Trainer(Counted(isDetached: false), optimizer: .adam(), Self.options) }
    #expect(
      found == "repeat.8: the loss depends on weights through a loop whose count is computed, which has no gradient; "
        + "detach what it returns")
    let trainer = try Trainer(Counted(isDetached: true), optimizer: .gradientDescent(), learningRate: 1, Self.options)
    try trainer.step(["n": HostTensor(.scalar, [2] as [Int32])])
    #expect(trainer.weights["weight"]?.floats == [-1, -1])
  }

  // MARK: Reversed loops, other axes

  private struct Turned: Model {
    let isTurned: Bool
    let mode: GradientMode
    let sequence = Weight([3, 5, 4], .normal(standardDeviation: 1))
    let weight = Weight([4, 4], .normal(standardDeviation: 0.6))

    func step(_ inputs: Inputs) -> Step {
      let x = sequence.tensor
      let turned = stack((0..<5).reversed().map { x.at($0, axis: 1) }, axis: 1)
      let start = Tensor.constant(0.5, [3, 4])
      let (last, outputs) = scan(
        isTurned ? turned : x, axis: 1, reversed: !isTurned, carrying: start, gradient: mode
      ) { h, part in
        let step = isTurned ? Tensor.iteration * -1 + 4 : Tensor.iteration
        let next = tanh(linear(h, weight.tensor) + part * (step.converted(to: .float32) + 1))
        return (next, next * part)
      }
      let ordered = isTurned ? stack((0..<5).reversed().map { outputs.at($0, axis: 1) }, axis: 1) : outputs
      let factors = Tensor.iota([3, 5, 4], axis: 1).converted(to: .float32) + 1
      return Step(loss: (last * last).sum() + (ordered * factors).sum(), metrics: [("outputs", ordered)])
    }
  }

  @Test(arguments: [GradientMode.full, .checkpointed(every: 2), .revolve(slots: 2), .last(2), .none])
  func reversedScansAreTurnedOnes(_ mode: GradientMode) throws {
    func results(_ isTurned: Bool) throws -> [HostTensor] {
      let traced = try Turned(isTurned: isTurned, mode: mode).traced(name: "turned")
      let graph = try traced.graph.withGradients()
      let weights = Dictionary(uniqueKeysWithValues: traced.initialWeights(seed: 4))
      let program = try Compiler.compile(graph, Self.options)
      for (name, tensor) in weights { try program.set(name, tensor) }
      try program.run()
      let oracle = ReferenceEvaluator.evaluate(graph, graph.parameters.compactMap { weights[graph[$0].name ?? ""] })
      for index in oracle.indices { #expect(try program.result(at: index).isIdentical(to: oracle[index])) }
      if mode != .last(2), mode != .none {
        let parameters = traced.graph.parameters.compactMap { weights[traced.graph[$0].name ?? ""] }
        #expect(try GradientCheck.largestError(traced.graph, parameters) < 1e-6)
      }
      return oracle
    }
    let (reversed, turned) = (try results(false), try results(true))
    #expect(reversed.count == 4 && reversed[2].doubles.contains { $0 != 0 } || mode == .none)
    for (one, other) in zip(reversed, turned) {
      for (x, y) in zip(one.doubles, other.doubles) { #expect(abs(x - y) <= 1e-5 * max(1, abs(x))) }
    }
    #expect(reversed[1].isIdentical(to: turned[1]), "outputs")
  }

  @Test func mistakesAreNamed() throws {
    let outside = message { _ = try Self.program { _ in ["x": Tensor.iteration] } }
    #expect(outside.contains("iteration.1: is asked for outside of any loop"))
    let type = message {
      _ = try Self.program { io in ["x": recur(io("n", []), atMost: 3, carrying: io("x", [2])) { $0 * 2 }] }
    }
    #expect(
      type.contains("repeat.7: a loop whose count is computed needs carries and the count i32[] alone, got [f32[]]"))
    let axis = message {
      _ = try Self.program { io in ["x": scan(io("s", [2, 3]), axis: 2, carrying: io("x", [2])) { h, _ in h }] }
    }
    #expect(axis.contains("scan.axis: axis 2 is not there"))
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }
}
