import GraphIR
import Operators
import TensorTypes

/// The part of a model whose inner values are not kept for the gradient but computed again.
public func checkpoint(_ body: () throws -> Tensor) rethrows -> Tensor {
  guard let trace = Trace.current else { preconditionFailure("checkpoint outside a trace") }
  return try trace.checkpoint(body)
}

/// Runs a part of a model inside a named scope, which diagrams show as one box or cluster.
public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
  guard let trace = Trace.current else { return try body() }
  return try trace.scoped(name, body)
}

extension Trace {
  fileprivate func checkpoint(_ body: () throws -> Tensor) rethrows -> Tensor {
    let region = builder.graph.addRegion()
    let annotation = builder.annotation
    let result = try builder.inside(region, body)
    builder.annotation = annotation
    guard let value = result.value else { return result }
    builder.graph[region].results = [value]
    return Tensor(self, builder.emit(.checkpoint, [], regions: [region])[0], result.type)
  }
}
