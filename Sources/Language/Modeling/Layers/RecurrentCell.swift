import Operators
import TensorTypes

/// What cells of recurrent layers share.
enum RecurrentCell {
  static func weights(
    _ inputs: Int, _ width: Int, gates: Int, _ hasBias: Bool, _ file: StaticString, _ line: Int
  ) -> (Linear, Linear) {
    let initializer = Initializer.uniform(bound: 1 / Double(max(width, 1)).squareRoot())
    func matrix(_ inputs: Int) -> Linear {
      Linear(inputs, width &* gates, hasBias: hasBias, initializer, file: file, line: line)
    }
    return (matrix(inputs), matrix(width))
  }

  /// What is wrong with given weights.
  static func problem(
    _ input: Linear, _ recurrent: Linear, gates: Int, _ file: StaticString, _ line: Int
  ) -> LayerProblem? {
    let (found, other) = (input.weight.shape, recurrent.weight.shape)
    let width = other.extents.last ?? 0
    return LayerProblem(
      unless: found.rank == 2 && found[0] == gates &* width && other == [gates &* width, width],
      "a recurrent cell of \(gates) gates needs weights [\(gates) H, I] and [\(gates) H, H], got [\(found)] and [\(other)]",
      file, line)
  }

  /// What stands for the outputs of a layer that cannot run over a sequence; nil where it can.
  static func refusal(
    of x: Tensor, _ input: Linear, _ problem: LayerProblem?, _ file: StaticString, _ line: Int
  ) -> Tensor? {
    if let problem { return problem.refused(x.type) }
    let inputs = input.weight.shape[1]
    if x.rank == 3, x.extent(2) == inputs { return nil }
    return located(file, line) {
      refused([x], TypeError("recurrent.1", "needs [B, T, \(inputs)], got \(x.type)"), x.type)
    }
  }

  static func zeros(_ x: Tensor, _ width: Int) -> Tensor {
    .constant(0, Shape([x.extent(0), width]), x.type.elementType)
  }
}
