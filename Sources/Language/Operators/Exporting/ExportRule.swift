import GraphIR
import TensorTypes

/// One use of an operator that is written in StableHLO.
public struct ExportContext {
  public let operands: [StableHLOValue]
  public let attributes: Attributes
  public let results: [TensorType]
  public let build: StableHLOBuilder

  public init(
    operands: [StableHLOValue], attributes: Attributes, results: [TensorType], build: StableHLOBuilder
  ) {
    (self.operands, self.attributes, self.results, self.build) = (operands, attributes, results, build)
  }

  func operand(_ index: Int) -> StableHLOValue { operands[index] }
  var axis: Int { attributes.integer("axis") }
}

/// How an operator is written in StableHLO; it returns the results.
public typealias ExportRule = @Sendable (ExportContext) -> [StableHLOValue]

/// Rules that operators share.
enum Export {
  /// An operation that has a name there, and means the same.
  static func named(_ name: String) -> ExportRule {
    let full = name.contains(".") ? name : "stablehlo.\(name)"
    return { $0.build.emit(full, $0.operands, to: $0.results) }
  }

  static func comparison(_ direction: String) -> ExportRule {
    { [$0.build.compare($0.operand(0), direction, $0.operand(1))] }
  }

  /// Nothing to do.
  static let identity: ExportRule = { [$0.operand(0)] }
}
