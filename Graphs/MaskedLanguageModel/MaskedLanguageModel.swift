import EncoderTransformer
import Recurve

/// An encoder that finds what was masked in a text (Devlin et al. 2019), its layers with weights of their own, or one layer
/// applied again and again (Dehghani et al. 2019).
///
/// Embeddings of tokens and positions, a norm; encoder layers with the norm behind each part; at the places that are asked for,
/// a dense layer with a norm, and scores that are products with the tokens' embeddings (Press and Wolf 2017), with a bias.
/// Shapes: B batch, L positions, D width, V vocabulary, K places of a sequence.
public struct MaskedLanguageModel: Model, Sendable {
  public let sizes: Sizes
  let batch: Int
  let gradient: GradientMode
  let tokens: Embedding
  let positions: LearnedPositions
  let embeddingNorm: LayerNorm
  let layers: [EncoderLayer]
  let transform: Linear
  let transformNorm: LayerNorm
  let scoreBias: Weight

  /// - Parameter gradient: how far it reaches back through the applications of one layer.
  public init(_ sizes: Sizes, batch: Int, gradient: GradientMode = .full) {
    (self.sizes, self.batch, self.gradient) = (sizes, batch, gradient)
    let deviation = Initializer.normal(standardDeviation: sizes.deviation)
    tokens = Embedding(count: sizes.vocabulary, width: sizes.width, deviation)
    positions = LearnedPositions(length: sizes.context, width: sizes.width, deviation)
    embeddingNorm = LayerNorm(width: sizes.width, epsilon: EncoderLayer.epsilon)
    layers = (0..<(sizes.variant == .bert ? sizes.depth : 1)).map { _ in
      EncoderLayer(
        width: sizes.width, heads: sizes.heads, inner: sizes.inner, dropoutRate: sizes.dropout, deviation)
    }
    transform = Linear(sizes.width, sizes.width, hasBias: true, deviation)
    transformNorm = LayerNorm(width: sizes.width, epsilon: EncoderLayer.epsilon)
    scoreBias = Weight([sizes.vocabulary], .zeros)
  }

  /// Masks the sequences of `tokens`, `i32[B, L]`, and asks for what was there.
  public func step(_ inputs: Inputs) -> Step {
    let found = losses(inputs("tokens", ["B": batch, "L": sizes.context], .int32))
    let count = Tensor.constant(Double(found.isRight.extent(0)), .scalar)
    let accuracy = Metric(value: found.isRight.sum(), count: count)
    return Step(loss: found.loss, metrics: [("masked_accuracy", accuracy)])
  }

  /// Masks sequences, `i32[B, L]`, and asks for what was there: the mean loss, and 1 or 0 for each masked token, `[B K]`.
  func losses(_ tokens: Tensor) -> (loss: Tensor, isRight: Tensor) {
    let masked = sizes.masking(tokens)
    let scores = scores(hidden(masked.tokens), at: masked.places)
    return scope("loss") {
      let isRight = (scores.argmax(axis: -1) .== masked.labels).converted(to: .float32)
      return (crossEntropy(scores, masked.labels).mean(), isRight)
    }
  }

  /// What the layers make of sequences of L tokens at most: `i32[B, L] -> [B, L, D]`.
  func hidden(_ tokens: Tensor) -> Tensor {
    let start = scope("embedding") {
      dropout(embeddingNorm(positions(self.tokens(tokens))), rate: sizes.dropout)
    }
    switch sizes.variant {
    case .bert:
      return layers.enumerated().reduce(start) { h, layer in scope("layer\(layer.offset)") { layer.element(h) } }
    case .recurrent:
      return recur(sizes.depth, carrying: start, gradient: gradient) { h in scope("layer") { layers[0](h) } }
    }
  }

  /// Scores of all tokens where they are asked for.
  ///
  /// - Parameters:
  ///   - hidden: `[B, L, D]`.
  ///   - places: in all sequences one after another, `i32[S]`.
  /// - Returns: `[S, V]`.
  func scores(_ hidden: Tensor, at places: Tensor) -> Tensor {
    scope("head") {
      let asked = gather(hidden.reshaped(to: [-1, sizes.width]), places)
      let found = transformNorm(gelu(transform(asked), isExact: true))
      return linear(found, tokens.table.tensor) + scoreBias.tensor
    }
  }

  /// A program: what may stand at places of one text.
  ///
  /// Inputs `tokens`, `i32[1, L]`, and `places`, `i32[n]`; the result `probabilities`, `[n, V]`.
  func filled(_ io: Inputs, length: Int, count: Int) -> [String: Tensor] {
    let hidden = hidden(io("tokens", [1, length], .int32))
    return ["probabilities": softmax(scores(hidden, at: io("places", [count], .int32)))]
  }
}
