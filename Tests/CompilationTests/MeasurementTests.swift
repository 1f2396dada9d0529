import Compilation
import Differentiation
import GraphIR
import Modeling
import Operators
import TensorTypes
import TestSupport
import Testing
import TinyRecursion

/// The plan's size is the highest address that a run writes, for every gradient mode, however many workers there are.
@Suite struct MeasurementTests {
  private static let modes: [GradientMode] = [.full, .checkpointed(every: 1), .revolve(slots: 1), .last(1), .none]

  private static func step(
    _ variant: String, _ mode: GradientMode, preset: String = "nano"
  ) throws -> (task: TinyRecursionTask, traced: TracedModel, graph: Graph) {
    let task = try TinyRecursionTask(
      .init(preset: preset, variant: variant, batch: 4, depth: 3, gradient: mode))
    let traced = try task.model.traced(name: "tiny-recursion")
    return (task, traced, mode == .none ? traced.graph : try traced.graph.withGradients())
  }

  private static func program(_ variant: String, _ mode: GradientMode, workers: Int) throws -> CompiledProgram {
    let (task, traced, graph) = try step(variant, mode)
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: workers))
    for (name, tensor) in traced.initialWeights(seed: 3) { try program.set(name, tensor) }
    for (name, tensor) in try task.freshInputs(0) { try program.set(name, tensor) }
    return program
  }

  @Test(arguments: modes, [1, 2]) func plannedIsTheHighestAddressWritten(_ mode: GradientMode, _ workers: Int) throws {
    for variant in ["attention", "mixer"] {
      let program = try Self.program(variant, mode, workers: workers)
      let memory = try #require(try program.measureMemory())
      let planned = program.plan.memory.arenaByteCount
      #expect(memory.highestByteCount == planned, "\(variant)")
      #expect(memory.writtenByteCount <= planned && memory.writtenByteCount > planned / 2, "\(variant)")
      let counts = try #require(memory.buffers)
      for (buffer, count) in zip(program.plan.schedule.problem.buffers, counts) {
        // Scratch may be written in part, values are whole.
        if !buffer.name.contains("scratch") { #expect(count == buffer.byteCount, "\(variant): \(buffer.name)") }
        #expect(count > 0 || buffer.byteCount == 0, "\(variant): \(buffer.name)")
      }
    }
  }

  /// Scratch grows with the number of workers; what values need does not, where the same launches are shared.
  @Test(arguments: modes) func valuesNeedTheSameForAnyNumberOfWorkers(_ mode: GradientMode) throws {
    let graph = try Self.step("mixer", mode, preset: "micro").graph
    let schedules = try [1, 2, 4].map { try Compiler.plan(graph, CompilerOptions(workerCount: $0)).schedule }
    let values = schedules.map(\.valueByteCount)
    let scratch = schedules.map { schedule in
      schedule.problem.buffers.filter { $0.name.hasSuffix("scratch") }.reduce(0) { $0 + $1.byteCount }
    }
    #expect(Set(values).count == 1, "\(values)")
    #expect(mode == .none || scratch[1] < scratch[2], "\(scratch)")
  }

  /// A step index is a value, scratch and panels are none; together they are what is alive at the peak.
  @Test(arguments: modes, ["attention", "mixer"]) func bytesAtThePeakAreToldApart(
    _ mode: GradientMode, _ variant: String
  ) throws {
    let schedule = try Compiler.plan(Self.step(variant, mode).graph, CompilerOptions(workerCount: 2)).schedule
    let problem = schedule.problem
    for (description, buffer) in zip(schedule.buffers, problem.buffers) {
      let isOther = buffer.name.hasSuffix("scratch") || buffer.name.hasSuffix("in panels")
      #expect(description.isScratchOrPanels == isOther, "\(buffer.name)")
    }
    let values = problem.liveBuffers(at: problem.peakPosition).filter { !schedule.buffers[$0.id].isScratchOrPanels }
    let valueBytes = values.reduce(0) { $0 + $1.byteCount }
    #expect(valueBytes + schedule.scratchAndPanelByteCount == problem.lowerBoundByteCount)
    #expect(valueBytes <= schedule.valueByteCount && schedule.valueByteCount <= problem.lowerBoundByteCount)
  }

  /// Parameters keep their values, also those that a run updates.
  @Test func measuringChangesNothing() throws {
    let builder = GraphBuilder(Graph(name: "counter"))
    let state = builder.graph.addParameter(TensorType(.float32, [64]), name: "state", role: .state)
    builder.graph.addResult(builder.add(state, builder.add(state, state)), name: "next")
    builder.graph.resultRoles[0].updatedParameter = 0
    let program = try Compiler.compile(builder.graph, CompilerOptions(workerCount: 1))
    try program.set("state", HostTensor([64], [Float](repeating: 1, count: 64)))
    _ = try program.measureMemory()
    #expect(try program.parameter("state").floats == [Float](repeating: 1, count: 64))
    try program.run()
    #expect(try program.parameter("state").floats == [Float](repeating: 3, count: 64))
  }

  @Test func parametersAreFoundByName() throws {
    let builder = GraphBuilder(Graph(name: "names"))
    let type = TensorType(.float32, [4])
    let x = builder.graph.addParameter(type, name: "x", role: .input)
    let y = builder.graph.addParameter(type, name: "y", role: .input)
    builder.graph.addResult(builder.add(x, builder.add(x, y)), name: "sum")
    let program = try Compiler.compile(builder.graph, CompilerOptions(workerCount: 1))
    try program.set("y", HostTensor(type, repeating: 10))
    try program.set("x", HostTensor(type, repeating: 1))
    try program.run()
    #expect(try program.result("sum").floats == [Float](repeating: 12, count: 4))
    let unknown = try #require(throws: (any Error).self) { try program.set("z", HostTensor(type, repeating: 0)) }
    #expect("\(unknown)" == "no parameter is called 'z'; there are x, y")
  }
}
