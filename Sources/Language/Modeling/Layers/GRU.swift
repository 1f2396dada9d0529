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
  let problem: LayerProblem?

  /// Weights begin uniform in plus or minus `1 / sqrt(H)`, biases with 0.
  public init(
    _ inputs: Int, _ width: Int, hasBias: Bool = true, file: StaticString = #fileID, line: Int = #line
  ) {
    (input, recurrent) = RecurrentCell.weights(inputs, width, gates: 3, hasBias, file, line)
    problem = nil
  }

  /// The cell over given weights, of extents as the other initializer makes them.
  public init(input: Linear, recurrent: Linear, file: StaticString = #fileID, line: Int = #line) {
    (self.input, self.recurrent) = (input, recurrent)
    problem = RecurrentCell.problem(input, recurrent, gates: 3, file, line)
  }

  public func callAsFunction(
    _ x: Tensor, _ state: Tensor, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) { next(input(x), state) }
  }

  /// - Parameter projected: the input's part, `[B, 3 H]`.
  func next(_ projected: Tensor, _ state: Tensor) -> Tensor {
    if let problem { return problem.refused(state.type) }
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
    if let placeholder = RecurrentCell.refusal(of: x, cell.input, cell.problem, file, line) {
      return (placeholder, placeholder)
    }
    let width = cell.recurrent.weight.shape[1]
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
