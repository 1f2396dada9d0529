import Compilation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import Testing

/// What must not grow: stacks with long chains, programs with trip counts.
@Suite struct ScalingTests {
  /// `x <- sin(x) * x`, again and again.
  static func chain(_ count: Int) -> Graph {
    let builder = GraphBuilder(Graph(name: "chain"))
    var value = builder.graph.addParameter(TensorType(.float32, [64]), name: "x", role: .input)
    for _ in 0..<(count / 2) { value = builder.multiply(builder.emit1(.sine, value), value) }
    builder.graph.addResult(value, name: "y")
    return builder.graph
  }

  @Test func chainOfHundredThousandOperationsCompilesAndRuns() throws {
    let graph = Self.chain(100_000)
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
    let input = HostTensor(Shape([64]), (0..<64).map { 1 + Float($0) / 64 })
    try program.set("x", input)
    program.run()
    #expect(program.result(at: 0).isIdentical(to: ReferenceEvaluator.evaluate(graph, [input])[0]))
    #expect(program.plan.schedule.functions.count < 20)
  }
}
