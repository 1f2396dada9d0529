import Operators
import TensorTypes

/// One step of a long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
/// `[B, I]` and states h and c `[B, H]` -> h and c; PyTorch's LSTMCell.
///
/// `i, f, o = sigmoid(W x + U h)`, `g = tanh(W x + U h)`, each with both biases, `c' = f * c + i * g`, `h' = o * tanh(c')`. The
/// four of each kind are one matrix, in the order i, f, g, o.
public struct LSTMCell: Sendable {
  /// `[4 H, I]`.
  public let input: Linear
  /// `[4 H, H]`.
  public let recurrent: Linear
  let problem: LayerProblem?

  /// Weights begin uniform in plus or minus `1 / sqrt(H)`, biases with 0.
  public init(
    _ inputs: Int, _ width: Int, hasBias: Bool = true, file: StaticString = #fileID, line: Int = #line
  ) {
    (input, recurrent) = RecurrentCell.weights(inputs, width, gates: 4, hasBias, file, line)
    problem = nil
  }

  /// The cell over given weights, of extents as the other initializer makes them.
  public init(input: Linear, recurrent: Linear, file: StaticString = #fileID, line: Int = #line) {
    (self.input, self.recurrent) = (input, recurrent)
    problem = RecurrentCell.problem(input, recurrent, gates: 4, file, line)
  }

  public func callAsFunction(
    _ x: Tensor, _ state: (hidden: Tensor, cell: Tensor), file: StaticString = #fileID, line: Int = #line
  ) -> (hidden: Tensor, cell: Tensor) {
    located(file, line) { next(input(x), state) }
  }

  /// - Parameter projected: the input's part, `[B, 4 H]`.
  func next(_ projected: Tensor, _ state: (hidden: Tensor, cell: Tensor)) -> (hidden: Tensor, cell: Tensor) {
    if let problem { return (problem.refused(state.hidden.type), problem.refused(state.cell.type)) }
    let gates = (projected + recurrent(state.hidden)).split(into: 4, axis: -1)
    let cell = sigmoid(gates[1]) * state.cell + sigmoid(gates[0]) * tanh(gates[2])
    return (sigmoid(gates[3]) * tanh(cell), cell)
  }
}

/// A long short-term memory over time: `[B, T, I] -> [B, T, H]`; PyTorch's LSTM of one layer and direction, with `batch_first`.
public struct LSTM: Sendable {
  public let cell: LSTMCell

  public init(
    _ inputs: Int, _ width: Int, hasBias: Bool = true, file: StaticString = #fileID, line: Int = #line
  ) {
    cell = LSTMCell(inputs, width, hasBias: hasBias, file: file, line: line)
  }

  public init(cell: LSTMCell) { self.cell = cell }

  /// - Parameters:
  ///   - state: the first ones, `[B, H]` each; zeros without.
  ///   - reversed: from the last part to the first; outputs lie where their parts do.
  ///   - gradient: how far back-propagation reaches through time.
  /// - Returns: the hidden states `[B, T, H]`, and the last states.
  public func callAsFunction(
    _ x: Tensor, from state: (hidden: Tensor, cell: Tensor)? = nil, reversed: Bool = false,
    gradient: GradientMode = .full, file: StaticString = #fileID, line: Int = #line
  ) -> (outputs: Tensor, state: (hidden: Tensor, cell: Tensor)) {
    if let placeholder = RecurrentCell.refusal(of: x, cell.input, cell.problem, file, line) {
      return (placeholder, (placeholder, placeholder))
    }
    let width = cell.recurrent.weight.shape[1]
    let (projected, zeros) = located(file, line) { (cell.input(x), RecurrentCell.zeros(x, width)) }
    let first = state ?? (zeros, zeros)
    let result = scan(
      x.extent(1), [projected], axis: 1, reversed: reversed, carrying: [first.hidden, first.cell], gradient: gradient,
      file: file, line: line
    ) { carried, parts in
      let next = cell.next(parts[0], (carried[0], carried[1]))
      return ([next.hidden, next.cell], [next.hidden])
    }
    return (result.outputs[0], (result.state[0], result.state[1]))
  }
}
