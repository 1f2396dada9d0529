import GraphIR
import KernelIR
import TensorTypes

/// A kind of computation with all its rules: everything the compiler knows of it stands in one file.
public struct Operator: Sendable {
  /// The name in graphs and messages.
  public let name: String
  /// One line for people.
  public let summary: String
  public let kind: OperatorKind
  /// The types of the results, or an error that names the violated constraint; whatever the signature, it never traps.
  /// Its operands and regions have no extent below 0 and at most 2^60 bytes; `types(of:)` sees to it.
  public let type: TypeRule
  public let gradient: GradientRule
  public let semantics: Semantics
  /// What it needs of the integers that it reads.
  public let integers: IntegerRule
  /// Uses that the conformance test runs.
  public let samples: [OperatorSample]

  /// Tells operators of one name apart; copies share it.
  let identity: Identity = Identity()

  final class Identity: Sendable {}

  public typealias TypeRule = @Sendable (OperationSignature) throws -> [TensorType]

  public init(
    name: String, summary: String, kind: OperatorKind, type: @escaping TypeRule, gradient: GradientRule,
    semantics: Semantics, integers: IntegerRule = .free, samples: [OperatorSample]
  ) {
    self.name = name
    self.summary = summary
    self.kind = kind
    self.type = type
    self.gradient = gradient
    self.semantics = semantics
    self.integers = integers
    self.samples = samples
  }
}

extension Operator {
  /// The types of the results of a use that nobody has checked: a model's author or a file asks for it.
  ///
  /// - Parameter mostBytes: of any tensor: what a process can address, or a size that only a plan knows to be too large.
  /// - Throws: `TypeError` when the operands do not satisfy the operator's constraints, or a tensor is larger.
  public func types(
    of signature: OperationSignature, mostBytes: Int = TensorType.mostBytes
  ) throws -> [TensorType] {
    func check(_ types: [TensorType]) throws {
      guard let problem = types.lazy.compactMap({ $0.problem(mostBytes: mostBytes) }).first else { return }
      throw TypeError("\(name).size", problem)
    }
    try check(signature.operands + signature.regions.flatMap { $0.parameters + $0.results })
    let types = try type(signature)
    try check(types)
    return types
  }
}

/// Families of operators, for diagrams and reports.
public enum OperatorKind: String, Sendable, CaseIterable {
  case contraction, elementwise, reduction, movement, indexing, composite, control, constant
}

/// What an operator means.
public enum Semantics: Sendable {
  /// Evaluated by its own rule (the oracle), lowered to a loop nest or a contraction, and written in StableHLO for other
  /// engines.
  case primitive(evaluate: EvaluationRule, lower: LoweringRule, export: ExportRule)
  /// Written in simpler operators; `results = decompose(...)`.
  case composite(decompose: DecompositionRule)
  /// A loop with a static trip count: see `Repeat`.
  case loop
  /// A region that runs once in place; its inner values are not kept for the backward part.
  case checkpoint

  public typealias EvaluationRule = @Sendable (EvaluationContext) -> [HostTensor]
  public typealias LoweringRule = @Sendable (OperationSignature) -> Lowering
  public typealias DecompositionRule = @Sendable (OperationSignature, [Graph.Value], GraphBuilder) -> [Graph.Value]
}

/// The types and attributes of one use of an operator.
public struct OperationSignature: Sendable {
  public var operands: [TensorType]
  public var attributes: Attributes
  /// Empty while the type rule runs.
  public var results: [TensorType] = []
  /// Types of the parameters and results of each region.
  public var regions: [RegionSignature] = []

  /// The types at the border of a region.
  public struct RegionSignature: Sendable {
    public var parameters: [TensorType]
    public var results: [TensorType]

    public init(parameters: [TensorType], results: [TensorType]) {
      self.parameters = parameters
      self.results = results
    }
  }

  public init(operands: [TensorType], attributes: Attributes) {
    self.operands = operands
    self.attributes = attributes
  }
}

/// How cotangents of results become cotangents of operands (the vector-Jacobian product).
public enum GradientRule: Sendable {
  /// One cotangent per operand, nil where none flows.
  case rule(@Sendable (GradientContext) -> [Graph.Value?])
  /// No gradient, on purpose, for the stated reason.
  case none(String)
  /// Differentiated through its region.
  case structural
  /// That of the simpler operators in which a composite is written.
  case decomposed
}

/// What a gradient rule may use.
public struct GradientContext {
  public let operation: Graph.Operation
  /// Cotangent of each result; nil where the loss does not depend on it.
  public let cotangents: [Graph.Value?]
  public let build: GraphBuilder

  public init(operation: Graph.Operation, cotangents: [Graph.Value?], build: GraphBuilder) {
    self.operation = operation
    self.cotangents = cotangents
    self.build = build
  }

  public func operand(_ index: Int) -> Graph.Value { operation.operands[index] }
  public func result(_ index: Int = 0) -> Graph.Value { operation.results[index] }
  /// The cotangent of the first result; rules run only when at least one result has one.
  public var cotangent: Graph.Value {
    guard let first = cotangents[0] else { preconditionFailure("\(operation.name) has no cotangent") }
    return first
  }
}

/// Operands and attributes during reference evaluation.
public struct EvaluationContext {
  public let operands: [HostTensor]
  public let attributes: Attributes
  public let results: [TensorType]

  public init(operands: [HostTensor], attributes: Attributes, results: [TensorType]) {
    self.operands = operands
    self.attributes = attributes
    self.results = results
  }
}

/// What an operation becomes in kernels.
public enum Lowering {
  /// The same bytes in the same order under another type.
  case view
  /// Each element of the result by an expression over the result's axes.
  case map(ScalarExpression)
  /// The operands one after another along an axis, each computed in its part of the result where that can be; otherwise
  /// each element by the expression.
  case assemble(axis: Int, otherwise: ScalarExpression)
  /// Kept axes, then reduced axes; the expression gives the element that is combined.
  case reduce(extents: [Int], keptCount: Int, Combiner, ScalarExpression)
  case contraction(DotAxes)
  /// What no loop nest does: the buffers are the result and the operands, without the first where it is updated.
  case rows(RowWork)
}

/// A use of an operator for the conformance test.
public struct OperatorSample: Sendable {
  public var operands: [TensorType]
  public var attributes: Attributes
  public var domains: [Domain]

  /// Where the elements of an operand are drawn from.
  public enum Domain: Sendable {
    case uniform(Double, Double)
    case integers(Int)
    case booleans
    /// Distinct numbers, so that maxima have no ties.
    case distinct
  }

  public init(_ operands: [TensorType], _ attributes: Attributes = [:], domains: [Domain]) {
    self.operands = operands
    self.attributes = attributes
    self.domains = domains
  }
}
