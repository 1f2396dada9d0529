import GraphIR
import Operators
import TensorTypes

extension TrainingStep {
  /// So many steps as one program: a loop whose carries are the weights and the optimizer's states.
  ///
  /// Inputs are the same in every step. Results that update a parameter keep their names and give its last value; the
  /// others are stacked over the steps, so `loss` becomes `T[times]`.
  ///
  /// - Throws: `TypeError` when a loop cannot run so often.
  public func repeated(_ times: Int) throws -> TrainingStep {
    guard (1...Int(Int32.max)).contains(times) else {
      throw TypeError("repeat.1", "needs a trip count from 1 to \(Int32.max), got \(times)")
    }
    var rewriter = GraphRewriter(graph)
    rewriter.copyParameters()
    let region = rewriter.target.addRegion()
    _ = rewriter.target.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let roles = graph.resultRoles
    let order = roles.indices.filter { roles[$0].updatedParameter != nil }
    let stacked = roles.indices.filter { roles[$0].updatedParameter == nil }
    let updated = order.compactMap { roles[$0].updatedParameter.map { graph.parameters[$0] } }
    let initial = updated.map { rewriter[$0] }
    for value in updated {
      rewriter[value] = rewriter.target.addParameter(graph.type(of: value), name: graph[value].name, to: region)
    }
    rewriter.copyOperations(of: Graph.body, to: region) { _, _, _ in nil }
    rewriter.target[region].results = (order + stacked).map { rewriter[graph.results[$0]] }
    let builder = GraphBuilder(rewriter.target)
    let results = builder.emit(
      .repeat, initial, ["count": .integer(times), "carries": .integer(initial.count)], regions: [region])
    var repeated = self
    repeated.graph = builder.graph
    for (position, value) in zip(order + stacked, results).sorted(by: { $0.0 < $1.0 }) {
      repeated.graph[Graph.body].results.append(value)
      repeated.graph.resultRoles.append(roles[position])
    }
    return repeated
  }
}
