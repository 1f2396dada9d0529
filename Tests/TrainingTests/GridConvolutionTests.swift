import Recurve
import Testing

@testable import TinyRecursion

/// A cell hears from its neighbours alone, a register from all.
@Suite struct GridConvolutionTests {
  private struct Layers {
    let convolution: GridConvolution
  }

  /// Which of the 1 + 9 positions change when one cell does.
  private static func hearers(of cell: Int) throws -> [Int] {
    var sizes = TinyRecursion.Sizes(batch: 1, side: 3, width: 4, heads: 1, inner: 4, registers: 1)
    sizes.variant = .convolution
    let layers = Layers(convolution: GridConvolution(sizes))
    let program = try ParameterStore(layers, seed: 2).program("convolution") { io in
      ["y": layers.convolution(io("x", ["B": 1, "L": 10, "D": 4]))]
    }
    func output(_ value: Float) throws -> [Float] {
      var x = (0..<40).map { Float($0 % 7) }
      x[4 * (1 + cell)] = value
      return try program(["x": HostTensor([1, 10, 4], x)])["y"]?.floats ?? []
    }
    let (first, second) = (try output(1), try output(2))
    return (0..<10).filter { position in (0..<4).contains { first[4 * position + $0] != second[4 * position + $0] } }
  }

  @Test func neighboursHear() throws {
    #expect(try Self.hearers(of: 0) == [0, 1, 2, 4, 5])
    #expect(try Self.hearers(of: 4) == Array(0..<10))
    #expect(try Self.hearers(of: 5) == [0, 2, 3, 5, 6, 8, 9])
  }

  /// The whole model is differentiated, whatever lies between the cells.
  @Test func modelsTrainWithIt() throws {
    let task = try TinyRecursion.family.make(
      ModelOptions(preset: "maze", variant: "convolution", batch: 2, depth: 1, seed: 1))
    let session = try TrainingSession(task, optimizer: .adamATan2(), seed: 1, CompilerOptions(workerCount: 1))
    let losses = try (0..<3).map { _ in try session.step(learningRate: 1e-3)["loss"]?.floats[0] ?? .nan }
    #expect(losses.allSatisfy(\.isFinite) && losses[2] < losses[0] && session.disconnectedWeights.isEmpty)
  }
}
