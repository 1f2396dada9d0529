import Recurve

/// An LSTM over characters, its states carried from step to step (truncated back-propagation through time; Hochreiter and
/// Schmidhuber 1997), written by hand as users write it.
struct CharacterLSTM: Model {
  let batch, length: Int
  let width: Int
  let gradient: GradientMode
  let embedding: Embedding
  let input: Linear
  let recurrent: Linear
  let readout: Linear

  init(_ sizes: UnseenSizes, gradient: GradientMode) {
    (batch, length, width, self.gradient) = (sizes.batch, sizes.length, sizes.width, gradient)
    embedding = Embedding(count: sizes.vocabulary, width: width)
    input = Linear(width, 4 * width, hasBias: true)
    recurrent = Linear(width, 4 * width)
    readout = Linear(width, sizes.vocabulary, hasBias: true)
  }

  func step(_ inputs: Inputs) -> Step {
    let tokens = inputs("tokens", ["B": batch, "L": length], .int32)
    let targets = inputs("targets", ["B": batch, "L": length], .int32)
    let h = inputs.state("h", ["B": batch, "D": width])
    let c = inputs.state("c", ["B": batch, "D": width])
    let x = input(embedding(tokens)).transposed(1, 0, 2)  // [L, B, 4 D]
    let (last, outputs) = scan(length, [x], carrying: [h, c], gradient: gradient) { state, parts in
      let gates = (parts[0] + recurrent(state[0])).split(into: 4, axis: -1)
      let c = sigmoid(gates[1] + 1) * state[1] + sigmoid(gates[0]) * tanh(gates[2])
      let h = sigmoid(gates[3]) * tanh(c)
      return ([h, c], [h])
    }
    return Step(
      loss: crossEntropy(readout(outputs[0].transposed(1, 0, 2)), targets).mean(),
      updates: [("h", last[0].detached()), ("c", last[1].detached())])
  }
}
