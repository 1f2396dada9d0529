import GraphIR
import TensorTypes

extension Operator {
  /// Values with a gradient that their author wrote: of those before them nothing flows.
  ///
  ///     %3 = custom_gradient %x, %y {operands = 1} : f32[8] (%1 : f32[8]) {
  ///       %2 = multiply %1, %x
  ///       yield %2
  ///     }
  ///
  /// - Operands: those that a gradient flows to, then the values.
  /// - Region parameters: the cotangents of the values. Region results: a gradient for each operand.
  /// - Results: the values.
  /// - Attributes: `operands`, how many get a gradient.
  public static let customGradient: Operator = Operator(
    name: "custom_gradient", summary: "Values whose gradient is a region of the author's.", kind: .control,
    type: { signature in
      let count = try signature.requireInteger("operands", "custom_gradient.1")
      try signature.require(
        signature.regions.count == 1 && (0...signature.operands.count).contains(count), "custom_gradient.1",
        "needs one region and at least \(count) operands, got \(signature.operands.count)")
      let (operands, values) = (signature.operands.prefix(count), signature.operands.dropFirst(count))
      let region = signature.regions[0]
      try signature.require(
        region.parameters == Array(values), "custom_gradient.2",
        "region parameters must be the cotangents \(Array(values)), got \(region.parameters)")
      try signature.require(
        region.results == Array(operands) && operands.allSatisfy(\.elementType.isFloatingPoint), "custom_gradient.3",
        "region results must be floating-point gradients of \(Array(operands)), got \(region.results)")
      return Array(values)
    },
    gradient: .structural,
    semantics: .composite { signature, operands, _ in Array(operands.suffix(signature.results.count)) }, samples: [])
}

/// Typed access to the parts of a `custom_gradient` operation.
public struct CustomGradient {
  public let operation: Graph.Operation
  public let region: Graph.RegionID
  /// Those that a gradient flows to.
  public let operands: [Graph.Value]
  /// What the results are.
  public let values: [Graph.Value]

  /// nil for any other operation.
  public init?(_ operation: Graph.Operation) {
    guard case .structural = operation.used.gradient, case .composite = operation.used.semantics else { return nil }
    self.operation = operation
    region = operation.regions[0]
    let count = operation.attributes.integer("operands")
    operands = Array(operation.operands.prefix(count))
    values = Array(operation.operands.dropFirst(count))
  }
}

extension Graph.Operation {
  /// The operands of an operation without a body that cotangents of its results reach.
  public var operandsWithGradient: [Graph.Value] {
    if case .rule = used.gradient { return operands }
    return CustomGradient(self)?.operands ?? []
  }
}
