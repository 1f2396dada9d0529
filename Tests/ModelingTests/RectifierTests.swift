import Recurve
import Testing

@Suite struct RectifierTests {
  struct Rectifier: Model {
    let x = Weight([5], .values([.nan, -1, -0.0, 0, 2]))
    func step(_ inputs: Inputs) -> Step {
      let y = relu(x.tensor)
      return Step(loss: y.sum(), metrics: [("rectified", y)])
    }
  }

  /// What is not positive becomes 0, which NaN is not; the slope at 0 is 0.
  @Test func rectifierLetsNaNThrough() throws {
    let traced = try Rectifier().traced(name: "rectifier")
    let program = try Compiler.compile(traced.graph.withGradients(), CompilerOptions(workerCount: 1))
    for (name, tensor) in traced.initialWeights(seed: 1) { try program.set(name, tensor) }
    try program.run()
    #expect(try program.result(at: 1).isIdentical(to: HostTensor([5], [Float](arrayLiteral: .nan, 0, 0, 0, 2))))
    #expect(try program.result(at: 2).isIdentical(to: HostTensor([5], [Float](arrayLiteral: 1, 0, 0, 0, 1))))
    #expect(try program.result(at: 0).doubles[0].isNaN)
  }
}
