import Compilation
import Execution
import GraphIR
import Modeling
import Operators
import TensorTypes
import Testing
import Training

/// Numbers that address rows or classes are checked where the host sets them, traced back through what the graph does.
@Suite struct IntegerRangeTests {
  struct Trial: Model {
    var build: @Sendable (Inputs) -> Step
    func step(_ inputs: Inputs) -> Step { build(inputs) }
  }

  static func table(_ inputs: Inputs, _ rows: Int = 5) -> Tensor { inputs("table", [rows, 3]) }

  /// The message of a program that is given the numbers as its input `ids`; nil when it accepts them.
  static func message(
    _ extents: [Int], _ numbers: [Int32], _ build: @escaping @Sendable (_ ids: Tensor, _ inputs: Inputs) -> Tensor
  ) throws -> String? {
    let traced = try Trial { inputs in
      Step(loss: build(inputs("ids", Shape(extents), .int32), inputs).mean())
    }.traced(name: "ids")
    let program = try Compiler.compile(traced.graph, CompilerOptions(workerCount: 1, toolchain: nil))
    do {
      try program.set("ids", HostTensor(Shape(extents), numbers))
      return nil
    } catch { return "\(error)" }
  }

  @Test func tokensOutsideTheTableAreRefused() throws {
    let text = try Self.message([2, 3], [0, 1, 2, 3, 4, 77]) { gather(Self.table($1), $0) }
    #expect(text == "input 'ids' holds 77 at [1, 2], gather needs 0..<5")
    #expect(try Self.message([2, 3], [0, 1, 2, 3, 4, 4]) { gather(Self.table($1), $0) } == nil)
    #expect(try Self.message([1], [-1]) { gather(Self.table($1), $0) } != nil)
  }

  @Test(arguments: [false, true]) func labelsAreClassesOrIgnored(_ isStable: Bool) throws {
    func message(_ labels: [Int32], _ ignored: Int?) throws -> String? {
      try Self.message([3], labels) { ids, inputs in
        let scores = inputs("scores", [3, 4])
        return isStable
          ? stablemaxCrossEntropy(scores, ids, ignoring: ignored) : crossEntropy(scores, ids, ignoring: ignored)
      }
    }
    let name = isStable ? "stablemax_cross_entropy" : "cross_entropy"
    #expect(try message([0, 3, 4], nil) == "input 'ids' holds 4 at [2], \(name) needs 0..<4")
    #expect(try message([0, -100, 3], nil) == "input 'ids' holds -100 at [1], \(name) needs 0..<4")
    #expect(try message([0, -100, 3], -100) == nil)
    #expect(try message([0, -100, 4], -100) == "input 'ids' holds 4 at [2], \(name) needs 0..<4 or -100")
  }

  /// Where they are moved to is known only in the run: all of them must fit.
  @Test func partsAtComputedPositionsAreTraced() throws {
    func message(_ build: @escaping @Sendable (Tensor, Tensor) -> Tensor) throws -> String? {
      try Self.message([6], [0, 1, 2, 99, 4, 0]) { ids, inputs in
        gather(Self.table(inputs), build(ids, inputs("position", [], .int32)))
      }
    }
    let expected = "input 'ids' holds 99 at [3], gather needs 0..<5"
    #expect(try message { ids, position in ids.at(position, axis: 0) } == expected)
    #expect(try message { ids, position in ids.slice(at: position, length: 2, axis: 0) } == expected)
    #expect(try message { ids, position in gather(ids, position) } == expected)
    #expect(try message { ids, _ in ids.takingAlong(axis: 0, .iota([6], axis: 0)) } == expected)
    #expect(
      try message { ids, position in
        Tensor.constant(0, [8], .int32).updated(at: position, with: ids, axis: 0)
      } == expected)
    #expect(
      try message { ids, position in ids.updated(at: position, with: .constant(0, [1], .int32), axis: 0) } == expected)
  }

  /// Of a table of two columns one holds rows of another table, the other any number.
  @Test func columnsOfMovedRowsAreToldApart() throws {
    func message(_ numbers: [Int32]) throws -> String? {
      try Self.message([2, 2], numbers) { ids, inputs in
        let pairs = gather(ids, inputs("n", [3], .int32))
        let kind = pairs.at(1, axis: 1).converted(to: .float32).reshaped(to: [3, 1])
        return gather(Self.table(inputs), pairs.at(0, axis: 1)) * kind
      }
    }
    #expect(try message([3, 999, 0, -5]) == nil)
    #expect(try message([3, 0, 7, 0]) == "input 'ids' holds 7 at [1, 0], gather needs 0..<5")
    let window = try Self.message([6, 2], [0, 99, 1, 99, 2, 99, 3, 99, 4, 99, 77, 99]) { ids, inputs in
      let rows = ids.slice(at: inputs("position", [], .int32), length: 2, axis: 0)
      return gather(Self.table(inputs), rows.at(0, axis: 1))
    }
    #expect(window == "input 'ids' holds 77 at [5, 0], gather needs 0..<5")
  }

  /// What an operator of a package's own is made of needs what it needs.
  @Test func operatorsMadeOfOthersAreLookedInto() throws {
    let lookup = Operator.composed("test_lookup", "rows", operands: 2, isDifferentiable: false) { x in
      [gather(x[0], x[1] + 1)]
    }
    try OperatorTable.register(lookup)
    let text = try Self.message([2], [3, 4]) { apply(lookup, [Self.table($1), $0]) }
    #expect(text == "input 'ids' holds 4 at [1], gather needs -1..<4")
  }

  /// A number that stands for many is known without making them.
  @Test func largeConstantsAreNumbers() throws {
    let text = try Self.message([1 << 12, 1 << 12], [7]) { gather(Self.table($1), $0 + .constant(1, .scalar, .int32)) }
    #expect(text != nil, "the tensor does not fit either")
  }

  @Test func movementIsTracedElementByElement() throws {
    // Tokens are all but the last, labels all but the first: the last may be the ignored label, the first may not.
    func message(_ numbers: [Int32]) throws -> String? {
      try Self.message([4], numbers) { ids, inputs in
        let rows = gather(Self.table(inputs), ids.slice(0..<3, axis: 0))
        return crossEntropy(rows, ids.slice(1..<4, axis: 0), ignoring: -1)
      }
    }
    #expect(try message([4, 2, 1, -1]) == nil)
    #expect(try message([4, 2, -1, -1]) == "input 'ids' holds -1 at [2], gather needs 0..<5")
    #expect(try message([4, 3, 1, -1]) == "input 'ids' holds 3 at [1], cross_entropy needs 0..<3 or -1")
    #expect(try message([5, 2, 1, -1]) == "input 'ids' holds 5 at [0], gather needs 0..<5")
  }

  @Test func viewsKeepTheRange() throws {
    let text = try Self.message([2, 3], [0, 0, 9, 0, 0, 0]) { ids, inputs in
      let turned = ids.transposed(1, 0).reshaped(to: [6])
      return gather(Self.table(inputs), concatenate([turned, turned], axis: 0))
    }
    #expect(text == "input 'ids' holds 9 at [0, 2], gather needs 0..<5")
  }

  @Test(
    arguments: [
      (-3, true), (-2, false), (6, false), (7, true),
    ] as [(Int32, Bool)]) func sumsAndProductsShiftAndDivide(_ number: Int32, _ isRefused: Bool) throws
  {
    // 2 n + 5 is in 0..<19 for n in -2...6.
    let text = try Self.message([1], [number]) { ids, inputs in gather(Self.table(inputs, 19), ids * 2 + 5) }
    #expect(text == (isRefused ? "input 'ids' holds \(number) at [0], gather needs -2..<7" : nil))
    // The mirror image: 5 - 2 n for -n.
    let mirrored = try Self.message([1], [-number]) { ids, inputs in gather(Self.table(inputs, 19), 5 - ids * 2) }
    #expect((mirrored != nil) == isRefused)
  }

  @Test func selectedNumbersAreNotKnown() throws {
    let text = try Self.message([2], [-100, 3]) { ids, inputs in
      gather(Self.table(inputs), select(ids .< 0, ids * 0, ids))
    }
    #expect(text == nil)
  }

  @Test func loopsPassRangesOn() throws {
    // Captured by the step of a loop.
    let captured = try Self.message([2], [0, 5]) { ids, inputs in
      let table = Self.table(inputs)
      return recur(3, carrying: Tensor.constant(0, [2, 3])) { $0 + gather(table, ids) }
    }
    #expect(captured == "input 'ids' holds 5 at [1], gather needs 0..<5")
    // Carried: 0, 1 and 2 are added before the reads.
    let carried = try Self.message([2], [0, 3]) { ids, inputs in
      let table = Self.table(inputs)
      return recur(3, carrying: (ids, Tensor.constant(0, [2, 3]))) { ids, sum in
        (ids + 1, sum + gather(table, ids))
      }.1
    }
    #expect(carried == "input 'ids' holds 3 at [1], gather needs 0..<3")
    // One row of a sequence for each iteration.
    let stacked = try Self.message([4, 2], [0, 0, 0, 0, 0, -7, 0, 0]) { ids, inputs in
      let table = Self.table(inputs)
      return scan(4, [ids], carrying: [Tensor.constant(0, [2, 3])]) { state, parts in
        ([state[0] + gather(table, parts[0])], [])
      }.state[0]
    }
    #expect(stacked == "input 'ids' holds -7 at [2, 1], gather needs 0..<5")
  }

  /// The last token of a sequence that each iteration hands to the next is never read.
  @Test func whatNoIterationReadsMayBeAnything() throws {
    func message(_ numbers: [Int32]) throws -> String? {
      try Self.message([4, 1], numbers) { ids, inputs in
        let table = Self.table(inputs)
        let start = ids.slice(0..<1, axis: 0).reshaped(to: [1])
        let zero = Tensor.constant(0, [1, 3])
        return scan(4, [ids], carrying: [start, zero]) { state, parts in
          ([parts[0], state[1] + gather(table, state[0])], [])
        }.state[1]
      }
    }
    #expect(try message([1, 2, 3, -100]) == nil)
    #expect(try message([1, 2, -100, 3]) == "input 'ids' holds -100 at [2, 0], gather needs 0..<5")
  }

  @Test func statesThatTheHostSetsAreChecked() throws {
    let traced = try Trial { inputs in
      let ids = inputs.state("last", [2], .int32)
      return Step(loss: gather(Self.table(inputs), ids).mean(), updates: [("last", ids)])
    }.traced(name: "state")
    let program = try Compiler.compile(traced.graph, CompilerOptions(workerCount: 1, toolchain: nil))
    #expect(throws: IntegerRangeError.self) { try program.set("last", HostTensor([2], [Int32(0), 9])) }
    try program.set("last", HostTensor([2], [Int32(0), 4]))
  }

  @Test func tensorsOfAnotherTypeAreRefusedFirst() throws {
    let traced = try Trial { inputs in
      Step(loss: gather(Self.table(inputs), inputs("ids", [2], .int32)).mean())
    }.traced(name: "ids")
    let program = try Compiler.compile(traced.graph, CompilerOptions(workerCount: 1, toolchain: nil))
    for tensor in [HostTensor([2], [0] as [Int32]), HostTensor([2, 1], [9, 9] as [Int32])] {
      try program.checkIntegers("ids", tensor)
      #expect(throws: ExecutionError.self) { try program.set("ids", tensor) }
    }
  }

  @Test func trainersNameTheLineAndChangeNothing() throws {
    let trainer = try Trainer(Bigram(), optimizer: .gradientDescent(), learningRate: 0.1)
    let good = HostTensor([2], [Int32(0), 4])
    let bad = HostTensor([2], [Int32(0), 5])
    let before = trainer.weights
    let attempts: [([String: HostTensor]) throws -> [String: HostTensor]] = [
      { try trainer.step($0) }, { try trainer.evaluate($0) },
    ]
    for attempt in attempts {
      let error = #expect(throws: IntegerRangeError.self) { _ = try attempt(["tokens": bad, "labels": good]) }
      #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("input 'tokens' holds 5 at [1], gather needs 0..<5, used at "))
      #expect(error?.line == "TrainingTests/IntegerRangeTests.swift:\(Bigram.line)")
    }
    #expect(trainer.weights == before)
    #expect(trainer.stepCount == 0)
    try trainer.step(["tokens": good, "labels": good])
  }

  /// The next token from the last one.
  struct Bigram: Model {
    let scores: Weight = Weight([5, 5], .normal(standardDeviation: 1))
    static let line: Int = #line + 3

    func step(_ inputs: Inputs) -> Step {
      let rows = gather(scores.tensor, inputs("tokens", [2], .int32))
      return Step(loss: crossEntropy(rows, inputs("labels", [2], .int32)).mean())
    }
  }
}
