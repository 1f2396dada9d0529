extension Operator {
  /// A region that runs once; for the backward part it runs again instead of keeping its inner values.
  ///
  /// - Shape: no operands or region parameters; the region's results are the results.
  public static let checkpoint: Operator = Operator(
    name: "checkpoint", summary: "A region whose inner values are computed again for the gradient.",
    kind: .control,
    type: { signature in
      try signature.require(
        signature.regions.count == 1 && signature.operands.isEmpty && signature.regions[0].parameters.isEmpty,
        "checkpoint.1", "needs one region without parameters")
      return signature.regions[0].results
    },
    gradient: .structural, semantics: .checkpoint, samples: [])
}
