import GraphIR

/// What maxima and minima share.
extension Elementwise {
  /// IEEE 754-2019 maximum: NaN if either is NaN, and 0 is larger than -0.
  static func maximum<Element: BinaryFloatingPoint>(_ a: Element, _ b: Element) -> Element {
    if a.isNaN || b.isNaN { return .nan }
    if a == b { return a.sign == .plus ? a : b }
    return a > b ? a : b
  }

  /// The cotangent to the operand that was chosen, half to each where they are equal, NaN where the result is.
  static func extremeGradient(
    _ context: GradientContext, wins: (Graph.Value, Graph.Value) -> Graph.Value
  ) -> [Graph.Value?] {
    let build = context.build
    let (a, b, cotangent) = (context.operand(0), context.operand(1), context.cotangent)
    let half = build.scale(cotangent, by: 0.5)
    let zero = build.constant(0, like: cotangent)
    let shared = build.select(build.emit1(.equal, a, b), half, context.result())
    let (aWins, bWins) = (wins(a, b), wins(b, a))
    return [
      build.select(aWins, cotangent, build.select(bWins, zero, shared)),
      build.select(bWins, cotangent, build.select(aWins, zero, shared)),
    ]
  }
}
