import GraphIR
import Operators
import TensorTypes

/// Sums of padded tensors that do not overlap are concatenations: what lies outside is -0, the identity of addition.
extension SimplificationRule {
  static let padding: [SimplificationRule] = [
    SimplificationRule("pad x by nothing -> x", .pad) { context in
      context.build.type(of: context.operands[0]).shape == context.type.shape ? context.operands[0] : nil
    },
    SimplificationRule("pad a + pad b -> pad (a | b)", .add) { context in
      guard let a = context.padded(0), let b = context.padded(1) else { return nil }
      return context.joined(a, b)
    },
    SimplificationRule("(x + pad a) + pad b -> x + pad (a | b)", .add) { context in
      guard let b = context.padded(1), context.isReadOnce(0), let sum = context.definition(0, .add) else { return nil }
      for (x, a) in [(0, 1), (1, 0)] {
        guard let a = context.padded(sum.operands[a]), let both = context.joined(a, b) else { continue }
        return context.build.add(sum.operands[x], both)
      }
      return nil
    },
    SimplificationRule("(a | b) | c -> a | b | c", .concatenate) { context in
      let axis = context.operation.attributes.integer("axis")
      let operands = context.operands.flatMap { context.concatenated($0, along: axis) ?? [$0] }
      if operands == context.operands || operands.count > SimplificationContext.concatenationLimit { return nil }
      return context.build.emit(.concatenate, operands, ["axis": .integer(axis)])[0]
    },
  ]
}

/// A tensor with zeros before and after it along an axis.
private struct PaddedTensor {
  var value: Graph.Value
  var axis: Int
  var before: Int
  var extent: Int
  var after: Int
}

extension SimplificationContext {
  fileprivate func padded(_ index: Int) -> PaddedTensor? { padded(operands[index]) }

  fileprivate func padded(_ value: Graph.Value) -> PaddedTensor? {
    guard let identifier = build.graph.definingOperation(of: value) else { return nil }
    let operation = build.graph[identifier]
    guard operation.name == Operator.pad.name else { return nil }
    let axis = operation.attributes.integer("axis")
    return PaddedTensor(
      value: operation.operands[0], axis: axis, before: operation.attributes.integer("before"),
      extent: build.type(of: operation.operands[0]).shape[axis], after: operation.attributes.integer("after"))
  }

  /// Operands of a concatenation that is made of others: each step of a long chain writes all of them anew.
  fileprivate static let concatenationLimit = 64

  /// The operands of a concatenation along an axis.
  fileprivate func concatenated(_ value: Graph.Value, along axis: Int) -> [Graph.Value]? {
    guard let identifier = build.graph.definingOperation(of: value) else { return nil }
    let operation = build.graph[identifier]
    guard operation.name == Operator.concatenate.name, operation.attributes.integer("axis") == axis else { return nil }
    return operation.operands
  }

  /// The sum of two padded tensors that touch each other.
  fileprivate func joined(_ a: PaddedTensor, _ b: PaddedTensor) -> Graph.Value? {
    guard a.axis == b.axis else { return nil }
    if a.before + a.extent == b.before { return adjoined(a, b) }
    return b.before + b.extent == a.before ? adjoined(b, a) : nil
  }

  private func adjoined(_ a: PaddedTensor, _ b: PaddedTensor) -> Graph.Value {
    var operands = [a.value, b.value].flatMap { concatenated($0, along: a.axis) ?? [$0] }
    if operands.count > Self.concatenationLimit { operands = [a.value, b.value] }
    let both = build.emit(.concatenate, operands, ["axis": .integer(a.axis)])[0]
    if a.before == 0 && b.after == 0 { return both }
    return build.emit(
      .pad, [both], ["axis": .integer(a.axis), "before": .integer(a.before), "after": .integer(b.after)])[0]
  }
}
