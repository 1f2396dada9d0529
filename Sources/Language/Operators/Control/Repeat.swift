import GraphIR
import TensorTypes

extension Operator {
  /// A loop with a static trip count, or with one that is known when it runs: recursion that stays a loop.
  ///
  /// - Operands: initial carries, then stacked inputs `T[count, rest]`; or, with `bounded`, how often it runs `i32[]`, at
  ///   least 0 and at most `count`, to which it is clamped. Such a loop has no stacks and no gradient.
  /// - Region parameters: step index `i32[]`, carries, slices `T[rest]` of the stacked inputs.
  /// - Region results: next carries, then values to stack.
  /// - Results: final carries, then stacked outputs `T[count, rest]`.
  /// - Attributes: `count`, `carries`; `reversed` runs the step index and the slices from the last to the first;
  ///   `gradient` and `gradient_parameter` hold the gradient mode; `bounded` as above; `expected`, how often such a loop
  ///   runs on average, where the compiler knows.
  public static let `repeat`: Operator = Operator(
    name: "repeat", summary: "A loop with a static trip count.", kind: .control,
    type: repeatType, gradient: .structural, semantics: .loop, samples: [])

  @Sendable private static func repeatType(_ signature: OperationSignature) throws -> [TensorType] {
    let count = try signature.requireInteger("count", "repeat.1")
    try signature.require(count > 0, "repeat.1", "needs a trip count of at least 1, got \(count)")
    // The count is a number of the loop, not only a position.
    try signature.require(
      count <= Int(Int32.max), "repeat.1", "needs at most \(Int32.max) iterations, which i32 can count, got \(count)")
    if let reversed = signature.attributes["reversed"] {
      guard case .flag = reversed else { throw TypeError("repeat.6", "'reversed' is true or false, got \(reversed)") }
    }
    let carries = try signature.requireInteger("carries", "repeat.2")
    try signature.require(
      signature.regions.count == 1 && (0...signature.operands.count).contains(carries), "repeat.2",
      "needs one region and \(carries) initial carries, got \(signature.operands.count) operands")
    let region = signature.regions[0]
    let isBounded = try requireBound(signature, carries)
    let stacked = signature.operands.dropFirst(carries).dropLast(isBounded ? 1 : 0)
    for type in stacked {
      try signature.require(type.shape.rank > 0, "repeat.3", "needs one slice per iteration, got \(type)")
    }
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
    guard let mode = GradientMode(signature.attributes) else {
      throw TypeError("repeat.5", "needs a gradient mode and its parameter, got \(signature.attributes.entries)")
    }
    if let problem = mode.problem(iterations: count) { throw TypeError("repeat.5", problem) }
    try signature.require(
      !isBounded || mode == .full, "repeat.7", "a loop whose count is computed has no gradient mode, got \(mode)")
    if let expected = signature.attributes["expected"] {
      guard case .number(let number) = expected, isBounded, number >= 0, number <= Double(count) else {
        throw TypeError("repeat.7", "'expected' is a number from 0 to the bound of a computed count, got \(expected)")
      }
    }
    try signature.require(
      region.results.count >= carries, "repeat.4", "a step must return \(carries) carries, got \(region.results)")
    let outputs = region.results.dropFirst(carries).map { type in
      type.with(Shape([count] + type.shape.extents, names: [nil] + type.shape.names))
    }
    return signature.operands.prefix(carries) + outputs
  }
}

extension Operator {
  /// Whether the number of iterations is an operand.
  private static func requireBound(_ signature: OperationSignature, _ carries: Int) throws -> Bool {
    guard let bounded = signature.attributes["bounded"] else { return false }
    guard case .flag(true) = bounded else {
      throw TypeError("repeat.7", "'bounded' is true or left out, got \(bounded)")
    }
    let (operands, region) = (signature.operands, signature.regions[0])
    try signature.require(
      operands.count == carries + 1 && operands.last == TensorType(.int32, .scalar)
        && region.results.count == carries && signature.attributes["reversed"] == nil, "repeat.7",
      "a loop whose count is computed needs carries and the count i32[] alone, got \(operands.dropFirst(carries))")
    return true
  }
}

/// Typed access to the parts of a `repeat` operation.
public struct Repeat {
  public let operation: Graph.Operation
  public let region: Graph.RegionID
  /// Of iterations, or their bound.
  public let count: Int
  /// How often the loop runs, where that is known when it does.
  public let runTimeCount: Graph.Value?
  /// How often such a loop runs on average, where the compiler that made it knows.
  public let expectedCount: Double?
  public let carryCount: Int
  public let isReversed: Bool
  public let initialCarries: [Graph.Value]
  public let stackedInputs: [Graph.Value]
  public let stepIndex: Graph.Value
  public let carries: [Graph.Value]
  public let slices: [Graph.Value]
  public let nextCarries: [Graph.Value]
  public let stackedOutputs: [Graph.Value]
  public let finalCarries: [Graph.Value]
  public let stacks: [Graph.Value]

  public init(_ operation: Graph.Operation, in graph: Graph) {
    self.operation = operation
    region = operation.regions[0]
    count = operation.attributes.integer("count")
    carryCount = operation.attributes.integer("carries")
    isReversed = operation.attributes.flag("reversed")
    let (parameters, yields) = (graph[region].parameters, graph[region].results)
    initialCarries = Array(operation.operands.prefix(carryCount))
    runTimeCount = operation.attributes.flag("bounded") ? operation.operands.last : nil
    if case .number(let expected)? = operation.attributes["expected"] {
      expectedCount = expected
    } else {
      expectedCount = nil
    }
    stackedInputs = Array(operation.operands.dropFirst(carryCount).dropLast(runTimeCount == nil ? 0 : 1))
    stepIndex = parameters[0]
    carries = Array(parameters.dropFirst().prefix(carryCount))
    slices = Array(parameters.dropFirst(1 + carryCount))
    nextCarries = Array(yields.prefix(carryCount))
    stackedOutputs = Array(yields.dropFirst(carryCount))
    finalCarries = Array(operation.results.prefix(carryCount))
    stacks = Array(operation.results.dropFirst(carryCount))
  }

  /// How far the gradient reaches back.
  public var gradient: GradientMode {
    guard let mode = GradientMode(operation.attributes) else {
      preconditionFailure("a loop has no gradient mode: \(operation.attributes.entries)")
    }
    return mode
  }
}
