import TensorTypes
import Testing

@testable import Comparison

@Suite struct GradientFidelityTests {
  private func fidelity(_ a: [Float], _ b: [Float]) -> GradientFidelity {
    var fidelity = GradientFidelity()
    fidelity.add(HostTensor([a.count], a), HostTensor([b.count], b))
    return fidelity
  }

  @Test func cosinesOfZeros() {
    #expect(fidelity([0, 0], [-0.0, 0]).cosine == 1 && fidelity([0, 0], [-0.0, 0]).normRatio == 1)
    #expect(fidelity([0, 0], [1, 0]).cosine == 0 && fidelity([1, 0], [0, 0]).cosine == 0)
    #expect(fidelity([1, 2], [1, 2]).cosine == 1)
    #expect(abs(fidelity([1, 0], [1, 1]).cosine - 0.5.squareRoot()) < 1e-12)
  }
}
