import DecoderTransformer
import Recurve
import Testing

/// A model whose positions see their own document alone, step by step as at once.
@Suite struct DocumentDecodingTests {
  private static let one = CompilerOptions(workerCount: 1)
  private static let length = 12
  /// Two sequences of documents that begin with 0; the second goes on with one from before.
  private static let tokens: [Int32] = [
    0, 3, 4, 5, 0, 6, 7, 0, 0, 8, 9, 10, 1, 2, 0, 9, 8, 7, 6, 5, 4, 0, 3, 2,
  ]

  private static func gpt(_ positions: GPT.Sizes.Positions = .rotary) -> GPT {
    var sizes = GPT.Sizes(width: 16, layers: 2, heads: 2, inner: 32, vocabulary: 11, context: length)
    (sizes.positions, sizes.deviation, sizes.documentStart) = (positions, 1, 0)
    return GPT(sizes)
  }

  private static func scores(
    _ program: ModelProgram, _ shape: Shape, _ tokens: [Int32], in session: Session? = nil
  ) throws -> [Float] {
    try program(["tokens": HostTensor(shape, tokens)], in: session)["scores"]?.floats ?? []
  }

  private static func whole(_ gpt: GPT, _ store: ParameterStore, _ shape: Shape) throws -> ModelProgram {
    try store.program("whole\(shape)", one) { io in ["scores": gpt.scores(io("tokens", shape, .int32))] }
  }

  @Test(arguments: GPT.Sizes.Positions.allCases) func cachesChangeNoBit(_ positions: GPT.Sizes.Positions) throws {
    let (gpt, length) = (Self.gpt(positions), Self.length)
    let store = try ParameterStore(gpt, seed: 5)
    let expected = try Self.scores(Self.whole(gpt, store, [2, length]), [2, length], Self.tokens)
    let session = Session()
    for range in [0..<5, 5..<6, 6..<9, 9..<12] {
      let program = try store.program("step\(range.count)", Self.one) { io in
        let cache = KeyValueCache(io, capacity: length)
        let scores = gpt.scores(io("tokens", [2, range.count], .int32), cache: cache)
        cache.advance(by: range.count)
        return ["scores": scores]
      }
      let part = Self.tokens[range] + Self.tokens[(length + range.lowerBound)..<(length + range.upperBound)]
      let found = try Self.scores(program, [2, range.count], Array(part), in: session)
      for row in 0..<2 {
        let (place, size) = ((row * length + range.lowerBound) * 11, range.count * 11)
        let own = found[row * size..<(row + 1) * size].map(\.bitPattern)
        #expect(own == expected[place..<place + size].map(\.bitPattern), "positions \(range) of sequence \(row)")
      }
    }
  }

  /// The scores of a document are those that it has alone.
  @Test func documentsAreKeptApart() throws {
    let gpt = Self.gpt()
    let store = try ParameterStore(gpt, seed: 8)
    let packed = try Self.scores(Self.whole(gpt, store, [1, 12]), [1, 12], Array(Self.tokens.prefix(12)))
    for range in [0..<4, 4..<7, 7..<8, 8..<12] {
      let shape: Shape = [1, range.count]
      let alone = try Self.scores(Self.whole(gpt, store, shape), shape, Array(Self.tokens[range]))
      let scale = alone.map { abs($0) }.max() ?? 1
      for (found, needed) in zip(packed[range.lowerBound * 11..<range.upperBound * 11], alone) {
        #expect(abs(found - needed) < 1e-4 * scale, "\(range)")
      }
    }
  }
}
