import TensorTypes

/// The gated feed-forward layer `W_down (silu(W_gate x) * W_up x)` (Shazeer 2020): `[..., width] -> [..., width]`.
///
/// Gate and up are one matrix, gate first.
public struct SwiGLU: Sendable {
  public let gateUp: Linear
  public let down: Linear

  public init(width: Int, inner: Int, file: StaticString = #fileID, line: Int = #line) {
    gateUp = Linear(width, inner &* 2, file: file, line: line)
    down = Linear(inner, width, file: file, line: line)
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
    located(file, line) {
      scope("swiglu") {
        let parts = gateUp(x).split(into: 2, axis: -1)
        return down(mixing(swiglu(parts[0], parts[1])))
      }
    }
  }
}
