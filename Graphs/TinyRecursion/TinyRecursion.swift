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
  /// A vector for each puzzle, followed by zero registers.
  let puzzle: Weight
  let answerStart: Weight
  let latentStart: Weight
  let net: Net
  /// Of the answer, where it is not the one network.
  let answerNet: Net?
  let readout: Linear
  let halting: Linear

  public init(_ sizes: Sizes, gradient: GradientMode = .last(1)) {
    self.sizes = sizes
    self.gradient = gradient
    let unit = Initializer.truncatedNormal(standardDeviation: 1)
    embedding = Embedding(count: sizes.vocabulary, width: sizes.width)
    puzzle = Weight([sizes.puzzleCount, sizes.width], .zeros)
    answerStart = .constant([sizes.width], unit)
    latentStart = .constant([sizes.width], unit)
    net = Net(sizes)
    answerNet = sizes.separatesNetworks ? Net(sizes) : nil
    readout = Linear(sizes.width, sizes.vocabulary)
    halting = Linear(weight: Weight([1, sizes.width], .zeros), bias: Weight([1], .constant(-5)))
  }

  public func step(_ inputs: Inputs) -> Step {
    let tokens = inputs("tokens", ["B": sizes.batch, "S": sizes.cells], .int32)
    let labels = inputs("labels", ["B": sizes.batch, "S": sizes.cells], .int32)
    let isFresh = inputs("fresh", ["B": sizes.batch], .bool)
    let thought = think(inputs, tokens, isFresh)
    return losses(thought, labels)
  }

  /// One supervision step without its losses.
  ///
  /// - Parameters:
  ///   - tokens: `i32[B, S]`.
  ///   - isFresh: `bool[B]`, where states start anew.
  func think(_ inputs: Inputs, _ tokens: Tensor, _ isFresh: Tensor) -> Thought {
    let state: Shape = ["B": sizes.batch, "L": sizes.length, "D": sizes.width]
    let x = embed(tokens, inputs)
    let answer = inputs.state("answer", state)
    let y0 = restart(answer, at: isFresh, from: answerStart)
    let latent = inputs.state("latent", state)
    let z0 = restart(latent, at: isFresh, from: latentStart)

    let (y, z) = recur(sizes.cycles, carrying: (y0, z0), gradient: gradient) { y, z in
      let z = recur(sizes.updates, carrying: z, gradient: sizes.latentGradient) { z in net(z, y + x) }
      return ((answerNet ?? net)(y, z), z)
    }

    let logits = scope("readout") { readout(y.slice(sizes.registers..<sizes.length, axis: 1)) }  // [B, S, V]
    let score = scope("halting") { halting(y.at(0, axis: 1)).reshaped(to: ["B": sizes.batch]) }
    return Thought(logits: logits, score: score, answer: (answer, y), latent: (latent, z))
  }

  /// What a supervision step leads to.
  struct Thought {
    /// `[B, S, V]`.
    let logits: Tensor
    /// `[B]`, the logit of the answer being right.
    let score: Tensor
    /// `[B, L, D]` each: the state that the step began with, and the one that it ends with.
    let answer: (state: Tensor, next: Tensor)
    let latent: (state: Tensor, next: Tensor)
  }

  /// Tokens and the puzzle's registers, scaled by the square root of the width: `i32[B, S] -> [B, L, D]`.
  private func embed(_ tokens: Tensor, _ inputs: Inputs) -> Tensor {
    scope("embedding") {
      let cells = embedding(tokens)
      let own = puzzleVectors(inputs)
      let zeros = Tensor.constant(0, ["B": sizes.batch, "P": sizes.registers - 1, "D": sizes.width])
      let registers = sizes.registers > 1 ? [own, zeros] : [own]
      return concatenate(registers + [cells], axis: 1) * Double(sizes.width).squareRoot()
    }
  }

  /// `[B, 1, D]`.
  private func puzzleVectors(_ inputs: Inputs) -> Tensor {
    let shape: Shape = ["B": sizes.batch, "P": 1, "D": sizes.width]
    if sizes.puzzleCount == 1 { return puzzle.tensor.repeated(to: shape) }
    return gather(puzzle.tensor, inputs("puzzles", ["B": sizes.batch], .int32)).reshaped(to: shape)
  }

  /// The state kept from the last step, or the start where a new puzzle begins.
  private func restart(_ state: Tensor, at isFresh: Tensor, from start: Weight) -> Tensor {
    select(
      isFresh.reshaped(to: ["B": sizes.batch, "L": 1, "D": 1]).repeated(to: state.shape),
      start.tensor.repeated(to: state.shape), state)
  }

  /// Token loss plus half the halting loss, as means over the batch; accuracies and the next states beside them.
  private func losses(_ thought: Thought, _ labels: Tensor) -> Step {
    scope("loss") {
      let (logits, score) = (thought.logits, thought.score)
      let perToken =
        sizes.usesStablemax
        ? stablemaxCrossEntropy(logits, labels, ignoring: 0) : crossEntropy(logits, labels, ignoring: 0)
      // Grids that do not fill their canvas have cells without a label; any answer to these is right.
      let answers = logits.argmax(axis: -1) .== labels
      let isRight = (sizes.hasPads ? answers .| (labels .== 0) : answers).converted(to: .float32)  // [B, S]
      let rightCells = isRight.sum(axis: 1)
      let isSolved = (rightCells .== Double(sizes.cells)).converted(to: .float32)  // [B]
      let tokenLoss = sizes.hasPads ? meanOfLabels(perToken, labels) : perToken.mean()
      let haltingLoss = binaryCrossEntropy(score, isSolved.detached()).mean()
      return Step(
        loss: tokenLoss + haltingLoss * 0.5,
        metrics: [
          ("cell_accuracy", sizes.hasPads ? labelledAccuracy(answers, labels) : isRight.mean()),
          ("puzzle_accuracy", isSolved.mean()),
          ("solved", isSolved), ("halting_score", score), ("answer_tokens", logits.argmax(axis: -1)),
        ],
        updates: [("answer", thought.answer.next.detached()), ("latent", thought.latent.next.detached())])
    }
  }
  /// Which cells with a label are right; those without are neither right nor wrong.
  private func labelledAccuracy(_ answers: Tensor, _ labels: Tensor) -> Tensor {
    meanOfLabels((answers .& (labels .> 0)).converted(to: .float32), labels)
  }

  /// The mean over sequences of the mean over the cells that have a label: `[B, S] -> []`.
  private func meanOfLabels(_ perToken: Tensor, _ labels: Tensor) -> Tensor {
    let counts = (labels .> 0).converted(to: .float32).sum(axis: 1)
    return (perToken.sum(axis: 1) / counts).mean()
  }
}
