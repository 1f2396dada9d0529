import GraphIR
import TensorTypes

/// Appends operations to a graph at an insertion point, inferring their types from the operator table.
public final class GraphBuilder {
  public var graph: Graph
  /// Where new operations go.
  public var region: Graph.RegionID
  /// What new operations are annotated with.
  public var annotation: Graph.Annotation

  public init(_ graph: Graph, region: Graph.RegionID = Graph.body) {
    self.graph = graph
    self.region = region
    annotation = Graph.Annotation()
  }

  /// Appends an operation and returns its results.
  ///
  /// - Throws: `TypeError` when the operands do not satisfy the operator's constraints, or a result would be larger than a
  ///   process can address.
  public func apply(
    _ used: Operator, _ operands: [Graph.Value], _ attributes: Attributes = [:], regions: [Graph.RegionID] = []
  ) throws -> [Graph.Value] {
    let types = try used.types(of: signature(operands, attributes, regions))
    return append(used, operands, attributes, regions, types)
  }

  /// Appends an operation that the compiler itself makes, so its types are right by construction; whether memory is enough
  /// for them, the plan says.
  public func emit(
    _ used: Operator, _ operands: [Graph.Value], _ attributes: Attributes = [:], regions: [Graph.RegionID] = []
  ) -> [Graph.Value] {
    do {
      return append(used, operands, attributes, regions, try used.type(signature(operands, attributes, regions)))
    } catch {
      let types = operands.map { "\(graph.type(of: $0))" }
      preconditionFailure("the compiler built an ill-typed operation: \(error); operands \(types)")
    }
  }

  private func signature(
    _ operands: [Graph.Value], _ attributes: Attributes, _ regions: [Graph.RegionID]
  ) -> OperationSignature {
    var signature = OperationSignature(operands: operands.map { graph.type(of: $0) }, attributes: attributes)
    signature.regions = regions.map { region in
      OperationSignature.RegionSignature(
        parameters: graph[region].parameters.map { graph.type(of: $0) },
        results: graph[region].results.map { graph.type(of: $0) })
    }
    return signature
  }

  private func append(
    _ used: Operator, _ operands: [Graph.Value], _ attributes: Attributes, _ regions: [Graph.RegionID],
    _ types: [TensorType]
  ) -> [Graph.Value] {
    let operation = graph.append(
      used.name, operands, attributes: attributes, regions: regions, resultTypes: types, annotation: annotation,
      to: region)
    return graph[operation].results
  }

  /// Appends an operation with one result.
  public func emit1(_ used: Operator, _ operands: Graph.Value..., attributes: Attributes = [:]) -> Graph.Value {
    emit(used, operands, attributes)[0]
  }

  public func type(of value: Graph.Value) -> TensorType { graph.type(of: value) }

  /// Runs the body with another insertion region and comes back.
  public func inside<Result>(_ inner: Graph.RegionID, _ body: () throws -> Result) rethrows -> Result {
    let outer = region
    region = inner
    defer { region = outer }
    return try body()
  }
}
