import DecoderTransformer
import Recurve
import Testing

/// Decoding with a cache gives what the model gives without.
@Suite struct DecoderTests {
  private static let one = CompilerOptions(workerCount: 1)

  private static func gpt(_ positions: GPT.Sizes.Positions = .rotary) -> GPT {
    var sizes = GPT.Sizes(width: 16, layers: 2, heads: 2, inner: 32, vocabulary: 11, context: 12)
    sizes.positions = positions
    sizes.deviation = 1
    return GPT(sizes)
  }

  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  private static let length = 12

  /// The scores of two rows of twelve tokens, all at once, and of so many at a time from a cache.
  private static func whole(_ gpt: GPT, _ store: ParameterStore, rows: Int) throws -> ModelProgram {
    try store.program("whole", one) { io in
      ["scores": gpt.scores(io("tokens", [rows, length], .int32))]
    }
  }

  private static func step(_ gpt: GPT, _ store: ParameterStore, _ count: Int) throws -> ModelProgram {
    try store.program("step\(count)", one) { io in
      let cache = KeyValueCache(io, capacity: length)
      let scores = gpt.scores(io("tokens", [2, count], .int32), cache: cache)
      cache.advance(by: count)
      return ["scores": scores]
    }
  }

  private static func scores(
    _ program: ModelProgram, _ shape: Shape, _ tokens: [Int32], in session: Session? = nil
  ) throws -> [Float] {
    let results = try program(["tokens": HostTensor(shape, tokens)], in: session)
    return results["scores"]?.floats ?? []
  }

  /// Scores of the step programs against those of the whole, for each kind of positions.
  @Test(arguments: GPT.Sizes.Positions.allCases) func cachesChangeNoBit(_ positions: GPT.Sizes.Positions) throws {
    let (gpt, length) = (Self.gpt(positions), Self.length)
    let store = try ParameterStore(gpt, seed: 5)
    let tokens: [Int32] = (0..<24).map { (place: Int32) -> Int32 in (place * 7 + place / 5) % 11 }
    let expected: [Float] = try Self.scores(Self.whole(gpt, store, rows: 2), [2, length], tokens)
    let (prefill, decode) = (try Self.step(gpt, store, 5), try Self.step(gpt, store, 1))
    let session = Session()
    for start in [0] + Array(5..<length) {
      let count = start == 0 ? 5 : 1
      let part: [Int32] = Array(tokens[start..<start + count]) + Array(tokens[length + start..<length + start + count])
      let found = try Self.scores(start == 0 ? prefill : decode, [2, count], part, in: session)
      for row in 0..<2 {
        let (place, size) = ((row * length + start) * 11, count * 11)
        let own: [UInt32] = found[row * size..<(row + 1) * size].map(\.bitPattern)
        let needed: [UInt32] = expected[place..<place + size].map(\.bitPattern)
        #expect(own == needed, "position \(start)")
      }
    }
    let full = error { try decode(["tokens": HostTensor([2, 1], [0, 0] as [Int32])], in: session) }
    #expect(full.hasPrefix("state 'cache.position' holds 12,"), "\(full)")
  }

  /// Rows with prompts of several lengths, against choosing the largest score of the whole again and again.
  @Test func greedyDecodingChoosesTheLargestScore() throws {
    let gpt = Self.gpt()
    let store = try ParameterStore(gpt, seed: 9)
    let decoder = try Decoder(gpt, store, batchSize: 3, capacity: 12, Self.one)
    let whole = try Self.whole(gpt, store, rows: 1)
    let prompts: [[Int32]] = [[1, 2, 3], [4], [5, 6]]
    let found = try decoder.complete(prompts, atMost: 6, keepsProbabilities: true)
    for (prompt, completion) in zip(prompts, found) {
      var text = prompt
      for _ in 0..<6 {
        let padded: [Int32] = text + Array(repeating: Int32(0), count: 12 - text.count)
        let scores = try Self.scores(whole, [1, 12], padded)
        let row: [Float] = Array(scores[(text.count - 1) * 11..<text.count * 11])
        text.append(Int32(row.firstIndex(of: row.max() ?? 0) ?? 0))
      }
      #expect(completion.tokens == Array(text.dropFirst(prompt.count)) && !completion.isEnded)
      #expect(completion.probabilities.count == 6)
      for (token, probabilities) in zip(completion.tokens, completion.probabilities) {
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5 && probabilities.max() == probabilities[Int(token)])
      }
    }
    // An end that is chosen ends; the decoder is used again.
    let end = found[1].tokens[2]
    let ended = try decoder.complete([prompts[1]], atMost: 6, until: end)
    let first = try #require(found[1].tokens.firstIndex(of: end))
    #expect(ended[0].isEnded && ended[0].tokens == Array(found[1].tokens.prefix(first)))
    #expect(decoder.cacheByteCount >= 2 * 2 * 3 * 12 * 16 * 4)
  }

  /// Where all may look at all, those of a program look at each other, and at what the cache held before, and no further.
  @Test func cachesAreSeenByAll() throws {
    let layer = SelfAttention(width: 8, heads: 2)
    let store = try ParameterStore(layer, seed: 4)
    let x = HostTensor([1, 5, 8], (0..<40).map { Float(($0 * 7) % 11 - 5) / 5 })
    func whole(_ count: Int) throws -> [Double] {
      let program = try store.program("whole\(count)", Self.one) { io in
        ["y": layer(io("x", [1, count, 8]), rotating: nil)]
      }
      return try #require(program(["x": HostTensor([1, count, 8], Array(x.floats.prefix(count * 8)))])["y"]).doubles
    }
    func step(_ range: Range<Int>, _ session: Session) throws -> [Double] {
      let program = try store.program("step\(range.count)", Self.one) { io in
        let cache = KeyValueCache(io, capacity: 7)
        let own = cache.layer("layer")
        let y = layer(io("x", [1, range.count, 8]), rotating: nil, cache: own)
        cache.advance(by: range.count)
        return ["y": y]
      }
      let part = Array(x.floats[range.lowerBound * 8..<range.upperBound * 8])
      return try #require(program(["x": HostTensor([1, range.count, 8], part)], in: session)["y"]).doubles
    }
    let session = Session()
    let (first, second) = (try step(0..<3, session), try step(3..<5, session))
    for (found, needed) in zip(first, try whole(3)) { #expect(abs(found - needed) < 1e-6) }
    for (found, needed) in zip(second, try whole(5).suffix(16)) { #expect(abs(found - needed) < 1e-6) }
  }

  @Test(arguments: [-1, 0]) func cachesHaveRoom(_ capacity: Int) throws {
    let store = try ParameterStore(SelfAttention(width: 8, heads: 2), seed: 4)
    let found = error {
      try store.program("step", Self.one) { io in
        let layer = SelfAttention(width: 8, heads: 2)
        let cache = KeyValueCache(io, capacity: capacity)
        return ["y": layer(io("x", [1, 1, 8]), rotating: nil, cache: cache.layer("layer"))]
      }
    }
    #expect(found.contains("the cache 'cache' needs room for at least 1 position, got \(capacity)"), "\(found)")
  }

  /// Texts longer than the capacity go on from the last half of it.
  @Test func longTextsGoOn() throws {
    let gpt = Self.gpt()
    let store = try ParameterStore(gpt, seed: 2)
    let decoder = try Decoder(gpt, store, capacity: 8, Self.one)
    let long = try decoder.complete([[1, 2, 3]], atMost: 20)[0].tokens
    #expect(long.count == 20)
    let text = [1, 2, 3] + long
    // The ninth token was chosen from eight, the tenth from the last four.
    #expect(try decoder.complete([Array(text[5..<9])], atMost: 1)[0].tokens == [text[9]])
  }

  @Test func chanceFollowsTemperatureAndShare() throws {
    let gpt = Self.gpt()
    let store = try ParameterStore(gpt, seed: 4)
    func tokens(_ sampling: Sampling, seed: Int32 = 1) throws -> [Int32] {
      try Decoder(gpt, store, batchSize: 4, capacity: 12, sampling: sampling, seed: seed, Self.one)
        .complete(Array(repeating: [3], count: 4), atMost: 8).flatMap(\.tokens)
    }
    let greedy = try tokens(.greedy)
    #expect(try tokens(.random(temperature: 1, top: 1e-6)) == greedy, "of the most probable alone")
    #expect(try tokens(.random(temperature: 1e-3)) == greedy, "cold")
    let warm = try tokens(.random(temperature: 3))
    #expect(try warm != greedy && warm == tokens(.random(temperature: 3)))
    #expect(try warm != tokens(.random(temperature: 3), seed: 2))
  }

  @Test func whatCannotBeContinuedIsRefused() throws {
    let gpt = Self.gpt()
    let store = try ParameterStore(gpt, seed: 4)
    let decoder = try Decoder(gpt, store, batchSize: 2, capacity: 4, Self.one)
    #expect(
      error { try decoder.complete([[1, 2, 3, 4, 5]], atMost: 1) } == "the prompt has 5 tokens, the model sees 4")
    #expect(error { try decoder.complete([[]], atMost: 1) } == "the prompt is empty, needs at least one token")
    #expect(
      error { try decoder.complete([[11]], atMost: 1) } == "the prompt has the token 11, the vocabulary has 0..<11")
    #expect(error { try decoder.complete([[1], [1], [1]], atMost: 1) } == "got 3 prompts, needs 1 to 2")
    #expect(
      error { try Decoder(gpt, store, capacity: 1) } == "a decoder needs at least 1 row and 2 positions, got 1 and 1")
    #expect(
      error { try Sampling.random(temperature: 0).check() }
        == "the temperature is 0.0, needs a finite number above 0; greedy takes none")
    #expect(
      error { try Sampling.random(temperature: .nan).check() }
        == "the temperature is nan, needs a finite number above 0; greedy takes none")
    #expect(
      error { try Sampling.random(temperature: 1, top: 1.5).check() }
        == "the share of the most probable tokens is 1.5, needs more than 0 and at most 1")
  }
}
