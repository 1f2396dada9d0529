import Recurve
import Testing

/// What rotary embeddings promise of scores between rotated vectors.
@Suite struct RotaryEmbeddingTests {
  private static let numbers: [Float] = [0.5, -1, 2, 0.25, 1, -0.5, 0.75, -2]

  private struct Layers {
    let rotary: RotaryEmbedding
  }

  /// Inner products `[L, L]` of one vector, rotated to each position.
  private static func scores(_ rotary: RotaryEmbedding, length: Int) throws -> [Double] {
    let layers = Layers(rotary: rotary)
    let program = try ParameterStore(layers).program("scores") { io in
      let vector = io("vector", [1, 1, 1, 8]).repeated(to: Shape([1, length, 1, 8]))
      let rotated = layers.rotary(vector).reshaped(to: Shape([length, 8]))
      return ["scores": dot(rotated, rotated, DotAxes(leftInner: [1], rightInner: [1]))]
    }
    return try program(["vector": HostTensor([1, 1, 1, 8], numbers)])["scores"]?.doubles ?? []
  }

  /// A score is that of any two positions equally far apart along both axes, and of no others.
  @Test func scoresOnAGridDependOnDistancesAlongEachAxis() throws {
    let places = [[0, 0], [0, 1], [1, 0], [2, 3], [2, 4], [3, 3]]
    let scores = try Self.scores(RotaryEmbedding(coordinates: places, size: 8), length: 6)
    func score(_ first: Int, _ second: Int) -> Double { scores[first * 6 + second] }
    #expect(abs(score(0, 1) - score(3, 4)) < 1e-5, "a step right")
    #expect(abs(score(0, 2) - score(3, 5)) < 1e-5, "a step down")
    #expect(abs(score(0, 1) - score(0, 2)) > 1e-3, "the axes differ")
    #expect(abs(score(0, 0) - score(5, 5)) < 1e-5)
  }

  @Test func oneCoordinateIsASequence() throws {
    let line = RotaryEmbedding(coordinates: [[0], [1], [2]], size: 8, theta: 10_000)
    let sequence = RotaryEmbedding(length: 3, size: 8)
    #expect(try Self.scores(line, length: 3) == Self.scores(sequence, length: 3))
  }
}
