import Compilation
import Execution
import GraphIR
import Modeling
import TensorTypes
import TestSupport
import Testing

/// Zeros in place of a mask, an input or a weight would be an answer to another question.
@Suite struct UnsetParameterTests {
  /// `x w + m`, beside a state that begins at 0.
  private static func program(_ options: CompilerOptions = CompilerOptions(workerCount: 1)) throws -> CompiledProgram {
    let graph = try TracedModel(evaluating: "sum", over: WeightPaths(of: ())) { io in
      let (x, w) = (io("x", [2], .float32), io("w", [2], .float32))
      let count = io.state("count", [])
      count.next = count + 1
      return .tensors(["y": x * w + .values([1, 2] as [Float], [2])])
    }.graph
    return try Compiler.compile(graph, options)
  }

  private static func message(_ run: () throws -> Void) -> String {
    do { try run() } catch { return "\(error)" }
    return ""
  }

  @Test func everyWayOfRunningNeedsNumbers() throws {
    let program = try Self.program()
    let two = HostTensor([2], [1, 2] as [Float])
    func needs(_ names: String) {
      let needed = "needs numbers for every parameter that is no state, got none for \(names)"
      #expect(Self.message { try program.run() } == needed)
      #expect(Self.message { _ = try program.verify() } == needed)
      #expect(Self.message { try program.runTimed { _, _, _ in } } == needed)
      #expect(Self.message { try program.runPoisoned(0xFF) } == needed)
    }
    needs("x, w, values.0")
    try program.set("x", two)
    needs("w, values.0")
    try program.set("values.0", two)
    try program.set("w", two)
    try program.run()
    #expect(try program.result("y").floats == [2, 6])
  }

  /// What stands in the arena before a run, or when its memory was given back, is no result.
  @Test(arguments: [false, true]) func resultsAreThoseOfARun(_ isReference: Bool) throws {
    var options = CompilerOptions(workerCount: 1)
    if isReference { options.toolchain = nil }
    let program = try Self.program(options)
    let none =
      "sum has no such result any more: it was not run, the last run failed, or what held the result was given back or replaced"
    #expect(Self.message { _ = try program.result("y") } == none)
    for name in program.parameterNames where name != "count" {
      try program.set(name, HostTensor([2], [1, 2] as [Float]))
    }
    #expect(Self.message { _ = try program.result("y") } == none)
    try program.run()
    #expect(try program.result("y").floats == [2, 6])
    program.releaseArena()
    if program.isNative { #expect(Self.message { _ = try program.result("y") } == none) }
    try program.runPoisoned(0xFF)
    #expect(try program.result("y").floats == [2, 6])
    #expect(try program.result("next.count").floats == [2])
    // Where a result has replaced a parameter, another number for it is no result.
    try program.set("count", HostTensor([], [7 as Float]))
    #expect(Self.message { _ = try program.result("next.count") } == none)
    #expect(try program.result("y").floats == [2, 6])
    if try program.measureMemory() != nil { #expect(Self.message { _ = try program.result("y") } == none) }
  }

  @Test func manyNamesAreCutShort() {
    #expect(
      "\(ExecutionError.unset(["a", "b", "c", "d", "e", "f", "g"]))".hasSuffix("for a, b, c, d, e and 2 others"))
  }
}
