import Compilation
import Differentiation
import GraphIR
import KernelIR
import MemoryPlanning
import Operators
import Scheduling
import TensorTypes
import TestSupport
import Testing
import TinyRecursion

/// Planted faults of the compiler are found where the run shows them, and named.
@Suite struct VerificationTests {
  private static let options = CompilerOptions(workerCount: 2)

  /// Several kernels with values that live for long: y = sum of tanh, sine and cosine of three products.
  private static func program(_ plant: (inout CompilationPlan) -> Void) throws -> CompiledProgram {
    let builder = GraphBuilder(Graph(name: "planted"))
    let type = TensorType(.float32, [48, 48])
    let p = ["a", "b", "c"].map { builder.graph.addParameter(type, name: $0, role: .input) }
    let axes = DotAxes(leftInner: [1], rightInner: [0])
    let first = builder.dot(p[0], p[1], axes), second = builder.dot(first, p[2], axes)
    let third = builder.dot(second, p[0], axes)
    builder.graph.addResult(builder.add(first, builder.emit1(.sine, third)), name: "y")
    var plan = try Compiler.plan(builder.graph, Self.options)
    plant(&plan)
    let program = try Compiler.program(plan, Self.options)
    for (index, name) in ["a", "b", "c"].enumerated() {
      try program.set(name, SampleTensors.tensor(type, .uniform(-1, 1), seed: UInt64(index)))
    }
    return program
  }

  private static func fault(_ plant: (inout CompilationPlan) -> Void) throws -> VerificationError.Fault? {
    let program = try program(plant)
    do {
      _ = try program.verify()
      return nil
    } catch let error as VerificationError { return error.fault }
  }

  @Test func aSoundProgramPasses() throws {
    let program = try Self.program { _ in }
    let report = try program.verify()
    #expect(report.comparisons > 10 && report.redZones > 5 && report.extraByteCount > 5 * 48 * 48 * 4)
    let y = try program.result("y")
    try program.run()
    #expect(try program.result("y").isIdentical(to: y))
  }

  /// The first product is read at the end; its plan believes that it dies after the second.
  @Test func aLifetimeThatEndsTooEarlyIsNamed() throws {
    let fault = try Self.fault { plan in
      let long = plan.schedule.problem.buffers.indices.max { first, second in
        let (a, b) = (plan.schedule.problem.buffers[first], plan.schedule.problem.buffers[second])
        return (a.intervals.last?.upperBound ?? 0) - (a.intervals.first?.lowerBound ?? 0)
          < (b.intervals.last?.upperBound ?? 0) - (b.intervals.first?.lowerBound ?? 0)
      }!
      let start = plan.schedule.problem.buffers[long].intervals[0].lowerBound
      plan.schedule.problem.buffers[long].intervals = [start..<start + 2]
      plan.memory = Self.options.planner.plan(plan.schedule.problem)
    }
    guard case .lost(let value, let writer, let clobberer, let reader)? = fault else {
      Issue.record("found \(String(describing: fault))")
      return
    }
    #expect(value.contains("dot") && writer.contains("dot") && clobberer.contains("dot"))
    #expect(reader.contains("add"))
  }

  /// Every buffer that is live beside another is moved onto it.
  @Test func buffersThatShareBytesAreFound() throws {
    let count = try Self.program { _ in }.plan.schedule.problem.buffers.count
    var found = 0
    for first in 0..<count {
      for second in 0..<count where first != second {
        var areLiveTogether = false
        let fault = try Self.fault { plan in
          let (a, b) = (plan.schedule.problem.buffers[first], plan.schedule.problem.buffers[second])
          areLiveTogether =
            a.byteCount == b.byteCount && a.intervals.contains { x in b.intervals.contains { x.overlaps($0) } }
          if areLiveTogether { plan.memory.offsets[first] = plan.memory.offsets[second] }
        }
        #expect((fault != nil) == areLiveTogether, "\(first) onto \(second): \(String(describing: fault))")
        if areLiveTogether { found += 1 }
      }
    }
    #expect(found > 0)
  }

  /// The sum stores its elements so many places too far.
  private static func displace(_ plan: inout CompilationPlan, by elements: Int) {
    for (index, function) in plan.schedule.functions.enumerated() {
      guard case .nest(var kernel) = function else { continue }
      kernel.stages = kernel.stages.map { stage in
        guard case .columns(let statements) = stage else { return stage }
        return .columns(
          statements.map { statement in
            guard case .store(let buffer, var affine, let value) = statement else { return statement }
            affine.constant += elements
            return .store(buffer, affine, value)
          })
      }
      plan.schedule.functions[index] = .nest(kernel)
    }
  }

  @Test func aKernelThatWritesBehindItsBufferIsNamed() throws {
    let fault = try Self.fault { Self.displace(&$0, by: 1) }
    guard case .wroteOutside(let operation, let byteCount, let place)? = fault else {
      Issue.record("found \(String(describing: fault))")
      return
    }
    #expect(operation.contains("add") && byteCount == 0 && place.contains("behind the end of"))
  }

  /// Far enough to leap over the red zone, into another buffer.
  @Test func aKernelThatWritesFarAwayIsNamed() throws {
    let fault = try Self.fault { Self.displace(&$0, by: -48 * 48 - 64) }
    guard case .lost(_, _, let clobberer, _)? = fault else {
      Issue.record("found \(String(describing: fault))")
      return
    }
    #expect(clobberer.contains("add"))
  }

  @Test(arguments: [GradientMode.full, .checkpointed(every: 1), .revolve(slots: 1), .last(1)])
  func trainingStepsPass(_ mode: GradientMode) throws {
    let task = try TinyRecursion.family.make(.init(preset: "nano", batch: 2, depth: 3, gradient: mode))
    let traced = try task.model.traced(name: "tiny-recursion")
    let program = try Compiler.compile(traced.graph.withGradients(), Self.options)
    for (name, tensor) in traced.initialWeights(seed: 3) { try program.set(name, tensor) }
    for (name, tensor) in try task.freshInputs(0) { try program.set(name, tensor) }
    let report = try program.verify()
    #expect(report.steps > 100 && report.comparisons > 100)
  }

  @Test(arguments: 0..<6) func randomProgramsPass(_ seed: Int) throws {
    let random = RandomProgram(seed: UInt64(seed))
    for streams in [StreamLimits(), nil] {
      let program = try Compiler.compile(
        random.graph.withGradients(), CompilerOptions(workerCount: 1 + seed % 3, target: .generated.streaming(streams)))
      for (parameter, tensor) in zip(program.parameterNames, random.tensors) { try program.set(parameter, tensor) }
      _ = try program.verify()
    }
  }
}
