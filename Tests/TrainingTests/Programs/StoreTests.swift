import Foundation
import Recurve
import TestSupport
import Testing

@testable import Training

/// One store of weights, many programs: the twenty lines of the design, and what they promise.
@Suite struct StoreTests {
  /// A causal model of characters whose memory is the mean of the rows so far: small, but with a state.
  struct Reader: Sendable {
    let rows = Embedding(count: 11, width: 8)
    let mix = Linear(8, 8, hasBias: true)
    let output = Linear(8, 11)

    func callAsFunction(_ tokens: Tensor) -> Tensor { output(silu(mix(rows(tokens)))) }

    func prefill(_ tokens: Tensor, _ sum: Tensor) -> [String: Tensor] {
      sum.next = rows(tokens).sum(axis: 0).sum(axis: 0)
      return ["token": answer(sum.next)]
    }

    func decode(_ token: Tensor, _ sum: Tensor) -> [String: Tensor] {
      sum.next = sum + rows(token).sum(axis: 0)
      return ["token": answer(sum.next)]
    }

    private func answer(_ sum: Tensor) -> Tensor { output(silu(mix(sum))).argmax(axis: -1).reshaped(to: [1]) }
  }

  static let one = CompilerOptions(workerCount: 1)

  static func batch(_ count: Int, seed: Int32 = 1) -> [String: HostTensor] {
    let numbers = (0..<Int32(count * 4)).map { ($0 &* 7 &+ seed) % 11 }
    return [
      "tokens": HostTensor([count, 4], numbers), "labels": HostTensor([count, 4], numbers.map { ($0 + 1) % 11 }),
    ]
  }

  static func loss(_ model: Reader, _ io: Inputs, _ count: Int) -> Tensor {
    crossEntropy(model(io("tokens", [count, 4], .int32)), io("labels", [count, 4], .int32)).mean()
  }

  @Test func theTwentyLines() throws {
    let model = Reader()
    let store = try ParameterStore(model, seed: 7)
    let train = try Trainer(store, "train", optimizer: .adamW().averaging(0.9), learningRate: 1e-2, Self.one) { io in
      Step(loss: Self.loss(model, io, 6))
    }
    let check = try store.program("check", weights: .averaged, Self.one) { io in ["loss": Self.loss(model, io, 16)] }
    let before = try #require(check(Self.batch(16))["loss"]).floats[0]
    for _ in 0..<50 { try train.step(Self.batch(6)) }
    #expect(try #require(check(Self.batch(16))["loss"]).floats[0] < before / 2)

    let session = Session()
    let prefill = try store.program("prefill", Self.one) { io in
      model.prefill(io("tokens", [1, 4], .int32), io.state("sum", [8]))
    }
    let decode = try store.program("decode", Self.one) { io in
      model.decode(io("token", [1], .int32), io.state("sum", [8]))
    }
    var tokens: [Int32] = [3, 1, 4, 1]
    var out = try prefill(["tokens": HostTensor([1, 4], tokens)], in: session)
    for _ in 0..<10 {
      tokens.append(try #require(out["token"]).integers[0])
      out = try decode(["token": try #require(out["token"])], in: session)
    }
    // The same without a state: all tokens at once.
    let whole = try store.program("whole", Self.one) { io in
      model.prefill(io("tokens", [1, tokens.count], .int32), io.state("sum", [8]))
    }
    #expect(try whole(["tokens": HostTensor([1, tokens.count], tokens)]) == out)
  }

  @Test func programsReadTheSameBytes() throws {
    let model = Reader()
    let store = try ParameterStore(model)
    let programs = try (1...4).map { count in
      try store.program("p\(count)", Self.one) { io in ["loss": Self.loss(model, io, count)] }
    }
    let sizes = 11 * 8 + 8 * 8 + 8 + 11 * 8
    #expect(store.byteCount == 4 * sizes)
    for program in programs {
      #expect(program.ownByteCount < 4 * sizes, "inputs alone")
      for (position, name) in program.compiled.parameterNames.enumerated() where store[name] != nil {
        #expect(program.compiled.memory(ofParameter: position).isSame(as: store.memory(.current)[name]!))
      }
      let measured = try #require(try program.compiled.measureMemory())
      #expect(measured.highestByteCount == program.compiled.plan.memory.arenaByteCount)
    }
  }

  /// As the system counts memory, beside whatever else the tests do: a copy for each program would be 2 GiB.
  @Test func programsTakeNoMemoryForWeights() throws {
    struct Wide {
      let table = Weight([1 << 24, 8], .constant(1))
    }
    let wide = Wide()
    let store = try ParameterStore(wide)
    let before = ResidentMemory.byteCount
    for count in 1...4 {
      let program = try store.program("p\(count)", Self.one) { io in
        ["sum": gather(wide.table.tensor, io("rows", [count], .int32)).sum() + wide.table.tensor.sum() * 0]
      }
      let out = try program(["rows": HostTensor([count], (0..<count).map { Int32($0) })])
      #expect(out["sum"]?.floats == [Float(8 * count)])
    }
    #expect(ResidentMemory.byteCount - before < 1 << 30)
  }

  @Test func twoTrainersTrainTheirParts() throws {
    let model = Reader()
    let store = try ParameterStore(model, seed: 3)
    let first = store.tensors
    let rows = try Trainer(store, "rows", training: "rows.**", optimizer: .adam(), learningRate: 0.1, Self.one) { io in
      Step(loss: Self.loss(model, io, 2))
    }
    let rest = try Trainer(store, "rest", training: "mix.*", optimizer: .gradientDescent(), learningRate: 0.1, Self.one)
    {
      io in Step(loss: Self.loss(model, io, 3))
    }
    try rows.step(Self.batch(2))
    #expect(store["rows.table"] != first["rows.table"] && store["mix.weight"] == first["mix.weight"])
    let table = store["rows.table"]
    try rest.step(Self.batch(3))
    #expect(store["rows.table"] == table && store["mix.weight"] != first["mix.weight"])
    #expect(store["mix.bias"] != first["mix.bias"] && store["output.weight"] == first["output.weight"])
    #expect(rows.kept.filter { $0.role == .state }.map(\.key).contains("rows/adam.m/rows.table"))
    let again = error {
      try Trainer(store, "rows", optimizer: .adam(), Self.one) { Step(loss: Self.loss(model, $0, 2)) }
    }
    #expect(again == "the store has a trainer called 'rows' already")
    let none = error {
      try Trainer(store, "x", training: "tail.**", optimizer: .adam(), Self.one) { Step(loss: Self.loss(model, $0, 2)) }
    }
    #expect(
      none == "no weight is called 'tail.**'; there are rows.table, mix.weight, mix.bias, output.weight")
  }

  /// A trainer of the model alone and one over a store do the same.
  @Test func aTrainerOverAStoreIsTheTrainerOfAModel() throws {
    struct Whole: Model {
      let reader = Reader()
      func step(_ inputs: Inputs) -> Step { Step(loss: StoreTests.loss(reader, inputs, 6)) }
    }
    let whole = Whole()
    let alone = try Trainer(whole, optimizer: .adamW(), learningRate: 0.01, seed: 5, Self.one)
    let store = try ParameterStore(whole, seed: 5)
    let over = try Trainer(store, "train", optimizer: .adamW(), learningRate: 0.01, Self.one) { whole.step($0) }
    for _ in 0..<5 { #expect(try alone.step(Self.batch(6)) == over.step(Self.batch(6))) }
    #expect(try alone.evaluate(Self.batch(6)) == over.evaluate(Self.batch(6)))
    let copy = try store.copy()
    try over.step(Self.batch(6))
    #expect(alone.weights == copy.tensors && over.weights != copy.tensors)
  }

  @Test func averagesAreReadInPlace() throws {
    let model = Reader()
    let store = try ParameterStore(model)
    // Made before anyone averages: the program finds the averages once they are there.
    let early = try store.program("early", weights: .averaged, Self.one) { io in ["loss": Self.loss(model, io, 2)] }
    let plain = try store.program("plain", Self.one) { io in ["loss": Self.loss(model, io, 2)] }
    #expect(try early(Self.batch(2)) == plain(Self.batch(2)))
    let train = try Trainer(store, "train", optimizer: .momentum(0.9).averaging(0.5), learningRate: 0.1, Self.one) {
      io in
      Step(loss: Self.loss(model, io, 2))
    }
    try train.step(Self.batch(2))
    #expect(try early(Self.batch(2)) != plain(Self.batch(2)))
    #expect(try early(Self.batch(2)) == train.evaluate(Self.batch(2)))
    #expect(store.averagedTensors == train.averagedWeights && store.averagedTensors != store.tensors)
    try store.set(store.averagedTensors)
    #expect(try early(Self.batch(2)) == plain(Self.batch(2)), "set weights restart their averages")
  }

  /// A weight that a program does not use is no matter of an input with its name.
  @Test func namesOfWeightsThatAreNotUsedAreFree() throws {
    struct Named: Sendable {
      let bias = Weight([2], .values([5, 6]))
      let other = Weight([2], .values([1, 2]))
      let values = [Weight([2], .values([7, 8]))]
    }
    let named = Named()
    let store = try ParameterStore(named)
    let before = store.tensors
    let program = try store.program("p", Self.one) { io in
      ["y": io("bias", [2]) * Tensor.values([3, 4] as [Float], [2]) + named.other.tensor]
    }
    #expect(try program(["bias": HostTensor([2], [10, 20] as [Float])])["y"]?.floats == [31, 82])
    let trainer = try Trainer(store, "t", training: "other", optimizer: .gradientDescent(), learningRate: 1, Self.one) {
      io in
      Step(loss: (io("bias", [3]).sum() * named.other.tensor).sum())
    }
    try trainer.step(["bias": HostTensor([3], [1, 1, 1] as [Float])])
    #expect(store["bias"] == before["bias"] && store["values.0"] == before["values.0"])
    #expect(store["other"]?.floats == [-2, -1])
  }

  @Test(arguments: [
    (Initializer.uniform(bound: .infinity), "needs a bound that is finite as f32, got inf"),
    (
      .normal(standardDeviation: .nan),
      "needs a standard deviation of at least 0 whose draws are finite as f32, got nan"
    ),
    (
      .truncatedNormal(standardDeviation: -1),
      "needs a standard deviation of at least 0 whose draws are finite as f32, got -1.0"
    ),
    (
      .normal(standardDeviation: 1e38),
      "needs a standard deviation of at least 0 whose draws are finite as f32, got 1e+38"
    ),
    (.uniform(bound: 1e39), "needs a bound that is finite as f32, got 1e+39"),
    (.constant(1e300), "cannot begin with 1e+300, which is no f32"),
    (.constant(.nan), "cannot begin with nan, which is no f32"), (.values([1]), "needs 2 values for [2], got 1"),
  ])
  func weightsBeginWithNumbers(_ initializer: Initializer, _ problem: String) {
    struct One: Sendable { let w: Weight }
    let found = error { try ParameterStore(One(w: Weight([2], initializer))) }
    #expect(found.contains("weight 'w' \(problem), made at TrainingTests/StoreTests.swift:"), "\(found)")
  }

  @Test func whatTrainsNothingIsRefused() throws {
    let model = Reader()
    let store = try ParameterStore(model)
    let found = error {
      try Trainer(store, "t", training: "output.*", optimizer: .adam(), Self.one) { io in
        Step(loss: model.rows(io("tokens", [2], .int32)).sum())
      }
    }
    #expect(found == "the step uses no weight that is called 'output.*': output.weight")
    let part = try Trainer(store, "u", optimizer: .adam(), Self.one) { io in
      Step(loss: model.rows(io("tokens", [2], .int32)).sum())
    }
    #expect(part.disconnectedWeights == ["mix.weight", "mix.bias", "output.weight"])
  }

  /// Averages belong to who trains: of a finished trainer they stand for nothing, and loading restarts those of others.
  @Test func averagesAreThoseOfWhoTrains() throws {
    try withTemporaryFolder { folder in
      let model = Reader()
      let store = try ParameterStore(model)
      func trainer(_ name: String, _ optimizer: Optimizer) throws -> Trainer {
        try Trainer(store, name, optimizer: optimizer, learningRate: 0.1, Self.one) {
          Step(loss: Self.loss(model, $0, 2))
        }
      }
      let first = try trainer("first", .gradientDescent().averaging(0.5))
      try first.step(Self.batch(2))
      #expect(store.averagedTensors != store.tensors)
      let plain = try trainer("plain", .gradientDescent())
      try plain.step(Self.batch(2))
      #expect(store.averagedTensors == store.tensors && first.averagedWeights != store.tensors)
      try plain.save(to: folder + "/plain.safetensors")
      try first.step(Self.batch(2))
      try plain.load(from: folder + "/plain.safetensors")
      #expect(first.averagedWeights == store.tensors, "they begin anew")
      try first.step(Self.batch(2))
      try first.setWeights(["mix.bias": HostTensor([8], Array(repeating: Float(1), count: 8))])
      #expect(first.averagedWeights["mix.bias"] == store["mix.bias"])
    }
  }

  /// Of two trainers that both average, each file brings its own averages back, in whatever order they are read.
  @Test(arguments: [["a", "b"], ["b", "a"]]) func averagesOfSeveralTrainersComeBack(_ order: [String]) throws {
    try withTemporaryFolder { folder in
      let model = Reader()
      func trainers() throws -> [String: Trainer] {
        let store = try ParameterStore(model, seed: 4)
        return try Dictionary(
          uniqueKeysWithValues: [("a", "rows.**", 0.9), ("b", "mix.*", 0.8)].map { name, part, share in
            let optimizer = Optimizer.adam().averaging(share)
            return (
              name,
              try Trainer(store, name, training: PathPattern(part), optimizer: optimizer, learningRate: 0.1, Self.one) {
                Step(loss: Self.loss(model, $0, 2))
              }
            )
          })
      }
      let (trained, resumed) = (try trainers(), try trainers())
      for _ in 0..<3 { for name in ["a", "b"] { try trained[name]?.step(Self.batch(2)) } }
      for name in order { try trained[name]?.save(to: folder + "/" + name) }
      for name in order { try resumed[name]?.load(from: folder + "/" + name) }
      for name in order {
        #expect(trained[name]?.averagedWeights == resumed[name]?.averagedWeights)
        #expect(trained[name]?.averagedWeights != trained[name]?.weights)
      }
    }
  }

  @Test func readersSeeWholeSteps() throws {
    // A step adds 1 to both weights; a reader never sees one without the other.
    struct Pair: Sendable {
      let a = Weight([4096], .zeros)
      let b = Weight([4096], .zeros)
    }
    let model = Pair()
    let store = try ParameterStore(model)
    nonisolated(unsafe) let train = try Trainer(
      store, "train", optimizer: .gradientDescent(), learningRate: 1, Self.one
    ) { _ in
      Step(loss: -(model.a.tensor.sum() + model.b.tensor.sum()))
    }
    let read = try (0..<2).map { number in
      try store.program("read\(number)", Self.one) { _ in
        ["difference": (model.a.tensor - model.b.tensor).sum(), "least": -((-model.a.tensor).max(axis: 0))]
      }
    }
    let found = (0..<2).map { _ in Seen() }
    DispatchQueue.concurrentPerform(iterations: 3) { thread in
      for _ in 0..<200 {
        if thread == 2 {
          _ = try? train.step([:])
        } else if let results = try? read[thread]([:]), let difference = results["difference"],
          let least = results["least"]
        {
          found[thread].numbers.append((difference.floats[0], least.floats[0]))
        }
      }
    }
    for thread in 0..<2 {
      #expect(found[thread].numbers.count == 200 && found[thread].numbers.allSatisfy { $0.0 == 0 })
      #expect(
        zip(found[thread].numbers, found[thread].numbers.dropFirst()).allSatisfy { $0.1 <= $1.1 }, "steps in order")
    }
    #expect(store["a"]?.floats.allSatisfy { $0 == 200 } == true)
  }
}

/// What one thread has seen.
private final class Seen: @unchecked Sendable {
  var numbers: [(Float, Float)] = []
}

/// What an expression throws, as text.
func error(_ body: () throws -> Any) -> String {
  do {
    _ = try body()
    return ""
  } catch { return "\(error)" }
}
