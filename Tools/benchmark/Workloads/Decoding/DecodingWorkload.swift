import DecoderTransformer
import Foundation
import Interchange
import Recurve

/// Rows of a GPT that go on token by token, with keys and values of all positions before in a cache.
struct DecodingWorkload {
  static let sizes = GPT.Sizes(width: 256, layers: 6, heads: 8, vocabulary: 65, context: 256)
  static let promptCount = 32
  /// Tokens that follow a prompt until the cache is full.
  static let count: Int = sizes.context - promptCount

  private let store: ParameterStore
  private let decoder: Decoder
  private let prompts: [[Int32]]
  private let threads: Int

  init(batch: Int, threads: Int) throws {
    let model = NextToken(GPT(Self.sizes), batch: 1)
    store = try ParameterStore(model, seed: 1)
    decoder = try Decoder(
      model.gpt, store, batchSize: batch, capacity: Self.sizes.context, CompilerOptions(workerCount: threads))
    let stream = NumberStream(prefix: "decoding.")
    prompts = (0..<batch).map {
      stream.tokens("prompt\($0)", [Self.promptCount], Self.sizes.vocabulary).integers
    }
    self.threads = threads
  }

  /// What follows the prompts, `[B, count]`.
  func tokens() throws -> [[Int32]] { try decoder.complete(prompts, atMost: Self.count).map(\.tokens) }

  /// - Parameter python: runs the twins; none without it.
  func measure(python: String?, rounds: Int, seconds: Double) throws -> DecodingResult {
    let tokens = try tokens()
    var result = DecodingResult(batch: prompts.count, cache_bytes: decoder.cacheByteCount)
    let twins = try python.map { try self.twins($0) } ?? []
    defer { for twin in twins { twin.process.stop() } }
    for twin in twins {
      let found = try twin.process.ask("tokens")
      result.peers.append(.init(form: twin.form, same_tokens: Self.share(found, tokens.joined().map(Double.init))))
    }
    var (own, others) = ([Double](), Array(repeating: [Double](), count: twins.count))
    for _ in 0..<rounds {
      own.append(try QuietTimes.taken(seconds) { (try stepTimes(), 0) }.median)
      for (index, twin) in twins.enumerated() { others[index].append(try twin.process.quietTimes(seconds).median) }
    }
    result.step_seconds = own.median
    for index in twins.indices { result.peers[index].step_seconds = others[index].median }
    return result
  }

  /// How many are the same, of those that are wanted.
  private static func share(_ found: [Double], _ wanted: [Double]) -> Double {
    Double(zip(found, wanted).count { $0 == $1 }) / Double(max(wanted.count, 1))
  }

  /// The first token comes with reading the prompt and is left out.
  private func stepTimes() throws -> [Double] {
    let watch = Stopwatch()
    var moments: [Double] = []
    _ = try decoder.complete(prompts, atMost: Self.count) { _ in
      moments.append(watch.seconds)
      return true
    }
    return zip(moments.dropFirst(), moments).map { $0 - $1 }
  }

  private func twins(_ python: String) throws -> [(form: String, process: TwinProcess)] {
    let path = NSTemporaryDirectory() + "recurve-decoding-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var tensors = store.tensors
    tensors["in.prompts"] = HostTensor([prompts.count, Self.promptCount], prompts.flatMap { $0 })
    try SafetensorsFile(tensors: tensors).write(to: path)
    return try ["eager", "compiled"].map { form in
      let arguments = [form, path, "\(Self.sizes.heads)", "\(Self.sizes.context)", "\(threads)"]
      return (form, try TwinProcess(python, "Tools/twins/decoding.py", arguments))
    }
  }
}

/// Figures of one number of rows, beside those of the twin.
struct DecodingResult: Encodable {
  let batch: Int
  let cache_bytes: Int
  /// Median seconds in which every row gets a token.
  var step_seconds = Double.nan
  var peers: [Peer] = []

  struct Peer: Encodable {
    let form: String
    /// The share of tokens that are ours; where two are about as likely, rounding decides, and what follows differs.
    let same_tokens: Double
    var step_seconds = Double.nan
  }

  var lines: String {
    func text(_ name: String, _ seconds: Double, _ rest: String) -> String {
      String(
        format: "%@: %.0f tokens/s, %.3f ms a token of each row, %@", name, Double(batch) / seconds, seconds * 1e3, rest
      )
    }
    let own = text(
      "\(batch) rows", step_seconds, String(format: "cache %.1f MB", Double(cache_bytes) / 1e6))
    let twins = peers.map { peer in
      text(
        "  twin \(peer.form)", peer.step_seconds,
        String(
          format: "%.1f %% of its tokens are ours; ours / twin %.2f times as many tokens", peer.same_tokens * 100,
          peer.step_seconds / step_seconds))
    }
    return ([own] + twins).joined(separator: "\n")
  }
}
