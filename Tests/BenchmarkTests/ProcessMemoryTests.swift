import Recurve
import Testing

@testable import recurve_benchmark

@Suite(.serialized) struct ProcessMemoryTests {
  /// An arena that was given back costs nothing, and the next run is as the one before.
  @Test func releasedArenasComeBack() throws {
    let graph = try MemoryBoundKernel.softmax.graph(MemoryBoundSizes(rows: 4))
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
    for (name, type, _) in program.parameters { try program.set(name, HostTensor(type, repeating: 0)) }
    try program.run()
    let before = try program.result("y")
    #expect(before.floats.allSatisfy { $0 == 1.0 / 1024 })
    program.releaseArena()
    #expect(throws: ExecutionError.self, "pages given back hold no result") { try program.result("y") }
    try program.run()
    #expect(try program.result("y").isIdentical(to: before))
  }

  @Test func quietWindowsGiveTheMedian() throws {
    let builder = GraphBuilder(Graph(name: "one"))
    builder.graph.addResult(builder.constant(1, TensorType(.float32, [4])), name: "y")
    let program = try Compiler.compile(builder.graph, CompilerOptions(workerCount: 1))
    var calls = 0
    let windows = TimedWindows(program, seconds: 0, fewest: 4) { calls += 1 }
    #expect(calls == 4 && windows.times.count == 4 && windows.least <= windows.median)
  }
}
