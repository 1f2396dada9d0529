import GraphIR
import Operators

extension SimplificationRule {
  /// Where a loop sums the gradients of a part that is elsewhere in each iteration, the part alone is touched.
  static let updating: SimplificationRule = SimplificationRule(
    "x + update (nothing, p, i) -> update (x, slice (x, i) + p, i)", .add
  ) { context in
    for (update, x) in [(1, 0), (0, 1)] {
      guard context.isReadOnce(update), let own = context.definition(update, .dynamicUpdateSlice),
        context.isNothing(own.operands[0])
      else { continue }
      return context.updated(context.operands[x], like: own)
    }
    return nil
  }
}

extension SimplificationContext {
  /// The identity of addition, to the bit.
  fileprivate func isNothing(_ value: Graph.Value) -> Bool {
    guard let identifier = build.graph.definingOperation(of: value) else { return false }
    let operation = build.graph[identifier]
    return operation.name == Operator.constant.name
      && operation.attributes.number("value").bitPattern == (-0.0).bitPattern
  }

  fileprivate func updated(_ x: Graph.Value, like update: Graph.Operation) -> Graph.Value {
    let (part, position, axis) = (update.operands[1], update.operands[2], update.attributes.integer("axis"))
    let range: Attributes = ["axis": .integer(axis), "length": .integer(build.type(of: part).shape[axis])]
    let old = build.emit(.dynamicSlice, [x, position], range)[0]
    return build.emit(.dynamicUpdateSlice, [x, build.add(old, part), position], ["axis": .integer(axis)])[0]
  }
}
