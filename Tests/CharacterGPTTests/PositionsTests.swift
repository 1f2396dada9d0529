import DecoderTransformer
import Foundation
import Recurve
import TestSupport
import Testing

@testable import CharacterGPT

/// Every form of positions that texts can have: what it is made of, what it changes, its gradient, and decoding from a cache.
@Suite struct PositionsTests {
  typealias Positions = GPT.Sizes.Positions

  private static let one = CompilerOptions(workerCount: 1)

  private static func withTask(_ settings: [String: String], _ body: (CharacterTask) throws -> Void) throws {
    try withTemporaryFolder { (folder: String) throws in
      let path = folder + "/text.txt"
      try Data(String(repeating: "abcdefgh\n", count: 80).utf8).write(to: URL(fileURLWithPath: path))
      let options = ModelOptions(batch: 2, depth: 1, dataPath: path, settings: settings)
      try body(try #require(try Characters.family.make(options) as? CharacterTask))
    }
  }

  private static func gpt(_ positions: Positions) -> GPT {
    var sizes = GPT.Sizes(width: 16, layers: 1, heads: 2, inner: 32, vocabulary: 11, context: 6)
    (sizes.positions, sizes.deviation) = (positions, 1)
    return GPT(sizes)
  }

  @Test(arguments: Positions.ofAnyText) func settingsChooseTheForm(_ positions: Positions) throws {
    try Self.withTask(["positions": positions.rawValue]) { task in
      #expect(task.training.gpt.sizes.positions == positions)
      let names = try ParameterStore(task.model, seed: 1).names
      #expect(names.contains("gpt.positions.table") == (positions == .learned))
      #expect(names.contains("gpt.relativePositions.table") == (positions == .t5))
    }
  }

  @Test func positionsAreRotaryUnlessOthersAreAskedFor() throws {
    try Self.withTask([:]) { task in #expect(task.training.gpt.sizes.positions == .rotary) }
    let error = #expect(throws: ModelFamilyError.self) { try Self.withTask(["positions": "places"]) { _ in } }
    #expect(
      error?.description == "setting positions is 'places', needs one of rotary, sinusoidal, learned, alibi, t5")
  }

  /// Without positions the last of a sequence would look at those before it in any order alike.
  @Test(arguments: Positions.ofAnyText) func orderCounts(_ positions: Positions) throws {
    let gpt = Self.gpt(positions)
    let program = try ParameterStore(gpt, seed: 7).program("whole", Self.one) { io in
      ["scores": gpt.scores(io("tokens", [2, 6], .int32))]
    }
    let tokens: [Int32] = [1, 2, 3, 4, 5, 6, 4, 1, 2, 5, 3, 6]
    let scores = try #require(try program(["tokens": HostTensor([2, 6], tokens)])["scores"]).floats
    let (first, second) = (scores[5 * 11..<6 * 11], scores[11 * 11..<12 * 11])
    #expect(zip(first, second).contains { abs($0 - $1) > 1e-3 })
  }

  /// Of tokens that are all alike a position looks at each by its distance alone.
  @Test(arguments: [Positions.alibi, .t5]) func attentionFollowsTheDistance(_ positions: Positions) throws {
    let gpt = Self.gpt(positions)
    let store = try ParameterStore(gpt, seed: 2)
    let program = try store.program("attention", Self.one) { io in
      ["weights": gpt.attention(io("tokens", [1, 6], .int32))[0]]
    }
    let found = try #require(
      try program(["tokens": HostTensor([1, 6], Array(repeating: 3 as Int32, count: 6))])["weights"]
    ).doubles
    let table = store.tensors["relativePositions.table"]?.doubles ?? []
    for head in 0..<2 {
      let row = Array(found[(head * 6 + 5) * 6..<(head * 6 + 6) * 6])
      for distance in 0..<6 {
        let slope = head == 0 ? 1 / 16.0 : 1 / 256.0
        let bias =
          positions == .alibi ? -Double(distance) * slope : table[distance * 2 + head] - table[head]
        #expect(abs(row[5 - distance] / row[5] / exp(bias) - 1) < 1e-4, "head \(head), distance \(distance)")
      }
    }
  }

  @Test(arguments: Positions.ofAnyText) func gradientsAreThoseOfTheLoss(_ positions: Positions) throws {
    var sizes = GPT.Sizes(width: 4, layers: 2, heads: 2, inner: 3, vocabulary: 5, context: 4)
    (sizes.positions, sizes.deviation) = (positions, 0.5)
    let traced = try NextToken(GPT(sizes), batch: 2, countsSequences: false).traced(name: "gpt")
    var known = Dictionary(uniqueKeysWithValues: traced.initialWeights(seed: 5).map { ($0.name, $0.tensor) })
    known["tokens"] = HostTensor([2, 4], [0, 3, 1, 2, 2, 4, 1, 3] as [Int32])
    known["labels"] = HostTensor([2, 4], [3, 1, 2, 4, 4, -1, 3, 0] as [Int32])
    let parameters = try traced.graph.parameters.map { value -> HostTensor in
      let name = traced.graph[value].name ?? ""
      return try #require(known[name] ?? traced.values[name], "\(name)")
    }
    #expect(try GradientCheck.largestError(traced.graph, parameters) < 1e-6)
  }

  /// A decoder with its cache chooses as the model does that reads all again for each token: the same bits.
  @Test(arguments: Positions.ofAnyText) func cachesChangeNoBit(_ positions: Positions) throws {
    try Self.withTask(["positions": positions.rawValue]) { task in
      let (gpt, context) = (task.training.gpt, task.context)
      let store = try ParameterStore(task.model, seed: 3)
      let whole = try store.program("whole", Self.one) { io in
        let scores = gpt.scores(io("tokens", [1, context], .int32))
        return ["probabilities": softmax(scores.at(io("last", [], .int32), axis: 1))]
      }
      let decoder = try Decoder(gpt, store, capacity: context, Self.one)
      var text = try task.vocabulary.encode("abcdefgh\nabc")
      let found = try decoder.complete([text], atMost: 6, keepsProbabilities: true)[0]
      #expect(found.tokens.count == 6 && found.probabilities.count == 6)
      for (token, probabilities) in zip(found.tokens, found.probabilities) {
        let padded = text + Array(repeating: Int32(0), count: context - text.count)
        let inputs = ["tokens": HostTensor([1, context], padded), "last": HostTensor([], [Int32(text.count - 1)])]
        let needed = try #require(try whole(inputs)["probabilities"]).floats
        #expect(probabilities.map(\.bitPattern) == needed.map(\.bitPattern), "token \(text.count)")
        #expect(needed.firstIndex(of: needed.max() ?? 0) == Int(token))
        text.append(token)
      }
    }
  }
}
