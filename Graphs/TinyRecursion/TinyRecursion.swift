import Recurve

/// The Tiny Recursive Model (Jolicoeur-Martineau 2025, arXiv 2510.04871; code at SamsungSAILMontreal, e7b6871).
///
/// One supervision step: cycles of latent updates `z <- net(z, y + x)` and one answer update `y <- net(y, z)`, of which
/// only the last cycle carries a gradient; then logits and a halting score from y. Shapes: B batch, L positions (puzzle
/// registers first), D width, V vocabulary.
public struct TinyRecursion: Model {
  let sizes: Sizes
  let gradient: GradientMode
  let embedding: Embedding
  /// The puzzle's vector, followed by zero registers.
  let puzzle: Weight
  let answerStart: Weight
  let latentStart: Weight
  let net: Net
  let readout: Linear
  let halting: Linear

  public init(_ sizes: Sizes, gradient: GradientMode = .last(1)) {
    self.sizes = sizes
    self.gradient = gradient
    let unit = Initializer.truncatedNormal(standardDeviation: 1)
    embedding = Embedding(count: sizes.vocabulary, width: sizes.width)
    puzzle = Weight([1, sizes.width], .zeros)
    answerStart = .constant([sizes.width], unit)
    latentStart = .constant([sizes.width], unit)
    net = Net(sizes)
    readout = Linear(sizes.width, sizes.vocabulary)
    halting = Linear(weight: Weight([1, sizes.width], .zeros), bias: Weight([1], .constant(-5)))
  }

  public func step(_ inputs: Inputs) -> Step {
    let tokens = inputs("tokens", ["B": sizes.batch, "S": sizes.cells], .int32)
    let labels = inputs("labels", ["B": sizes.batch, "S": sizes.cells], .int32)
    let isFresh = inputs("fresh", ["B": sizes.batch], .bool)
    let state: Shape = ["B": sizes.batch, "L": sizes.length, "D": sizes.width]
    let x = embed(tokens)
    let y0 = restart(inputs.state("answer", state), at: isFresh, from: answerStart)
    let z0 = restart(inputs.state("latent", state), at: isFresh, from: latentStart)

    let (y, z) = recur(sizes.cycles, carrying: (y0, z0), gradient: gradient) { y, z in
      let z = recur(sizes.updates, carrying: z) { z in net(z, y + x) }
      return (net(y, z), z)
    }

    let logits = scope("readout") { readout(y.slice(sizes.registers..<sizes.length, axis: 1)) }  // [B, S, V]
    let score = scope("halting") { halting(y.at(0, axis: 1)).reshaped(to: ["B": sizes.batch]) }
    return losses(logits, score, labels, y, z)
  }

  /// Tokens and the puzzle's registers, scaled by the square root of the width: `i32[B, S] -> [B, L, D]`.
  private func embed(_ tokens: Tensor) -> Tensor {
    scope("embedding") {
      let cells = embedding(tokens)
      let own = puzzle.tensor.repeated(to: ["B": sizes.batch, "P": 1, "D": sizes.width])
      let zeros = Tensor.constant(0, ["B": sizes.batch, "P": sizes.registers - 1, "D": sizes.width])
      let registers = sizes.registers > 1 ? [own, zeros] : [own]
      return concatenate(registers + [cells], axis: 1) * Double(sizes.width).squareRoot()
    }
  }

  /// The state kept from the last step, or the start where a new puzzle begins.
  private func restart(_ state: Tensor, at isFresh: Tensor, from start: Weight) -> Tensor {
    select(
      isFresh.reshaped(to: ["B": sizes.batch, "L": 1, "D": 1]).repeated(to: state.shape),
      start.tensor.repeated(to: state.shape), state)
  }

  /// Token loss plus half the halting loss, as means over the batch; accuracies and the next states beside them.
  private func losses(_ logits: Tensor, _ score: Tensor, _ labels: Tensor, _ y: Tensor, _ z: Tensor) -> Step {
    scope("loss") {
      let perToken =
        sizes.usesStablemax
        ? stablemaxCrossEntropy(logits, labels, ignoring: 0) : crossEntropy(logits, labels, ignoring: 0)
      let isRight = (logits.argmax(axis: -1) .== labels).converted(to: .float32)  // [B, S]
      let rightCells = isRight.sum(axis: 1)
      let isSolved = (rightCells .== Double(sizes.cells)).converted(to: .float32)  // [B]
      let tokenLoss = perToken.mean()
      let haltingLoss = binaryCrossEntropy(score, isSolved.detached()).mean()
      return Step(
        loss: tokenLoss + haltingLoss * 0.5,
        metrics: [
          ("cell_accuracy", isRight.mean()), ("puzzle_accuracy", isSolved.mean()),
          ("solved", isSolved), ("halting_score", score), ("answer_tokens", logits.argmax(axis: -1)),
        ],
        updates: [("answer", y.detached()), ("latent", z.detached())])
    }
  }
}
