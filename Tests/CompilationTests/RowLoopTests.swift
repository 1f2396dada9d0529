import Compilation
import Differentiation
import Fuzzing
import GraphIR
import KernelIR
import Operators
import Scheduling
import TensorTypes
import TestSupport
import Testing

@testable import Execution

/// Loops whose rows go through all iterations by themselves: which they are, and that they give the reference's bits.
@Suite struct RowLoopTests {
  /// A program of a loop, its body as text, over `[12, 2, 4]` numbers of a carry and of each of five slices.
  private static func graph(_ body: String) throws -> Graph {
    try Graph(
      parsing: """
        graph @loop(weight %h: f32[12, 2, 4], weight %x: f32[5, 12, 2, 4]) {
          %0, %1 = repeat %h, %x {carries = 1, count = 5} : f32[12, 2, 4], f32[5, 12, 2, 4] (%i: i32[], %carry: f32[12, 2, 4], %slice: f32[12, 2, 4]) {
        \(body)
            yield %next, %next
          }
          %2 = sum %1 {axes = [0, 1, 2, 3]} : f32[]
          return "loss" %2
          return "h" %0
        }
        """)
  }

  private static let tensors = [[12, 2, 4], [5, 12, 2, 4]].enumerated().map { index, extents in
    SampleTensors.tensor(TensorType(.float32, Shape(extents)), .uniform(-1, 1), seed: UInt64(index))
  }

  private static func loops(_ graph: Graph, workerCount: Int = 2) throws -> [Step.Loop] {
    let options = Configuration(workerCount: workerCount, streams: .smallest, hasLowThresholds: true).options
    let plan = try Compiler.plan(graph, options)
    return plan.schedule.steps.compactMap { if case .loopBegin(let loop) = $0 { loop } else { nil } }
  }

  /// Bodies, and the rows of their loops; nil where iterations mix rows, or all workers would share one number.
  private static let bodies: [(String, Int?)] = [
    // Elements.
    ("    %next = add %carry, %slice : f32[12, 2, 4]", 96),
    // Sums over the last axis, of which each row has its own.
    (
      """
          %s = sum %carry {axes = [2]} : f32[12, 2]
          %b = broadcast %s {axes = [0, 1], shape = [12, 2, 4]} : f32[12, 2, 4]
          %next = multiply %b, %slice : f32[12, 2, 4]
      """, 24
    ),
    // Sums over the axis before.
    (
      """
          %m = multiply %carry, %slice : f32[12, 2, 4]
          %s = sum %m {axes = [1]} : f32[12, 4]
          %b = broadcast %s {axes = [0, 2], shape = [12, 2, 4]} : f32[12, 2, 4]
          %next = add %b, %slice : f32[12, 2, 4]
      """, 12
    ),
    // A matrix for each.
    (
      """
          %s = dot %slice, %slice {left_batch = [0], left_inner = [1], right_batch = [0], right_inner = [1]} : f32[12, 4, 4]
          %t = dot %carry, %s {left_batch = [0], left_inner = [2], right_batch = [0], right_inner = [1]} : f32[12, 2, 4]
          %next = sine %t : f32[12, 2, 4]
      """, 12
    ),
    // Sums over the rows themselves.
    (
      """
          %s = sum %carry {axes = [0]} : f32[2, 4]
          %b = broadcast %s {axes = [1, 2], shape = [12, 2, 4]} : f32[12, 2, 4]
          %next = add %b, %slice : f32[12, 2, 4]
      """, nil
    ),
    // Rows that come from others.
    (
      """
          %t = transpose %carry {permutation = [0, 2, 1]} : f32[12, 4, 2]
          %r = reshape %t {shape = [12, 2, 4]} : f32[12, 2, 4]
          %next = add %r, %slice : f32[12, 2, 4]
      """, 12
    ),
    (
      """
          %a = slice %carry {axis = 0, end = 12, start = 6} : f32[6, 2, 4]
          %b = slice %carry {axis = 0, end = 6, start = 0} : f32[6, 2, 4]
          %c = concatenate %a, %b {axis = 0} : f32[12, 2, 4]
          %next = add %c, %slice : f32[12, 2, 4]
      """, nil
    ),
    // The number of the iteration.
    (
      """
          %n = convert %i {element_type = f32} : f32[]
          %b = broadcast %n {axes = [], shape = [12, 2, 4]} : f32[12, 2, 4]
          %next = multiply %carry, %b : f32[12, 2, 4]
      """, nil
    ),
  ]

  @Test(arguments: bodies.indices) func rowsAreFound(_ index: Int) throws {
    let (body, rows) = Self.bodies[index]
    let graph = try Self.graph(body)
    #expect(try Self.loops(graph).map { $0.rows?.count } == [rows])
    let gradient = try graph.withGradients()
    for workerCount in [1, 2, 3, 5] {
      for (number, program) in [graph, gradient].enumerated() {
        let check = Fuzzing.ProgramCheck(program, Self.tensors)
        for streams in Configuration.Streams.allCases {
          let found = try check.problems(
            Configuration(workerCount: workerCount, streams: streams, hasLowThresholds: true, isWatched: true))
          #expect(found.isEmpty, "\(workerCount) workers, \(streams), \(number): \(found)")
        }
      }
    }
  }

  /// States that pass without being computed, swap, or come from outside are copied row by row.
  @Test(arguments: [
    ("%b, %a", "%c"), ("%a, %c", "%b"), ("%c, %c", "%a"), ("%c, %x", "%x"), ("%x, %c", "%a"),
  ]) func copiesGoByRows(_ carries: String, _ output: String) throws {
    let graph = try Graph(
      parsing: """
        graph @loop(weight %h: f32[12, 4], weight %g: f32[12, 4], weight %s: f32[5, 12, 4]) {
          %0, %1, %2 = repeat %h, %g, %s {carries = 2, count = 5} : f32[12, 4], f32[12, 4], f32[5, 12, 4] (%i: i32[], %a: f32[12, 4], %b: f32[12, 4], %x: f32[12, 4]) {
            %m = multiply %a, %b : f32[12, 4]
            %c = add %m, %x : f32[12, 4]
            yield \(carries), \(output)
          }
          %3 = multiply %0, %1 : f32[12, 4]
          %4 = sum %2 {axes = [0]} : f32[12, 4]
          %5 = add %3, %4 : f32[12, 4]
          %6 = sum %5 {axes = [0, 1]} : f32[]
          return "loss" %6
        }
        """)
    let tensors = [[12, 4], [12, 4], [5, 12, 4]].enumerated().map { index, extents in
      SampleTensors.tensor(TensorType(.float32, Shape(extents)), .uniform(-1, 1), seed: UInt64(index))
    }
    for (program, workerCount) in [(graph, 2), (graph, 3), (try graph.withGradients(), 2)] {
      let found = try Fuzzing.ProgramCheck(program, tensors).problems(
        Configuration(workerCount: workerCount, streams: .smallest, hasLowThresholds: true, isWatched: true))
      #expect(found.isEmpty, "\(found)")
    }
  }

  /// However many iterations memory asks for, none among them.
  @Test(arguments: [0, 1, 3, 5]) func countsMayBeComputed(_ count: Int32) throws {
    let graph = try Graph(
      parsing: """
        graph @loop(input %h: f32[12, 4], input %n: i32[]) {
          %0 = repeat %h, %n {bounded = true, carries = 1, count = 5} : f32[12, 4] (%i: i32[], %a: f32[12, 4]) {
            %m = multiply %a, %a : f32[12, 4]
            %c = add %m, %a : f32[12, 4]
            yield %c
          }
          return "h" %0
        }
        """)
    let tensors = [
      SampleTensors.tensor(TensorType(.float32, [12, 4]), .uniform(-1, 1), seed: 1), HostTensor(.scalar, [count]),
    ]
    #expect(try Self.loops(graph).map { $0.rows?.count } == [48])
    let found = try Fuzzing.ProgramCheck(graph, tensors).problems(
      Configuration(workerCount: 2, streams: .smallest, hasLowThresholds: true, isWatched: true))
    #expect(found.isEmpty, "\(found)")
  }

  /// A clock sees every iteration, of which none takes longer than the others.
  @Test func iterationsAreObserved() throws {
    let graph = try Self.graph(Self.bodies[1].0)
    let program = try Compiler.compile(
      graph, Configuration(workerCount: 2, streams: .smallest, hasLowThresholds: true).options)
    for (name, tensor) in zip(["h", "x"], Self.tensors) { try program.set(name, tensor) }
    var (seconds, ends) = ([Double](), 0)
    let steps = program.plan.schedule.steps
    try program.runTimed { step, start, duration in
      switch steps[step] {
      case .call
      where step > 0 && steps[..<step].contains { if case .loopBegin = $0 { true } else { false } } && ends < 5:
        seconds.append(duration)
      case .loopEnd: ends += 1
      default: break
      }
    }
    #expect(ends == 5 && seconds.count == 5 && Set(seconds).count == 1)
  }

  /// Where a count was found, which no iteration reads, there may be something else when the loop ends.
  @Test func countsAreReadOnce() throws {
    let graph = try Graph(
      parsing: """
        graph @loop(input %h: f32[12, 4], input %n: i32[]) {
          %one = constant {element_type = i32, shape = [], value = 1.0} : i32[]
          %m = add %n, %one : i32[]
          %0 = repeat %h, %m {bounded = true, carries = 1, count = 5} : f32[12, 4] (%i: i32[], %a: f32[12, 4]) {
            %s = sum %a {axes = [1]} : f32[12]
            %b = broadcast %s {axes = [0], shape = [12, 4]} : f32[12, 4]
            %c = add %b, %a : f32[12, 4]
            yield %c
          }
          return "h" %0
        }
        """)
    let program = try Compiler.compile(
      graph, Configuration(workerCount: 2, streams: .smallest, hasLowThresholds: true).options)
    try program.set("h", SampleTensors.tensor(TensorType(.float32, [12, 4]), .uniform(-1, 1), seed: 1))
    try program.set("n", HostTensor(.scalar, [2 as Int32]))
    var ends = 0
    try program.runTimed { step, _, _ in if case .loopEnd = program.plan.schedule.steps[step] { ends += 1 } }
    #expect(ends == 3)
  }

  /// Whoever says that rows of a transposed matrix are apart is found out before a kernel runs.
  @Test func mixedRowsAreFound() throws {
    let graph = try Self.graph(Self.bodies[4].0)
    var plan = try Compiler.plan(
      graph, Configuration(workerCount: 2, streams: .smallest, hasLowThresholds: true).options)
    try plan.runAbstractly()
    for (index, step) in plan.schedule.steps.enumerated() {
      guard case .loopBegin(var loop) = step else { continue }
      loop.rows = .init(count: 12, panelRows: 1, shares: 12)
      plan.schedule.steps[index] = .loopBegin(loop)
    }
    let error = #expect(throws: VerificationError.self) { try plan.runAbstractly() }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("than its own, in a loop without waiting"))
  }
}
