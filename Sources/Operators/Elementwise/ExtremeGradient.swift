import GraphIR

extension Elementwise {
  /// The cotangent to the operand that was chosen, half to each where they are equal.
  static func extremeGradient(_ context: GradientContext) -> [Graph.Value?] {
    let build = context.build
    let tie = build.emit1(.equal, context.operand(0), context.operand(1))
    let half = build.scale(context.cotangent, by: 0.5)
    let zero = build.constant(0, like: context.cotangent)
    return [0, 1].map { index in
      let isChosen = build.emit1(.equal, context.operand(index), context.result())
      return build.select(tie, half, build.select(isChosen, context.cotangent, zero))
    }
  }
}
