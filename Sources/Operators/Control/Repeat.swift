import GraphIR
import TensorTypes

extension Operator {
  /// A loop with a static trip count: recursion that stays a loop.
  ///
  /// - Operands: initial carries, then stacked inputs `T[count, rest]`.
  /// - Region parameters: step index `i32[]`, carries, slices `T[rest]` of the stacked inputs.
  /// - Region results: next carries, then values to stack.
  /// - Results: final carries, then stacked outputs `T[count, rest]`.
  /// - Attributes: `count`, `carries`; `reversed` runs the step index and the slices from the last to the first;
  ///   `gradient` and `gradient_parameter` hold the gradient mode.
  public static let `repeat`: Operator = Operator(
    name: "repeat", summary: "A loop with a static trip count.", kind: .control,
    type: repeatType, gradient: .structural, semantics: .loop, samples: [])

  @Sendable private static func repeatType(_ signature: OperationSignature) throws -> [TensorType] {
    let count = try signature.requireInteger("count", "repeat.1")
    try signature.require(count > 0, "repeat.1", "needs a trip count of at least 1, got \(count)")
    let carries = try signature.requireInteger("carries", "repeat.2")
    try signature.require(
      signature.regions.count == 1 && (0...signature.operands.count).contains(carries), "repeat.2",
      "needs one region and \(carries) initial carries, got \(signature.operands.count) operands")
    let region = signature.regions[0]
    let stacked = signature.operands.dropFirst(carries)
    let slices = stacked.map { $0.with($0.shape.removing([0])) }
    let expected = [TensorType(.int32, .scalar)] + signature.operands.prefix(carries) + slices
    try signature.require(
      region.parameters == expected && stacked.allSatisfy { $0.shape[0] == count }, "repeat.3",
      "region parameters must be \(expected), got \(region.parameters)")
    for (index, pair) in zip(signature.operands.prefix(carries), region.results).enumerated() {
      try signature.require(
        pair.0 == pair.1, "repeat.4",
        "carry \(index) enters the step as \(pair.0) and leaves it as \(pair.1); both must agree")
    }
    try signature.require(
      region.results.count >= carries, "repeat.4", "a step must return \(carries) carries, got \(region.results)")
    let outputs = region.results.dropFirst(carries).map { type in
      type.with(Shape([count] + type.shape.extents, names: [nil] + type.shape.names))
    }
    return signature.operands.prefix(carries) + outputs
  }
}

/// Typed access to the parts of a `repeat` operation.
public struct Repeat {
  public let operation: Graph.Operation
  public let region: Graph.RegionID
  private let parameters: [Graph.Value]
  private let yields: [Graph.Value]

  public init(_ operation: Graph.Operation, in graph: Graph) {
    self.operation = operation
    region = operation.regions[0]
    parameters = graph[region].parameters
    yields = graph[region].results
  }

  public var count: Int { operation.attributes.integer("count") }
  public var carryCount: Int { operation.attributes.integer("carries") }
  public var isReversed: Bool { operation.attributes.flag("reversed") }
  public var initialCarries: [Graph.Value] { Array(operation.operands.prefix(carryCount)) }
  public var stackedInputs: [Graph.Value] { Array(operation.operands.dropFirst(carryCount)) }
  public var stepIndex: Graph.Value { parameters[0] }
  public var carries: [Graph.Value] { Array(parameters.dropFirst().prefix(carryCount)) }
  public var slices: [Graph.Value] { Array(parameters.dropFirst(1 + carryCount)) }
  public var nextCarries: [Graph.Value] { Array(yields.prefix(carryCount)) }
  public var stackedOutputs: [Graph.Value] { Array(yields.dropFirst(carryCount)) }
  public var finalCarries: [Graph.Value] { Array(operation.results.prefix(carryCount)) }
  public var stacks: [Graph.Value] { Array(operation.results.dropFirst(carryCount)) }
}
