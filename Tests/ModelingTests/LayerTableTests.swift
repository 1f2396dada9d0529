import Recurve
import Testing

/// Numbers that layers derive from their sizes: what they cannot be made of is told before any is made.
@Suite struct LayerTableTests {
  private static let file = "ModelingTests/LayerTableTests.swift"

  private func message(_ build: @escaping @Sendable (Inputs) -> Tensor) -> String { DraftedModel.message(build) }

  private struct Attending: Model {
    let layer: SelfAttention
    let function: @Sendable (SelfAttention, Inputs) -> Tensor

    func step(_ inputs: Inputs) -> Step { Step(loss: function(layer, inputs).sum()) }
  }

  private func message(
    _ reach: SelfAttention.Reach, _ function: @escaping @Sendable (SelfAttention, Inputs) -> Tensor
  ) -> String {
    DraftedModel.message(of: Attending(layer: SelfAttention(width: 4, heads: 2, reach: reach), function: function))
  }

  @Test func masksAreNoLargerThanMemory() {
    let line = #line + 1
    let long = message(.causal) { $0($1("x", [1, 65_536, 4]), rotating: nil) }
    #expect(
      long.contains(
        "\(Self.file):\(line): attention.3: needs a mask of at most 2^28 numbers, got [65536, 65536]"), "\(long)")
    let cached = message(.all) { layer, io in
      let cache = KeyValueCache(io, capacity: 100_000)
      return layer(io("x", [1, 1, 4]), rotating: nil, cache: cache.layer("a"))
    }
    #expect(
      cached.contains("attention.3: needs a mask of at most 2^28 numbers, got [100000, 100000]"), "\(cached)")
  }

  @Test func positionsAreNoMoreThanMemoryHolds() {
    let needed = "needs a table of positions of at most 2^28 numbers, got [1099511627776, 8]"
    let most = 1 << 40
    #expect(message { _ in sinusoidalPositions(length: most, width: 8) }.contains("positions.4: \(needed)"))
    let rotary = RotaryPositions(size: 8)
    #expect(
      message { rotary($0("x", [1, 2, 1, 8]), from: $0("place", [], .int32), of: most) }.contains("rotary.3: \(needed)")
    )
    let embedding = RotaryEmbedding(length: most, size: 8)
    #expect(message { embedding($0("x", [1, 2, 1, 8])) }.contains("a rotary embedding \(needed)"))
  }

  @Test(arguments: [0, -1, -.infinity, .infinity, .nan] as [Double]) func anglesAreNumbers(_ theta: Double) {
    let needed = "a finite theta above 0, got \(theta)"
    let (rotary, embedding) = (
      RotaryPositions(size: 8, theta: theta), RotaryEmbedding(length: 2, size: 8, theta: theta)
    )
    #expect(message { rotary($0("x", [1, 2, 1, 8])) }.contains("rotary positions need \(needed)"))
    #expect(message { embedding($0("x", [1, 2, 1, 8])) }.contains("a rotary embedding needs \(needed)"))
    #expect(
      message { _ in sinusoidalPositions(length: 2, width: 8, theta: theta) }.contains("positions.3: needs \(needed)"))
  }

  /// Each of its own numbers, and once whoever asks.
  @Test func tablesAreSharedWhereTheyAreTheSame() throws {
    let (first, again) = (RotaryPositions(size: 4), RotaryPositions(size: 4))
    let finer = RotaryPositions(size: 4, theta: 100)
    let model = DraftedModel { io in
      let x = io("x", [1, 3, 2, 4])
      return first(x) + again(x) + finer(x) + first(io("y", [1, 3, 2, 4]))
    }
    #expect(try model.traced(name: "tables").values.count == 4)
  }

  /// What is kept of positions has an axis for them.
  @Test(arguments: [[], [4]] as [Shape]) func cachesKeepPositions(_ shape: Shape) {
    let line = #line + 1
    let found = message { KeyValueCache($0, capacity: 4).layer("a").keeping("seen", $0("x", shape)) }
    let needed = "cache.1: 'cache.a.seen' needs [B, L, ...] of new positions, got f32[\(shape)]"
    #expect(found.contains("\(Self.file):\(line): \(needed)"), "\(found)")
  }
}
