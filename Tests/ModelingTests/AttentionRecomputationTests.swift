import Recurve
import Testing

/// Attention whose gradient computes the weights of positions again.
@Suite struct AttentionRecomputationTests {
  private struct Attention: Model {
    let attention: SelfAttention
    init(_ recomputes: Bool) {
      attention = SelfAttention(
        width: 32, heads: 4, reach: .causal, dropoutRate: 0.25, recomputesWeights: recomputes)
    }
    func step(_ inputs: Inputs) -> Step {
      let mixed = attention(inputs("x", [4, 64, 32]), rotating: RotaryPositions(size: 8))
      return Step(loss: (mixed * mixed).mean())
    }
  }

  /// The same bits, dropout's draws among them, in less memory: no `[B, H, L, L]` lives until the gradient.
  @Test func recomputedWeightsGiveTheSameBits() throws {
    let x = HostTensor([4, 64, 32], (0..<4 * 64 * 32).map { Float($0 % 23) / 11 - 1 })
    let found = try [false, true].map { recomputes in
      let trainer = try Trainer(
        Attention(recomputes), optimizer: .gradientDescent(), learningRate: 1, seed: 3, CompilerOptions(workerCount: 1))
      let losses = try (0..<3).map { _ in try trainer.step(["x": x])["loss"] }
      return (losses: losses, weights: trainer.weights, residuals: trainer.program.plan.graph.residualByteCount)
    }
    #expect(found[0].losses == found[1].losses && found[0].weights == found[1].weights)
    #expect(found[0].residuals - found[1].residuals >= 4 * 4 * 64 * 64 * 4)
  }
}
