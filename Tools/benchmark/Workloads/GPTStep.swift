import DecoderTransformer
import Recurve

/// W3: the loss of a small causal transformer (Radford et al. 2019, with root-mean-square norms and without biases) over
/// tokens `in.x` and the tokens `in.y` behind them, `i32[B, L]` each.
struct GPTStep: Model {
  let gpt: GPT
  let batch: Int

  init(_ sizes: GPT.Sizes, batch: Int) { (gpt, self.batch) = (GPT(sizes), batch) }

  func step(_ inputs: Inputs) -> Step {
    let shape: Shape = ["B": batch, "L": gpt.sizes.context]
    let (x, y) = (inputs("in.x", shape, .int32), inputs("in.y", shape, .int32))
    return Step(loss: crossEntropy(gpt.scores(x), y).mean())
  }

  /// As the peers run it.
  static let sizes: GPT.Sizes = {
    var sizes = GPT.Sizes(width: 256, layers: 6, heads: 8, vocabulary: 16, context: 64)
    sizes.positions = .learned
    return sizes
  }()
  static let batch: Int = 64
}
