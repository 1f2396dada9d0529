import Recurve
import Testing

/// What a gradient keeps, where checkpoints stand and where values are laid together.
@Suite struct CheckpointTests {
  private struct Chain: Model {
    let first = Weight([16, 16], .normal(standardDeviation: 0.2))
    let second = Weight([16, 16], .normal(standardDeviation: 0.2))
    var hasCheckpoint: Bool
    /// Whether what the checkpoint reads is a weight as well.
    var readsWeights = false
    let start = Weight([64, 16], .normal(standardDeviation: 1))

    func step(_ inputs: Inputs) -> Step {
      let x = readsWeights ? start.tensor : inputs("x", [64, 16])
      func body() -> Tensor { tanh(matmul(sigmoid(matmul(x, first.tensor)), second.tensor)) }
      let y = hasCheckpoint ? checkpoint(body) : body()
      return Step(loss: (y * y).sum())
    }
  }

  private func residualBytes(_ model: Chain) throws -> Int {
    let traced = try model.traced(name: "chain")
    return try Compiler.plan(traced.graph.withGradients(), CompilerOptions(workerCount: 1)).graph.residualByteCount
  }

  /// Also where it reads nothing that the program computes.
  @Test(arguments: [false, true]) func checkpointsOverInputsKeepLess(_ readsWeights: Bool) throws {
    let plain = try residualBytes(Chain(hasCheckpoint: false, readsWeights: readsWeights))
    let cut = try residualBytes(Chain(hasCheckpoint: true, readsWeights: readsWeights))
    #expect(plain == 2 * 64 * 16 * 4 && cut == 64 * 16 * 4, "\(plain) \(cut)")
  }

  private struct Joined: Model {
    let weight = Weight([16, 4], .normal(standardDeviation: 0.2))

    func step(_ inputs: Inputs) -> Step {
      let parts = (0..<2).map { sigmoid(inputs("x\($0)", [8, 8])) }
      return Step(loss: tanh(matmul(concatenate(parts, axis: 1), weight.tensor)).sum())
    }
  }

  @Test func concatenationsCountAsAllThatTheyMove() throws {
    let traced = try Joined().traced(name: "joined")
    let plan = try Compiler.plan(traced.graph.withGradients(), CompilerOptions(workerCount: 1))
    #expect(plan.graph.residualByteCount == (2 * 64 + 32) * 4)
  }
}
