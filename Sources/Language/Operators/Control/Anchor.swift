extension Operator {
  /// The first operand, available only once the second exists.
  ///
  /// Recomputation hangs on an anchor: it may start only when its incoming cotangent is there. Without it an equal
  /// computation of the forward part would be shared, or moved early, and the memory it saves would be lost.
  public static let anchor: Operator = Operator(
    name: "anchor", summary: "The first operand, once the second exists.", kind: .control,
    type: { signature in
      try signature.requireOperandCount(2, "anchor")
      return [signature.operands[0]]
    },
    gradient: .rule { [$0.cotangent, nil] },
    semantics: .primitive(
      evaluate: { [$0.operands[0]] }, lower: { _ in .view },
      export: { [$0.build.anchored($0.operands[0], to: $0.operands[1])] }),
    integers: .moved,
    samples: [
      OperatorSample(
        [Elementwise.sampleType, Elementwise.sampleType], domains: [.uniform(-1, 1), .uniform(-1, 1)])
    ])
}
