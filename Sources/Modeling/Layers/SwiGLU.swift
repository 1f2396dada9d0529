import TensorTypes

/// The gated feed-forward layer `W_down (silu(W_gate x) * W_up x)` (Shazeer 2020): `[..., width] -> [..., width]`.
///
/// Gate and up are one matrix, gate first.
public struct SwiGLU: Sendable {
  public let gateUp: Linear
  public let down: Linear

  public init(width: Int, inner: Int) {
    gateUp = Linear(width, 2 * inner)
    down = Linear(inner, width)
  }

  /// The inner width of the Tiny Recursive Model: two thirds of the expansion, rounded up to 256.
  public static func inner(width: Int, expansion: Double = 4) -> Int {
    let target = Int((expansion * Double(width) * 2 / 3).rounded(.toNearestOrEven))
    return (target + 255) / 256 * 256
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    scope("swiglu") {
      let parts = gateUp(x).split(into: 2, axis: -1)
      return down(swiglu(parts[0], parts[1]))
    }
  }
}
