import Recurve
import Testing

/// What a gradient keeps, where checkpoints stand and where values are laid together.
@Suite struct CheckpointTests {
  /// What a checkpoint reads beside weights.
  private enum Reads: CaseIterable { case inputs, weights, constants, computed }

  private struct Chain: Model {
    let first = Weight([16, 16], .normal(standardDeviation: 0.2))
    let second = Weight([16, 16], .normal(standardDeviation: 0.2))
    var hasCheckpoint: Bool
    var reads = Reads.inputs
    let start = Weight([64, 16], .normal(standardDeviation: 1))

    func step(_ inputs: Inputs) -> Step {
      let x = reads == .weights ? start.tensor : inputs("x", [64, 16])
      let scale: Tensor? =
        switch reads {
        case .constants: .values((1...16).map(Float.init), [16])
        case .computed: sigmoid(inputs("scale", [16]))
        case .inputs, .weights: nil
        }
      func body() -> Tensor {
        let h = matmul(sigmoid(matmul(x, first.tensor)), second.tensor)
        return tanh(scale.map { h * $0 } ?? h)
      }
      let y = hasCheckpoint ? checkpoint(body) : body()
      return Step(loss: (y * y).sum())
    }
  }

  private func residualBytes(_ model: Chain) throws -> Int {
    let traced = try model.traced(name: "chain")
    return try Compiler.plan(traced.graph.withGradients(), CompilerOptions(workerCount: 1)).graph.residualByteCount
  }

  /// Also where it reads nothing that the program computes.
  @Test(arguments: Reads.allCases) private func checkpointsOverInputsKeepLess(_ reads: Reads) throws {
    let plain = try residualBytes(Chain(hasCheckpoint: false, reads: reads))
    let cut = try residualBytes(Chain(hasCheckpoint: true, reads: reads))
    let scale = reads == .computed ? 64 : 0
    #expect(plain >= 2 * 64 * 16 * 4 + scale && cut == 64 * 16 * 4 + scale, "\(plain) \(cut)")
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
