import Foundation
import Recurve
import TestSupport
import Testing

@testable import Training

/// States of programs: the same name in one session is the same bytes.
@Suite struct SessionTests {
  private struct Nothing {}

  private static func counter(_ store: ParameterStore, _ name: String, by step: Double) throws -> ModelProgram {
    try store.program(name, StoreTests.one) { io in
      let count = io.state("count", [2])
      count.next = count + Tensor.constant(step)
      return ["before": count, "after": count.next]
    }
  }

  @Test func programsGoOnFromOneAnother() throws {
    let store = try ParameterStore(Nothing())
    let (one, ten) = (try Self.counter(store, "one", by: 1), try Self.counter(store, "ten", by: 10))
    let session = Session()
    for program in [one, ten, one] { _ = try program(in: session) }
    #expect(session["count"]?.floats == [12, 12] && session.byteCount == 8)
    let branch = try session.copy()
    #expect(try ten(in: branch)["before"]?.floats == [12, 12])
    #expect(try one(in: session)["after"]?.floats == [13, 13])
    #expect(branch["count"]?.floats == [22, 22], "a branch goes on apart")
    #expect(
      try one()["before"]?.floats == [0, 0] && one()["before"]?.floats == [0, 0], "without a session: from zero")
    session.reset()
    #expect(try ten(in: session)["after"]?.floats == [10, 10])
  }

  @Test func anotherTypeIsRefusedWithBothLines() throws {
    let store = try ParameterStore(Nothing())
    let one = try Self.counter(store, "one", by: 1)
    let line = #line + 2
    let other = try store.program("other", StoreTests.one) { io in
      ["x": io.state("count", [3])]
    }
    let session = Session()
    _ = try one(in: session)
    let found = error { try other(in: session) }
    let place = "TrainingTests/SessionTests.swift:\(line)"
    #expect(found.hasPrefix("state 'count' is f32[3] in program 'other' (\(place)), but f32[2] in"))
    #expect(found.contains("program 'one' (TrainingTests/SessionTests.swift:") && session["count"]?.floats == [1, 1])
    #expect(
      error { try session.set("count", HostTensor([1], [1] as [Float])) }.hasPrefix(
        "state 'count' is f32[1] in the tensor, but f32[2] in program 'one'"))
  }

  @Test func whatTheHostLeavesIsChecked() throws {
    struct Table { let rows = Weight([4, 1], .values([10, 20, 30, 40])) }
    let table = Table()
    let store = try ParameterStore(table)
    let read = try store.program("read", StoreTests.one) { io in
      let place = io.state("place", [1], .int32)
      place.next = place + 1
      return ["row": gather(table.rows.tensor, place)]
    }
    let session = Session()
    try session.set("place", HostTensor([1], [2] as [Int32]))
    #expect(try read(in: session)["row"]?.floats == [30] && read(in: session)["row"]?.floats == [40])
    let found = error { try read(in: session) }
    let needed = "state 'place' holds 4 at [0], gather needs 0..<4, used at TrainingTests/SessionTests.swift:"
    #expect(found.hasPrefix(needed), "\(found)")
    #expect(session["place"]?.integers == [4], "nothing has changed")
  }

  /// A trainer sees what its steps leave, and writes no checkpoint that it would refuse.
  @Test func trainingStopsAtStatesThatNameNoRow() throws {
    struct Walking: Model {
      let rows = Weight([4, 1], .values([1, 2, 3, 4]))
      func step(_ inputs: Inputs) -> Step {
        let place = inputs.state("place", [1], .int32)
        place.next = place + 1
        return Step(loss: gather(rows.tensor, place).sum())
      }
    }
    try withTemporaryFolder { folder in
      let trainer = try Trainer(
        Walking(), optimizer: .gradientDescent(), learningRate: 0, CompilerOptions(workerCount: 1))
      for row in 1...3 { #expect(try trainer.step([:])["loss"]?.floats == [Float(row)]) }
      try trainer.save(to: folder + "/good.safetensors")
      _ = try trainer.step([:])
      let problem = "state 'place' holds 4 at [0], gather needs 0..<4"
      #expect(error { try trainer.step([:]) }.hasPrefix(problem))
      #expect(error { try trainer.save(to: folder + "/bad.safetensors") }.hasPrefix(problem))
      #expect(trainer.stepCount == 4 && !FileManager.default.fileExists(atPath: folder + "/bad.safetensors"))
      try trainer.load(from: folder + "/good.safetensors")
      #expect(try trainer.step([:])["loss"]?.floats == [4])
    }
  }

  /// One program's state of that name would be the other's seed.
  @Test func randomNumbersShareNoState() throws {
    let store = try ParameterStore(Nothing())
    let draws = try store.program("draws", StoreTests.one) { _ in ["x": .uniform([4])] }
    let counts = try store.program("counts", StoreTests.one) { io in
      let state = io.state("random", [2], .int32)
      state.next = state + 1
      return ["state": state]
    }
    for (first, second) in [(draws, counts), (counts, draws)] {
      let session = Session(seed: 7)
      _ = try first(in: session)
      #expect(error { try second(in: session) }.contains("the seed and the count of random numbers"))
    }
  }

  @Test func restoredSessionsGoOn() throws {
    let store = try ParameterStore(Nothing())
    let program = try store.program("draws", StoreTests.one) { _ in ["x": .uniform([4])] }
    let (first, second) = (Session(seed: 7), Session())
    _ = try program(in: first)
    for (name, tensor) in first.tensors { try second.set(name, tensor) }
    #expect(try program(in: first) == program(in: second))
    #expect(try program(in: second.copy(seed: 5)) != program(in: second))
    let wrong = error { try second.set("y", HostTensor([2], [1] as [Float])) }
    #expect(wrong == "state 'y': is f32[2] with 1 elements")
  }

  @Test func nextIsSetOnceAndOnStates() throws {
    func message(_ body: (Inputs) -> [String: Tensor]) throws -> String {
      error { try ParameterStore(Nothing()).program("p", StoreTests.one, body) }
    }
    let twice = try message { io in
      let count = io.state("count", [])
      count.next = count + 1
      count.next = count + 2
      return [:]
    }
    #expect(twice.contains("next.2: state 'count' has a next value already, made at Programs/SessionTests.swift:"))
    let input = try message { io in
      let x = io("x", [])
      x.next = x
      return ["x": x]
    }
    #expect(input.contains("next.1: is set on f32[], which is no state"))
    let type = try message { io in
      let count = io.state("count", [])
      count.next = io("x", [2])
      return [:]
    }
    #expect(type.contains("update.2: state 'count' is f32[], its next value is f32[2]"))
  }

  @Test func valuesBelongToTheProgram() throws {
    let store = try ParameterStore(Nothing())
    let programs = try [2, 3].map { count in
      try store.program("mask\(count)", StoreTests.one) { io in
        let mask = Tensor.values((0..<count).map { Float($0) }, [count])
        let again = Tensor.values((0..<count).map { Float($0) }, [count])
        return ["sum": (mask * io("x", [count]) + again).sum()]
      }
    }
    #expect(try programs[0](["x": HostTensor([2], [1, 10] as [Float])])["sum"]?.floats == [11])
    #expect(try programs[1](["x": HostTensor([3], [1, 10, 100] as [Float])])["sum"]?.floats == [213])
    #expect(programs.allSatisfy { $0.traced.values.count == 1 } && store.tensors.isEmpty, "equal numbers are kept once")
    let wrong = error {
      try store.program("wrong", StoreTests.one) { _ in ["x": Tensor.values([1, 2] as [Float], [3])] }
    }
    #expect(wrong.contains("values.1: [3]: needs 3 numbers, got 2"))
  }

  @Test(arguments: [
    ("a.**", "a.b.c", true), ("a.**", "a", true), ("*.c", "a.b.c", false), ("**.c", "a.b.c", true),
    ("a.*.c", "a.b.c", true), ("**", "a", true), ("a", "a.b", false), ("**.b.**.c", "a.b.b.c", true),
    ("a.**.d", "a.b.c", false),
  ])
  func patterns(_ pattern: String, _ path: String, _ matches: Bool) {
    #expect(PathPattern(pattern).matches(path) == matches)
  }
}
