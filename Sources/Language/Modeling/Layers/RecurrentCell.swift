import Operators
import TensorTypes

/// One step of a gated recurrent unit (Cho et al. 2014): `[B, I], [B, H] -> [B, H]`; PyTorch's GRUCell.
///
/// `r = sigmoid(W_r x + U_r h)`, `z = sigmoid(W_z x + U_z h)`, `n = tanh(W_n x + r * (U_n h))`, each with both biases, and
/// `h' = (1 - z) * n + z * h`. The three of each kind are one matrix, in this order.
public struct GRUCell: Sendable {
  /// `[3 H, I]`.
  public let input: Linear
  /// `[3 H, H]`.
  public let recurrent: Linear

  /// Weights begin uniform in plus or minus `1 / sqrt(H)`, biases with 0.
  public init(
    _ inputs: Int, _ width: Int, hasBias: Bool = true, file: StaticString = #fileID, line: Int = #line
  ) {
    (input, recurrent) = RecurrentCell.weights(inputs, width, gates: 3, hasBias, file, line)
  }

  public init(input: Linear, recurrent: Linear) { (self.input, self.recurrent) = (input, recurrent) }

  public func callAsFunction(
    _ x: Tensor, _ state: Tensor, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) { next(input(x), state) }
  }

  /// - Parameter projected: the input's part, `[B, 3 H]`.
  func next(_ projected: Tensor, _ state: Tensor) -> Tensor {
    let (x, h) = (projected.split(into: 3, axis: -1), recurrent(state).split(into: 3, axis: -1))
    let (reset, update) = (sigmoid(x[0] + h[0]), sigmoid(x[1] + h[1]))
    let candidate = tanh(x[2] + reset * h[2])
    return candidate + update * (state - candidate)
  }
}

/// A gated recurrent unit over time: `[B, T, I] -> [B, T, H]`; PyTorch's GRU of one layer and direction, with `batch_first`.
public struct GRU: Sendable {
  public let cell: GRUCell

  public init(
    _ inputs: Int, _ width: Int, hasBias: Bool = true, file: StaticString = #fileID, line: Int = #line
  ) {
    cell = GRUCell(inputs, width, hasBias: hasBias, file: file, line: line)
  }

  public init(cell: GRUCell) { self.cell = cell }

  /// - Parameters:
  ///   - state: the first one, `[B, H]`; zeros without.
  ///   - reversed: from the last part to the first; outputs lie where their parts do.
  ///   - gradient: how far back-propagation reaches through time.
  /// - Returns: the states `[B, T, H]`, and the last one.
  public func callAsFunction(
    _ x: Tensor, from state: Tensor? = nil, reversed: Bool = false, gradient: GradientMode = .full,
    file: StaticString = #fileID, line: Int = #line
  ) -> (outputs: Tensor, state: Tensor) {
    let width = cell.recurrent.weight.shape[1]
    guard x.rank == 3, x.extent(2) == cell.input.weight.shape[1] else {
      let problem = TypeError("recurrent.1", "needs [B, T, \(cell.input.weight.shape[1])], got \(x.type)")
      let placeholder = located(file, line) { refused([x], problem, x.type) }
      return (placeholder, placeholder)
    }
    let (projected, first) = located(file, line) { (cell.input(x), state ?? RecurrentCell.zeros(x, width)) }
    let result = scan(
      x.extent(1), [projected], axis: 1, reversed: reversed, carrying: [first], gradient: gradient, file: file,
      line: line
    ) { carried, parts in
      let next = cell.next(parts[0], carried[0])
      return ([next], [next])
    }
    return (result.outputs[0], result.state[0])
  }
}

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

  /// Weights begin uniform in plus or minus `1 / sqrt(H)`, biases with 0.
  public init(
    _ inputs: Int, _ width: Int, hasBias: Bool = true, file: StaticString = #fileID, line: Int = #line
  ) {
    (input, recurrent) = RecurrentCell.weights(inputs, width, gates: 4, hasBias, file, line)
  }

  public init(input: Linear, recurrent: Linear) { (self.input, self.recurrent) = (input, recurrent) }

  public func callAsFunction(
    _ x: Tensor, _ state: (hidden: Tensor, cell: Tensor), file: StaticString = #fileID, line: Int = #line
  ) -> (hidden: Tensor, cell: Tensor) {
    located(file, line) { next(input(x), state) }
  }

  /// - Parameter projected: the input's part, `[B, 4 H]`.
  func next(_ projected: Tensor, _ state: (hidden: Tensor, cell: Tensor)) -> (hidden: Tensor, cell: Tensor) {
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
    let width = cell.recurrent.weight.shape[1]
    guard x.rank == 3, x.extent(2) == cell.input.weight.shape[1] else {
      let problem = TypeError("recurrent.1", "needs [B, T, \(cell.input.weight.shape[1])], got \(x.type)")
      let placeholder = located(file, line) { refused([x], problem, x.type) }
      return (placeholder, (placeholder, placeholder))
    }
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

private enum RecurrentCell {
  static func weights(
    _ inputs: Int, _ width: Int, gates: Int, _ hasBias: Bool, _ file: StaticString, _ line: Int
  ) -> (Linear, Linear) {
    let initializer = Initializer.uniform(bound: 1 / Double(max(width, 1)).squareRoot())
    func matrix(_ inputs: Int) -> Linear {
      Linear(inputs, width &* gates, hasBias: hasBias, initializer, file: file, line: line)
    }
    return (matrix(inputs), matrix(width))
  }

  static func zeros(_ x: Tensor, _ width: Int) -> Tensor {
    .constant(0, Shape([x.extent(0), width]), x.type.elementType)
  }
}
