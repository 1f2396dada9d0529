import Differentiation
import Foundation
import Fuzzing
import GraphIR
import KernelIR
import Operators
import Scheduling
import TensorTypes
import TestSupport
import Testing
import TinyRecursion

@testable import Compilation

/// What steps read is what they mean to read; what they say to write is what they write.
@Suite struct AbstractRunTests {
  private static func fault(_ plan: CompilationPlan) -> VerificationError? {
    do { try plan.runAbstractly() } catch { return error as? VerificationError }
    return nil
  }

  /// y = (a b) c + sine((a b) c a)
  private static func plan() throws -> CompilationPlan {
    let builder = GraphBuilder(Graph(name: "planted"))
    let type = TensorType(.float32, [48, 48])
    let p = ["a", "b", "c"].map { builder.graph.addParameter(type, name: $0, role: .input) }
    let axes = DotAxes(leftInner: [1], rightInner: [0])
    let first = builder.dot(p[0], p[1], axes)
    let third = builder.dot(builder.dot(first, p[2], axes), p[0], axes)
    builder.graph.addResult(builder.add(first, builder.emit1(.sine, third)), name: "y")
    return try Compiler.plan(builder.graph, CompilerOptions(workerCount: 2, target: .generated.streaming(nil)))
  }

  /// Every buffer that is live beside another is moved onto it.
  @Test func buffersThatShareBytesAreFound() throws {
    let plan = try Self.plan()
    #expect(Self.fault(plan) == nil)
    var found: [VerificationError] = []
    let buffers = plan.schedule.problem.buffers
    for first in buffers.indices {
      for second in buffers.indices where first != second {
        var moved = plan
        moved.memory.offsets[first] = plan.memory.offsets[second]
        func bytes(_ index: Int) -> Range<Int> {
          moved.memory.offsets[index]..<moved.memory.offsets[index] + buffers[index].byteCount
        }
        let areLiveTogether = buffers.indices.contains { other in
          other != first && bytes(other).overlaps(bytes(first))
            && buffers[first].intervals.contains { x in buffers[other].intervals.contains { x.overlaps($0) } }
        }
        #expect((Self.fault(moved) != nil) == areLiveTogether, "\(first) onto \(second)")
        found += [Self.fault(moved)].compactMap { $0 }
      }
    }
    #expect(
      found.map(\.description).contains(
        "planted: 'dot' overwrote 'dot', which 'dot' had written, before 'sine+add' read it"),
      "\(found)")
  }

  /// One value starts two carries, one of them where it lies.
  @Test func whatPassesOnWithoutACopyIsStillThere() throws {
    let graph = try Graph(
      parsing: """
        graph @shared(
          weight %w: f32[1, 1],
          weight %v: f32[1, 1]) {
          %0 = add %w, %v : f32[1, 1]
          %1, %2 = repeat %0, %0 {carries = 2, count = 2, gradient = "full", gradient_parameter = 0} : f32[1, 1], f32[1, 1] (%step: i32[], %3: f32[1, 1], %4: f32[1, 1]) {
            yield %w, %3
          }
          return "loss" %2
        }
        """)
    #expect(Self.fault(try Compiler.plan(graph, CompilerOptions(workerCount: 1))) == nil)
  }

  /// What is run in the abstract are the steps themselves: each has one event, with the places that it has.
  @Test(arguments: 0..<8) func eventsAreTheSteps(_ seed: Int) throws {
    let graph = try RandomProgram(seed: UInt64(seed)).graph.withGradients()
    let schedule = try Compiler.plan(graph, CompilerOptions(workerCount: 2)).schedule
    var steps: [Int] = []
    for event in schedule.flow.events {
      switch event {
      case .launch(let step, _, let touches):
        steps.append(step)
        guard case .call(let call) = schedule.steps[step] else { continue }
        for isWritten in [false, true] {
          let declared = Set(touches.filter { $0.isWritten == isWritten }.map(\.place.base))
          var given = Set(call.arguments.filter { isWritten ? $0.isWritten : !$0.isWritten }.map(\.place.base))
          if isWritten, let scratch = call.scratch { given.insert(scratch.base) }
          #expect(declared == given)
        }
      case .move(let from, let to, let step, _):
        guard let step else {
          #expect(from.place == to.place || from.elementCount == 0)
          continue
        }
        steps.append(step)
        guard case .copy(let source, let destination, let byteCount) = schedule.steps[step] else { continue }
        #expect(source == from.place && destination == to.place)
        #expect(byteCount == from.elementCount * from.elementByteCount)
      case .storeIteration(let step, _), .loopBegin(let step, _), .loopEnd(let step): steps.append(step)
      }
    }
    #expect(steps == Array(schedule.steps.indices))
  }

  /// A compilation looks at so many steps only, however many a run has.
  @Test func longLoopsAreLookedAtInPart() throws {
    let graph = try Graph(
      parsing: """
        graph @long(
          weight %w: f32[4]) {
          %1 = repeat %w {carries = 1, count = 1000000, gradient = "full", gradient_parameter = 0} : f32[4] (%step: i32[], %2: f32[4]) {
            %3 = sine %2 : f32[4]
            yield %3
          }
          return "end" %1
        }
        """)
    let plan = try Compiler.plan(graph, CompilerOptions(workerCount: 1))
    #expect(try plan.runAbstractly(atMost: 1000) == 1000)
  }

  /// Sound graphs at the borders of what graphs may be: none of them is a fault.
  @Test(arguments: [
    // Stacks of one value twice, read back in another loop, and the step's number.
    """
    %1, %2, %3 = repeat %w {carries = 1, count = 3, gradient = "full", gradient_parameter = 0} : f32[4], f32[3, 4], f32[3, 4] (%step: i32[], %4: f32[4]) {
      %5 = sine %4 : f32[4]
      yield %5, %5, %5
    }
    %6 = repeat %w, %2, %3 {carries = 1, count = 3, gradient = "full", gradient_parameter = 0} : f32[4] (%step_2: i32[], %7: f32[4], %8: f32[4], %9: f32[4]) {
      %10 = convert %step_2 {element_type = f32} : f32[]
      %11 = broadcast %10 {axes = [], shape = [4]} : f32[4]
      %12 = add %8, %9 : f32[4]
      %13 = add %12, %11 : f32[4]
      %14 = add %13, %7 : f32[4]
      yield %14
    }
    return "end" %6
    return "end again" %6
    return "weight" %w
    """,
    // Truth values that are carried and exchanged, a byte each.
    """
    %1 = less %w, %w : bool[4]
    %2 = equal %w, %w : bool[4]
    %3, %4 = repeat %1, %2 {carries = 2, count = 3, gradient = "full", gradient_parameter = 0} : bool[4], bool[4] (%step: i32[], %5: bool[4], %6: bool[4]) {
      yield %6, %5
    }
    return "first" %3
    return "second" %4
    """,
    // Nothing at all, a million times.
    """
    %1 = slice %w {axis = 0, end = 0, start = 0} : f32[0]
    %2 = repeat %1 {carries = 1, count = 1000000, gradient = "full", gradient_parameter = 0} : f32[0] (%step: i32[], %3: f32[0]) {
      %4 = sine %3 : f32[0]
      yield %4
    }
    return "end" %2
    """,
    // Loops in loops, more iterations than anything could run.
    """
    %1 = repeat %w {carries = 1, count = 1000000, gradient = "full", gradient_parameter = 0} : f32[4] (%step: i32[], %2: f32[4]) {
      %3 = repeat %2 {carries = 1, count = 1000000, gradient = "full", gradient_parameter = 0} : f32[4] (%step_2: i32[], %4: f32[4]) {
        %5 = sine %4 : f32[4]
        yield %5
      }
      yield %3
    }
    return "end" %1
    """,
  ]) func soundGraphsAreNoFaults(_ body: String) throws {
    let graph = try Graph(parsing: "graph @sound(\n  weight %w: f32[4]) {\n\(body)\n}")
    for streams in [Configuration.smallestStreams, nil] {
      let options = CompilerOptions(workerCount: 2, target: .generated.streaming(streams))
      let plan = try Compiler.plan(graph, options)
      #expect(throws: Never.self) { try plan.runAbstractly(atMost: 10_000) }
      #expect(try Compiler.compile(graph, options).isNative)
    }
  }

  @Test func whatIsReadBeforeItIsWrittenIsNamed() throws {
    var plan = try Self.plan()
    plan.schedule.flow.events.swapAt(0, 1)
    #expect(Self.fault(plan)?.description == "planted: 'dot' reads 'dot' before anything has written it")
  }

  /// What a loop's body reads from its iteration before, other than its carries, is no value of this iteration.
  @Test func whatIsLeftFromTheIterationBeforeIsFound() throws {
    let task = try TinyRecursion.family.make(.init(preset: "nano", batch: 2, depth: 3))
    var plan = try Compiler.plan(task.model.traced(name: "t").graph.withGradients(), CompilerOptions(workerCount: 2))
    #expect(Self.fault(plan) == nil)
    var (found, swapped) = (0, 0)
    for index in plan.schedule.flow.events.indices.dropLast() {
      guard case .launch = plan.schedule.flow.events[index], case .launch = plan.schedule.flow.events[index + 1] else {
        continue
      }
      plan.schedule.flow.events.swapAt(index, index + 1)
      if Self.fault(plan) != nil { found += 1 }
      plan.schedule.flow.events.swapAt(index, index + 1)
      swapped += 1
    }
    #expect(found * 3 > swapped, "\(found) of \(swapped)")
  }

  @Test func aMapOfBytesIsAnArrayOfNumbers() {
    var random = CounterRandom(seed: 3)
    var (map, numbers) = (ByteMap(), [Int32](repeating: 0, count: 64))
    for _ in 0..<500 {
      let first = Int.random(in: 0..<64, using: &random)
      let range = first..<first + Int.random(in: 0...(64 - first), using: &random)
      let number = Int32.random(in: 0..<4, using: &random)
      map.fill(range, number)
      for byte in range { numbers[byte] = number }
      for byte in numbers.indices {
        #expect(map.first(byte..<byte + 1, otherThan: numbers[byte]) == nil)
        let other = numbers[byte...].first { $0 != numbers[byte] }
        #expect(map.first(byte..<64, otherThan: numbers[byte]) == other)
      }
    }
  }

  @Test(arguments: 0..<8) func declaredWritesAreTheBytesWritten(_ seed: Int) throws {
    let random = RandomProgram(seed: UInt64(seed))
    for streams in [Configuration.smallestStreams, nil] {
      let options = CompilerOptions(workerCount: 1 + seed % 3, target: .generated.streaming(streams))
      let plan = try Compiler.plan(random.graph.withGradients(), options)
      let program = try Compiler.program(plan.placedApart(redZone: 256), options)
      var left: [[Int: Int]] = []
      for pattern: UInt8 in [0xA5, 0x5A] {
        for (parameter, tensor) in zip(program.parameterNames, random.tensors) { try program.set(parameter, tensor) }
        let run = try #require(try ChangeWatch(program, pattern))
        #expect(run.undeclared.isEmpty, "seed \(seed): \(run.undeclared)")
        left.append(run.left)
      }
      let unwritten = Set(left[0].keys).intersection(left[1].keys)
      #expect(unwritten.isEmpty, "seed \(seed): \(unwritten.map { ($0, left[0][$0] ?? 0) })")
    }
  }
}

/// A run that compares memory before and after each launch.
private struct ChangeWatch {
  /// Launches with bytes that they change and do not declare.
  private(set) var undeclared: [String] = []
  /// Bytes that launches declare to write and leave as they were, by their place among all launches of the run: one byte
  /// each, with its step.
  private(set) var left: [Int: Int] = [:]
}

extension ChangeWatch {
  fileprivate init?(_ program: CompiledProgram, _ pattern: UInt8) throws {
    guard let executor = try program.executor() else { return nil }
    let plan = program.plan
    let memory = [executor.memory.step, executor.memory.persistent].map(UnsafeMutableRawBufferPointer.init(mutating:))
    var touches: [Int: [DataFlow.Touch]] = [:]
    for case .launch(let step, _, let found) in plan.schedule.flow.events { touches[step] = found }
    var iterations = Array(repeating: 0, count: plan.schedule.loopCount)
    var before: [Data] = []
    var (launch, undeclared, left) = (0, [String](), [Int: Int]())
    /// 1 for each byte of some touches, by memory.
    func marks(_ step: Int, _ isIncluded: (DataFlow.Touch) -> Bool) -> [ByteMap] {
      var marks = [ByteMap(), ByteMap()]
      for touch in touches[step] ?? [] where isIncluded(touch) {
        let base = plan.base(touch.place, iterations)
        for range in touch.elements() {
          marks[touch.place.isInArena ? 0 : 1].fill(touch.bytes(range, from: base), 1)
        }
      }
      return marks
    }
    /// Bytes that a launch must write: what data decides on is written in part.
    func forEachExact(_ step: Int, _ visit: (_ part: Int, _ byte: Int) -> Void) {
      let read = marks(step) { !$0.isWritten }
      for touch in touches[step] ?? [] where touch.isWritten && touch.pattern.walks != nil {
        let (base, part) = (plan.base(touch.place, iterations), touch.place.isInArena ? 0 : 1)
        for byte in touch.elements().flatMap({ touch.bytes($0, from: base) })
        where read[part].first(byte..<byte + 1, otherThan: 1) != nil { visit(part, byte) }
      }
    }
    executor.poison(pattern)
    executor.run { step in
      guard touches[step] != nil else { return }
      forEachExact(step) { memory[$0][$1] = pattern }
      before = memory.map { Data($0) }
    } after: { step in
      switch plan.schedule.steps[step] {
      case .loopBegin(let loop): iterations[loop.number] = loop.isReversed ? loop.count - 1 : 0
      case .loopEnd(let loop, _): iterations[loop.number] += loop.isReversed ? -1 : 1
      case .copy, .storeIteration: break
      case .call(let call):
        let declared = marks(step) { $0.isWritten }
        let label = plan.schedule.launches[call.launch].label
        for (part, bytes) in memory.enumerated() {
          forEachDifference(before[part], UnsafeRawBufferPointer(bytes)) { byte in
            guard declared[part].first(byte..<byte + 1, otherThan: 1) != nil else { return }
            undeclared.append("\(label) writes byte \(byte) of memory \(part)")
          }
        }
        forEachExact(step) { part, byte in
          if memory[part][byte] == pattern { left[(launch * 2 + part) << 32 + byte] = step }
        }
        launch += 1
      }
    }
    (self.undeclared, self.left) = (undeclared, left)
  }
}

private func forEachDifference(_ old: Data, _ new: UnsafeRawBufferPointer, _ visit: (Int) -> Void) {
  old.withUnsafeBytes { old in
    guard let first = old.baseAddress, let second = new.baseAddress else { return }
    for start in stride(from: 0, to: old.count, by: 64) {
      let block = start..<min(start + 64, old.count)
      if memcmp(first + start, second + start, block.count) == 0 { continue }
      for byte in block where old[byte] != new[byte] { visit(byte) }
    }
  }
}
