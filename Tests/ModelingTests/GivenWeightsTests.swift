import Recurve
import Testing

/// Layers over given weights are the layers that made them: the same bits, gradients among them.
@Suite struct GivenWeightsTests {
  fileprivate struct Sampled: Model {
    /// Something to train also where the layer has nothing.
    let scale = Weight([1], .constant(0.5))
    let layer: any Sendable
    let shape: Shape
    let function: @Sendable (Tensor) -> Tensor

    func step(_ inputs: Inputs) -> Step {
      let y = function(inputs("x", shape)) * scale.tensor
      return Step(loss: (y * y).sum(), metrics: [("y", y)])
    }

    /// The results and gradients by name, on the first weights.
    func results() throws -> [String: HostTensor] {
      let traced = try traced(name: "sampled")
      let program = try Compiler.compile(try traced.graph.withGradients(), CompilerOptions(workerCount: 1))
      for (name, tensor) in traced.initialWeights(seed: 3) { try program.set(name, tensor) }
      for (name, tensor) in traced.values { try program.set(name, tensor) }
      let numbers = (0..<shape.elementCount).map { Float(($0 * 7) % 11 - 5) / 5 }
      try program.set("x", HostTensor(shape, numbers))
      try program.run()
      let names = program.resultNames.enumerated()
      return Dictionary(uniqueKeysWithValues: try names.map { ($1, try program.result(at: $0)) })
    }
  }

  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    fileprivate let own: Sampled
    fileprivate let given: Sampled

    init<Layer: Sendable>(
      _ name: String, _ shape: Shape, _ own: Layer, _ given: Layer,
      _ function: @escaping @Sendable (Layer, Tensor) -> Tensor
    ) {
      self.name = name
      self.own = Sampled(layer: own, shape: shape) { function(own, $0) }
      self.given = Sampled(layer: given, shape: shape) { function(given, $0) }
    }

    var testDescription: String { name }
  }

  private static let simple: [Sample] = {
    let (linear, embedding) = (Linear(4, 5, hasBias: true), Embedding(count: 6, width: 4))
    let (learned, swiglu) = (LearnedPositions(length: 5, width: 4), SwiGLU(width: 4, inner: 6))
    let (rms, layer) = (RMSNorm(width: 4), LayerNorm(width: 4))
    let rotary = RotaryEmbedding(length: 3, size: 4)
    return [
      Sample("linear", [2, 3, 4], linear, Linear(weight: linear.weight, bias: linear.bias)) { $0($1) },
      Sample("embedding", [2, 3, 4], embedding, Embedding(table: embedding.table)) {
        $0.scores($1 + $0(.values([0, 5, 2, 2, 2, 1] as [Int32], [2, 3])))
      },
      Sample("learned positions", [2, 3, 4], learned, LearnedPositions(table: learned.table)) { $0($1) },
      Sample("swiglu", [2, 3, 4], swiglu, SwiGLU(gateUp: swiglu.gateUp, down: swiglu.down)) { $0($1) },
      Sample("rms norm", [2, 3, 4], rms, RMSNorm(gain: rms.gain)) { $0($1) },
      Sample("layer norm", [2, 3, 4], layer, LayerNorm(gain: layer.gain, bias: layer.bias)) { $0($1) },
      Sample(
        "rotary embedding", [2, 3, 1, 4], rotary, RotaryEmbedding(cosines: rotary.cosines, sines: rotary.sines)
      ) { $0($1) },
    ]
  }()

  private static let attention: [Sample] = {
    let own = SelfAttention(width: 8, heads: 4, keyHeads: 2, hasBias: true, reach: .window(2))
    let given = SelfAttention(
      queryKeyValue: own.queryKeyValue, output: own.output, heads: 4, keyHeads: 2, reach: .window(2))
    let cross = CrossAttention(width: 8, memoryWidth: 8, heads: 2)
    let other = CrossAttention(query: cross.query, keyValue: cross.keyValue, output: cross.output, heads: 2)
    let biases = RelativePositionBias(heads: 2, buckets: 8, farthest: 6)
    return [
      Sample("self-attention", [2, 5, 8], own, given) { $0($1, rotating: RotaryPositions(size: 2)) },
      Sample("cross-attention", [2, 5, 8], cross, other) { $0($1, $1 * 2) },
      Sample(
        "relative position bias", [2, 5, 5], biases, RelativePositionBias(table: biases.table, farthest: 6)
      ) { $0(length: 5) * $1 },
    ]
  }()

  private static let sequential: [Sample] = {
    let (along, over) = (Convolution1D(3, 4, size: 3, padding: .causal), Convolution2D(2, 4, rows: 3, padding: .same))
    let (gru, lstm) = (GRU(3, 4), LSTM(3, 4))
    return [
      Sample(
        "convolution", [2, 5, 3], along, Convolution1D(kernel: along.kernel, bias: along.bias, padding: .causal)
      ) { $0($1) },
      Sample(
        "convolution 2D", [2, 4, 5, 2], over, Convolution2D(kernel: over.kernel, bias: over.bias, padding: .same)
      ) { $0($1) },
      Sample("gru", [2, 5, 3], gru, GRU(cell: GRUCell(input: gru.cell.input, recurrent: gru.cell.recurrent))) {
        $0($1).outputs
      },
      Sample("lstm", [2, 5, 3], lstm, LSTM(cell: LSTMCell(input: lstm.cell.input, recurrent: lstm.cell.recurrent))) {
        $0($1).outputs
      },
    ]
  }()

  static let all: [Sample] = simple + attention + sequential

  @Test(arguments: GivenWeightsTests.all) func givenWeightsGiveTheSameBits(_ sample: Sample) throws {
    let (own, given) = (try sample.own.results(), try sample.given.results())
    #expect(own.count > 2 && Set(own.keys) == Set(given.keys))
    for (name, tensor) in own { #expect(given[name]?.isIdentical(to: tensor) == true, "\(name)") }
  }

  /// Two layers over one table are one in training, too.
  @Test func layersShareWhatTheyAreGiven() throws {
    struct Tied: Model {
      let tokens = Embedding(count: 5, width: 4)
      let output: Embedding
      init() { output = Embedding(table: tokens.table) }
      func step(_ inputs: Inputs) -> Step {
        let numbers = inputs("tokens", [3], .int32)
        return Step(loss: crossEntropy(output.scores(tokens(numbers)), numbers).mean())
      }
    }
    #expect(try Tied().traced(name: "tied").weights.map(\.name) == ["tokens.table"])
  }

  @Test func wrongWeightsAreRefused() {
    func message(_ layer: any Sendable, _ build: @escaping @Sendable (Tensor) -> Tensor) -> String {
      DraftedModel.message(of: Sampled(layer: layer, shape: [2, 5, 8], function: build))
    }
    let (row, table) = (Weight([8], .zeros), Weight([6, 8], .zeros))
    let line = #line + 1
    let embedding = Embedding(table: row)
    let numbers = [0, 1, 2, 3, 4] as [Int32]
    #expect(
      message(embedding) { $0 + embedding(.values(numbers, [5])) }
        == "ModelingTests/GivenWeightsTests.swift:\(line): an embedding needs a table [count, width], got [8]")
    #expect(message(embedding) { embedding.scores($0) }.contains("an embedding needs a table [count, width], got [8]"))
    let learned = LearnedPositions(table: row)
    #expect(message(learned) { learned($0) }.contains("learned positions need a table [length, D], got [8]"))
    let uneven = Linear(weight: table, bias: nil)
    let swiglu = SwiGLU(gateUp: uneven, down: uneven)
    #expect(
      message(swiglu) { swiglu($0) }.contains("a SwiGLU needs weights [2 I, D] and [D, I], got [6, 8] and [6, 8]"))
    let rotary = RotaryEmbedding(cosines: table, sines: row)
    #expect(
      message(rotary) { rotary($0.reshaped(to: [2, 5, 1, 8])) }.contains(
        "a rotary embedding needs tables [L, d] of an even d, got [6, 8] and [8]"))
    let biases = RelativePositionBias(table: Weight([5, 2], .zeros))
    let needed = "relative positions need a table [buckets, H] of at least 4, an even number of buckets"
    #expect(message(biases) { $0 + biases(length: 5).sum() }.contains(needed))
  }
}
