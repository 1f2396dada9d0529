import Recurve
import TestSupport
import Testing

@testable import Training

/// Decoding with a cache of keys and values: the same bits as without, and nothing is written but what is new.
@Suite struct CacheTests {
  struct Attention: Sendable {
    let length: Int
    let rows = Embedding(count: 17, width: 32)
    let query = Linear(32, 32)
    let key = Linear(32, 32)
    let value = Linear(32, 32)
    let output = Linear(32, 17)

    private func answer(_ query: Tensor, _ keys: Tensor, _ values: Tensor, _ isSeen: Tensor) -> Tensor {
      let scores = select(isSeen, matmul(query, keys.transposed(1, 0)), .constant(-1e9, isSeen.shape))
      return output(matmul(softmax(scores), values))
    }

    /// All tokens at once: `i32[L] -> [L, 17]`.
    func whole(_ tokens: Tensor) -> Tensor {
      let x = rows(tokens)
      let isSeen = Tensor.iota([length, length], axis: 1) .<= .iota([length, length], axis: 0)
      return answer(query(x), key(x), value(x), isSeen)
    }

    /// One token `i32[1] -> [1, 17]`.
    func decode(_ io: Inputs) -> [String: Tensor] {
      let x = rows(io("token", [1], .int32))
      let position = io.state("position", [], .int32)
      let (keys, values) = (io.state("keys", [length, 32]), io.state("values", [length, 32]))
      keys.next = keys.updated(at: position, with: key(x), axis: 0)
      values.next = values.updated(at: position, with: value(x), axis: 0)
      position.next = position + 1
      let isSeen = Tensor.iota([1, length], axis: 1) .<= position.reshaped(to: [1, 1]).repeated(to: [1, length])
      return ["logits": answer(query(x), keys.next, values.next, isSeen)]
    }
  }

  @Test(arguments: [1, 2]) func decodingEqualsTheWhole(_ workers: Int) throws {
    let model = Attention(length: 24)
    let store = try ParameterStore(model, seed: 3)
    let options = CompilerOptions(workerCount: workers)
    let whole = try store.program("whole", options) { ["logits": model.whole($0("tokens", [24], .int32))] }
    let decode = try store.program("decode", options) { model.decode($0) }
    let tokens = (0..<24).map { Int32(($0 * 7) % 17) }
    let expected = try #require(whole(["tokens": HostTensor([24], tokens)])["logits"]).floats
    let session = Session()
    for (place, token) in tokens.enumerated() {
      if place == 12 { #expect(session["position"]?.integers == [12]) }
      let found = try #require(decode(["token": HostTensor([1], [token])], in: session)["logits"]).floats
      #expect(found.map(\.bitPattern) == expected[place * 17..<(place + 1) * 17].map(\.bitPattern), "token \(place)")
    }
    let full = error { try decode(["token": HostTensor([1], [tokens[0]])], in: session) }
    #expect(
      full.hasPrefix("state 'position' holds 24, dynamic_update_slice needs 0..<24, used at TrainingTests/CacheTests"))
  }

  /// The cache is the state itself: no copy of it, no memory for another one, whatever its length.
  @Test func cachesAreUpdatedInPlace() throws {
    for length in [64, 4096] {
      let model = Attention(length: length)
      let decode = try ParameterStore(model).program("decode", StoreTests.one) { model.decode($0) }
      let (plan, cache) = (decode.compiled.plan, length * 32 * 4)
      #expect(plan.memory.arenaByteCount < cache, "\(plan.memory.arenaByteCount) bytes beside caches of \(cache)")
      for case .copy(_, _, let byteCount) in plan.schedule.steps { #expect(byteCount <= 4) }
      let updates = plan.schedule.steps.filter {
        if case .call(let call) = $0 { plan.schedule.functions[call.function].kind == "update" } else { false }
      }
      #expect(updates.count == 2)
      // What a token changes of the session: a row of each cache, and the position.
      let session = Session()
      let token = ["token": HostTensor([1], [3] as [Int32])]
      _ = try decode(token, in: session)
      let before = session.tensors
      _ = try decode(token, in: session)
      for name in ["keys", "values"] {
        let (old, new) = (try #require(before[name]).floats, try #require(session[name]).floats)
        #expect(old.indices.filter { old[$0] != new[$0] }.allSatisfy { (32..<64).contains($0) })
      }
    }
  }
}
