import GraphIR
import Operators
import TensorTypes

/// The part of a model whose inner values are not kept for the gradient but computed again.
public func checkpoint(
  file: StaticString = #fileID, line: Int = #line, _ body: () throws -> Tensor
) rethrows -> Tensor {
  guard let trace = Trace.current else { return try body() }
  return try trace.checkpoint(trace.locations.add(CallSite(file, line)), body)
}

/// Runs a part of a model inside a named scope, which diagrams show as one box or cluster.
public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
  guard let trace = Trace.current else { return try body() }
  return try trace.scoped(name, body)
}

extension Trace {
  fileprivate func checkpoint(_ token: Int, _ body: () throws -> Tensor) rethrows -> Tensor {
    let region = builder.graph.addRegion()
    let (result, yields) = try inside(region) { () -> (Tensor, [Graph.Value]?) in
      let result = try body()
      return (result, located(token) { values(of: [result]) })
    }
    guard let yields else { return Tensor(self, nil, result.type) }
    builder.graph[region].results = yields
    builder.annotation.location = token
    return Tensor(self, builder.emit(.checkpoint, [], regions: [region])[0], result.type)
  }
}
