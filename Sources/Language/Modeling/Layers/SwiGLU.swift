import TensorTypes

/// The gated feed-forward layer `W_down (silu(W_gate x) * W_up x)` (Shazeer 2020): `[..., width] -> [..., width]`.
///
/// Gate and up are one matrix, gate first.
public struct SwiGLU: Sendable {
  /// `[2 inner, width]`.
  public let gateUp: Linear
  /// `[width, inner]`.
  public let down: Linear
  private let problem: LayerProblem?

  public init(width: Int, inner: Int, file: StaticString = #fileID, line: Int = #line) {
    gateUp = Linear(width, inner &* 2, file: file, line: line)
    down = Linear(inner, width, file: file, line: line)
    problem = nil
  }

  /// The layer over given weights, of extents as the other initializer makes them.
  public init(gateUp: Linear, down: Linear, file: StaticString = #fileID, line: Int = #line) {
    (self.gateUp, self.down) = (gateUp, down)
    let (found, other) = (gateUp.weight.shape, down.weight.shape)
    problem = LayerProblem(
      unless: found.rank == 2 && other.rank == 2 && found[0] == 2 &* other[1] && found[1] == other[0],
      "a SwiGLU needs weights [2 I, D] and [D, I], got [\(found)] and [\(other)]", file, line)
  }

  /// The inner width of the Tiny Recursive Model: two thirds of the expansion, rounded up to 256; -1, which no layer
  /// accepts, where that is no width.
  public static func inner(width: Int, expansion: Double = 4) -> Int {
    let target = (expansion * Double(width) * 2 / 3).rounded(.toNearestOrEven)
    return (0...0x1p47).contains(target) ? (Int(target) + 255) / 256 * 256 : -1
  }

  /// - Parameter mixing: what becomes of the gated numbers, `[..., inner]`, on their way down; nothing without it.
  public func callAsFunction(
    _ x: Tensor, mixing: (Tensor) -> Tensor = { $0 }, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    if let problem { return problem.refused(x.type) }
    return located(file, line) {
      scope("swiglu") {
        let parts = gateUp(x).split(into: 2, axis: -1)
        return down(mixing(swiglu(parts[0], parts[1])))
      }
    }
  }
}
