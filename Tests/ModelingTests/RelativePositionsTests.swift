import Recurve
import Testing

/// What attention adds to its scores by distances: their numbers, their parts from a cache, and what is refused.
@Suite struct RelativePositionsTests {
  private static let one = CompilerOptions(workerCount: 1)

  private struct Layers {
    let attention = SelfAttention(width: 8, heads: 2, reach: .causal)
    let biases = RelativePositionBias(heads: 2, buckets: 8, farthest: 6, isCausal: true, .normal(standardDeviation: 1))
  }

  private static func linear(heads: Int, length: Int) throws -> [Double] {
    let program = try ParameterStore(Layers(), seed: 1).program("biases", one) { io in
      ["biases": linearBiases(heads: heads, length: length) + io("zero", [])]
    }
    return try #require(program(["zero": HostTensor(.scalar, [0 as Float])])["biases"]).doubles
  }

  /// The slopes of the paper; for three heads those of two, and the first of four.
  @Test(arguments: [(1, [8]), (2, [4, 8]), (3, [4, 8, 2]), (4, [2, 4, 6, 8]), (6, [2, 4, 6, 8, 1, 3])])
  func linearBiasesFallWithTheDistance(_ heads: Int, _ exponents: [Int]) throws {
    let found = try Self.linear(heads: heads, length: 3)
    let distances: [Double] = [0, 1, 2, 1, 0, 1, 2, 1, 0]
    let needed = exponents.flatMap { exponent in
      distances.map { -$0 * (0..<exponent).reduce(1) { slope, _ in slope / 2 } }
    }
    #expect(found == needed)
  }

  /// Programs that go on step by step add what the whole adds: the same bits.
  @Test func cachesChangeNoBit() throws {
    let (layers, capacity) = (Layers(), 6)
    let store = try ParameterStore(layers, seed: 4)
    func attended(_ x: Tensor, _ cache: KeyValueCache?) -> Tensor {
      let bias = layers.biases(length: x.extent(1), cache: cache)
      let both = bias + linearBiases(heads: 2, length: x.extent(1), cache: cache)
      return layers.attention(x, rotating: nil, adding: both, cache: cache?.layer("layer"))
    }
    func step(_ count: Int) throws -> ModelProgram {
      try store.program("step\(count)", Self.one) { io in
        let cache = KeyValueCache(io, capacity: capacity)
        let y = attended(io("x", [1, count, 8]), cache)
        cache.advance(by: count)
        return ["y": y]
      }
    }
    let whole = try store.program("whole", Self.one) { io in ["y": attended(io("x", [1, capacity, 8]), nil)] }
    let numbers = (0..<capacity * 8).map { Float(($0 * 7) % 11 - 5) / 5 }
    let needed = try #require(whole(["x": HostTensor([1, capacity, 8], numbers)])["y"]).floats
    let session = Session()
    for range in [0..<3, 3..<5, 5..<6] {
      let part = HostTensor([1, range.count, 8], Array(numbers[range.lowerBound * 8..<range.upperBound * 8]))
      let found = try #require(try step(range.count)(["x": part], in: session)["y"]).floats
      let own = needed[range.lowerBound * 8..<range.upperBound * 8]
      #expect(found.map(\.bitPattern) == own.map(\.bitPattern), "\(range)")
    }
  }

  /// Keys and values of a memory that are computed once give what the memory gives.
  @Test func projectedMemoriesChangeNoBit() throws {
    let layer = CrossAttention(width: 8, memoryWidth: 6, heads: 4, keyHeads: 2, hasBias: true)
    let store = try ParameterStore(layer, seed: 2)
    let program = try store.program("both", Self.one) { io in
      let (x, memory) = (io("x", [2, 3, 8]), io("memory", [2, 4, 6]))
      let known = layer.keyValue(memory)
      return ["direct": layer(x, memory), "projected": layer(x, projected: known)]
    }
    let results = try program([
      "x": HostTensor([2, 3, 8], (0..<48).map { Float($0 % 7) / 3 - 1 }),
      "memory": HostTensor([2, 4, 6], (0..<48).map { Float($0 % 5) / 2 - 1 }),
    ])
    #expect(results["direct"] != nil && results["direct"] == results["projected"])
  }

  private struct Wrong: Model {
    let layer: any Sendable
    let function: @Sendable (Tensor) -> Tensor

    func step(_ inputs: Inputs) -> Step { Step(loss: function(inputs("x", [2, 5, 8])).sum()) }
  }

  @Test func whatDoesNotFitIsRefused() {
    func message(_ layer: any Sendable = 0, _ build: @escaping @Sendable (Tensor) -> Tensor) -> String {
      DraftedModel.message(of: Wrong(layer: layer, function: build))
    }
    #expect(
      message { $0 + linearBiases(heads: 0, length: 5).sum() }.contains(
        "bias.1: needs at least 1 head and 1 position, got 0 and 5"))
    #expect(
      message { $0 + linearBiases(heads: .max, length: 5).sum() }.contains(
        "bias.1: needs a table of slopes of at most 2^28 numbers"))
    let biases = RelativePositionBias(heads: 2)
    #expect(
      message(biases) { $0 + biases(length: 0).sum() }.contains("bias.2: needs at least 1 position, got 0"))
    #expect(
      message(biases) { $0 + biases(length: 1 << 40).sum() }.contains(
        "bias.2: needs a table of distances of at most 2^28 numbers, got [2, 1099511627776]"))
    let near = RelativePositionBias(heads: 2, buckets: 8, farthest: 2)
    #expect(
      message(near) { $0 + near(length: 5).sum() }.contains(
        "relative positions need a table [buckets, H] of at least 4, an even number of buckets and a farthest distance "
          + "beyond those with a bucket each, got [8, 2] and 2"))
    let few = RelativePositionBias(heads: 2, buckets: 1, isCausal: true)
    #expect(message(few) { $0 + few(length: 5).sum() }.contains("of at least 2 buckets and a farthest distance"))
    let attention = SelfAttention(width: 8, heads: 2)
    let needed = "attention.4: needs a bias that repeats to the scores f32[2, H=2, 5, 5], [B, H, L, C], got"
    let line = #line + 1
    let found = message(attention) { attention($0, rotating: nil, adding: linearBiases(heads: 4, length: 5)) }
    #expect(
      found.contains("ModelingTests/RelativePositionsTests.swift:\(line): \(needed) f32[4, 5, 5]"), "\(found)")
    let seen = message(attention) { attention($0, rotating: nil, adding: $0 .> 0) }
    #expect(seen.contains("\(needed) bool[2, 5, 8]"), "\(seen)")
    let cross = CrossAttention(width: 8, heads: 2)
    #expect(
      message(cross) { cross($0, projected: $0) }.contains(
        "attention.2: needs [B, L, 8] and keys and values [B, C, 16], got f32[2, 5, 8] and f32[2, 5, 8]"))
  }
}
