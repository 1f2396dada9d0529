import Compilation
import Modeling
import TensorTypes
import Training

/// Continues sequences of tokens by a language model over a store: one program reads prompts, another adds a token to each,
/// with the keys and values of all positions before in a cache.
///
///     let decoder = try Decoder(model, store, capacity: 64)
///     let text = try decoder.complete([prompt], atMost: 20, until: end)[0].tokens
///
/// Rows go on in step: while one still reads its prompt, others answer. The bits are those of the model without a cache over
/// as many positions as the capacity.
public final class Decoder {
  /// What a prompt was continued by.
  public struct Completion: Sendable, Hashable {
    /// Without the prompt and the end.
    public var tokens: [Int32] = []
    /// Whether the end was chosen, not counted out.
    public var isEnded = false
    /// The probabilities of all V tokens where each of `tokens`, and the end, was chosen; empty unless asked for.
    public var probabilities: [[Float]] = []
  }

  public let vocabularyCount: Int
  /// Sequences that go on at once.
  public let batchSize: Int
  /// Positions that the model sees. Longer texts go on from the last half of them.
  public let capacity: Int
  public let sampling: Sampling
  private let prefill: ModelProgram
  private let decode: ModelProgram
  private let session: Session

  /// - Parameters:
  ///   - weights: the averaged ones where a trainer keeps them.
  ///   - seed: of what is drawn by chance.
  /// - Throws: `SamplingError`, `CompletionError.capacity`, and what `ParameterStore.program` throws.
  public init(
    _ model: some LanguageModel, _ store: ParameterStore, batchSize: Int = 1, capacity: Int,
    sampling: Sampling = .greedy, weights: ParameterStore.Weights = .averaged, seed: Int32 = 0,
    _ options: CompilerOptions = CompilerOptions()
  ) throws {
    try sampling.check()
    guard batchSize >= 1, capacity >= 2 else { throw CompletionError.capacity(batchSize, capacity) }
    (vocabularyCount, self.batchSize, self.capacity) = (model.vocabularyCount, batchSize, capacity)
    self.sampling = sampling
    session = Session(seed: seed)
    prefill = try store.program("prefill", weights: weights, options) {
      Self.prefill(model, $0, batchSize: batchSize, capacity: capacity, sampling)
    }
    decode = try store.program("decode", weights: weights, options) {
      Self.decode(model, $0, batchSize: batchSize, capacity: capacity, sampling)
    }
  }

  /// Reads as many tokens as the capacity into the cache; what follows the one at the place `last` is the result.
  static func prefill(
    _ model: some LanguageModel, _ io: Inputs, batchSize: Int, capacity: Int, _ sampling: Sampling = .greedy
  ) -> [String: Tensor] {
    let cache = KeyValueCache(io, capacity: capacity)
    let scores = model.scores(io("tokens", [batchSize, capacity], .int32), cache: cache)
    return results(scores.at(io("last", [], .int32), axis: 1), sampling, io)
  }

  /// Adds one token to the cache; what follows it is the result.
  static func decode(
    _ model: some LanguageModel, _ io: Inputs, batchSize: Int, capacity: Int, _ sampling: Sampling = .greedy
  ) -> [String: Tensor] {
    let cache = KeyValueCache(io, capacity: capacity)
    let scores = model.scores(io("token", [batchSize, 1], .int32), cache: cache)
    cache.advance(by: 1)
    return results(scores.at(0, axis: 1), sampling, io)
  }

  private static func results(_ scores: Tensor, _ sampling: Sampling, _ io: Inputs) -> [String: Tensor] {
    ["token": sampling.token(scores, io), "probabilities": softmax(scores)]
  }

  /// Bytes of the keys and values that a session keeps.
  public var cacheByteCount: Int { session.byteCount }

  /// Continues prompts, as many as there are rows at most.
  ///
  /// - Parameters:
  ///   - count: tokens at most, for each prompt.
  ///   - end: the token that ends a sequence; nil for none.
  ///   - keepsProbabilities: whether the completions say how probable each token was.
  ///   - observe: told the token that each row got, nil for rows that read or have ended; returns whether to go on.
  /// - Throws: `CompletionError` for prompts that cannot be continued.
  public func complete(
    _ prompts: [[Int32]], atMost count: Int, until end: Int32? = nil, keepsProbabilities: Bool = false,
    observe: ([Int32?]) throws -> Bool = { _ in true }
  ) throws -> [Completion] {
    try check(prompts)
    var rows = prompts.map { DecodedRow(prompt: $0, count: count, end: end) }
    if count < 1 { return rows.map(\.completion) }
    var results = try read(rows, prompts.map(\.count).min() ?? 0)
    while true {
      let tokens = results["token"]?.integers ?? []
      let probabilities = keepsProbabilities ? results["probabilities"]?.floats ?? [] : []
      let added = rows.indices.map { row in
        let own = probabilities.isEmpty ? nil : probabilities[row * vocabularyCount..<(row + 1) * vocabularyCount]
        return rows[row].add(tokens[row], at: position, own.map(Array.init))
      }
      if try !observe(added) || rows.allSatisfy(\.isDone) { return rows.map(\.completion) }
      results = try next(&rows)
    }
  }

  private func check(_ prompts: [[Int32]]) throws {
    guard (1...batchSize).contains(prompts.count) else { throw CompletionError.rows(prompts.count, batchSize) }
    for prompt in prompts {
      if prompt.isEmpty { throw CompletionError.emptyPrompt }
      if prompt.count > capacity { throw CompletionError.longPrompt(prompt.count, capacity) }
      if let token = prompt.first(where: { !(0..<Int32(vocabularyCount)).contains($0) }) {
        throw CompletionError.token(token, vocabularyCount)
      }
    }
  }

  /// Positions that the cache holds.
  private var position: Int { Int(session["cache.position"]?.integers[0] ?? 0) }

  /// Reads the first so many tokens of every row into the cache.
  private func read(_ rows: [DecodedRow], _ count: Int) throws -> [String: HostTensor] {
    let blank = Array(repeating: Int32(0), count: capacity)
    let tokens = (0..<batchSize).flatMap { row in
      let known = rows[min(row, rows.count - 1)].seen.prefix(count)
      return known + blank.dropFirst(known.count)
    }
    if session["cache.position"] != nil { try session.set("cache.position", HostTensor([], [0 as Int32])) }
    var inputs = sampling.inputs
    inputs["tokens"] = HostTensor([batchSize, capacity], tokens)
    inputs["last"] = HostTensor([], [Int32(count - 1)])
    let results = try prefill(inputs, in: session)
    try session.set("cache.position", HostTensor([], [Int32(count)]))
    return results
  }

  /// Moves every row on by one token.
  private func next(_ rows: inout [DecodedRow]) throws -> [String: HostTensor] {
    if position == capacity {
      let kept = max(capacity / 2, 1)
      for row in rows.indices { rows[row].keepLast(kept) }
      return try read(rows, kept)
    }
    var inputs = sampling.inputs
    let tokens = (0..<batchSize).map { rows[min($0, rows.count - 1)].seen[position] }
    inputs["token"] = HostTensor([batchSize, 1], tokens)
    return try decode(inputs, in: session)
  }
}

/// One sequence that a decoder continues.
private struct DecodedRow {
  /// What the model sees of prompt and answer.
  private(set) var seen: [Int32]
  private(set) var completion = Decoder.Completion()
  private let count: Int
  private let end: Int32?

  init(prompt: [Int32], count: Int, end: Int32?) {
    (seen, self.count, self.end) = (prompt, count, end)
  }

  var isDone: Bool { completion.isEnded || completion.tokens.count >= count }

  /// Takes the token that was chosen for a position; nil where the row has its own there, or none more is wanted.
  mutating func add(_ token: Int32, at position: Int, _ probabilities: [Float]?) -> Int32? {
    if position < seen.count { return nil }
    seen.append(token)
    if isDone { return nil }
    if let probabilities { completion.probabilities.append(probabilities) }
    if token == end {
      completion.isEnded = true
      return nil
    }
    completion.tokens.append(token)
    return token
  }

  mutating func keepLast(_ count: Int) { seen = seen.suffix(count) }
}

/// Why prompts cannot be continued.
public enum CompletionError: Error, Hashable, CustomStringConvertible {
  case capacity(Int, Int)
  case rows(Int, Int)
  case emptyPrompt
  case longPrompt(Int, Int)
  case token(Int32, Int)

  public var description: String {
    switch self {
    case .capacity(let rows, let positions):
      "a decoder needs at least 1 row and 2 positions, got \(rows) and \(positions)"
    case .rows(let found, let needed): "got \(found) prompts, needs 1 to \(needed)"
    case .emptyPrompt: "the prompt is empty, needs at least one token"
    case .longPrompt(let found, let needed): "the prompt has \(found) tokens, the model sees \(needed)"
    case .token(let token, let count): "the prompt has the token \(token), the vocabulary has 0..<\(count)"
    }
  }
}
