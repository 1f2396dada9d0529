import GraphIR
import Operators
import TensorTypes

extension SimplificationRule {
  static let all: [SimplificationRule] =
    neutralElements + movements + padding + [updating]
    + OperatorTable.all.filter { $0.kind == .elementwise }.map(folding)

  private static let neutralElements: [SimplificationRule] = [
    SimplificationRule("x * 1 -> x", .multiply) { $0.isNumber(1, 1) ? $0.operands[0] : nil },
    SimplificationRule("1 * x -> x", .multiply) { $0.isNumber(0, 1) ? $0.operands[1] : nil },
    SimplificationRule("x / 1 -> x", .divide) { $0.isNumber(1, 1) ? $0.operands[0] : nil },
    SimplificationRule("x + -0 -> x", .add) { $0.isNumber(1, -0.0) ? $0.operands[0] : nil },
    SimplificationRule("-0 + x -> x", .add) { $0.isNumber(0, -0.0) ? $0.operands[1] : nil },
    SimplificationRule("x - 0 -> x", .subtract) { $0.isNumber(1, 0) ? $0.operands[0] : nil },
    SimplificationRule("-(-x) -> x", .negate) { $0.definition(0, .negate)?.operands[0] },
    SimplificationRule("not (not x) -> x", .not) { $0.definition(0, .not)?.operands[0] },
    SimplificationRule("convert x to its own type -> x", .convert) { context in
      context.build.type(of: context.operands[0]).elementType == context.type.elementType
        ? context.operands[0] : nil
    },
    SimplificationRule("select c, x, x -> x", .select) { context in
      context.operands[1] == context.operands[2] ? context.operands[1] : nil
    },
  ]

  private static let movements: [SimplificationRule] = [
    SimplificationRule("reshape x to its own shape -> x", .reshape) { context in
      context.build.type(of: context.operands[0]).shape == context.type.shape ? context.operands[0] : nil
    },
    SimplificationRule("reshape (reshape x) -> reshape x", .reshape) { context in
      context.definition(0, .reshape).map { context.build.reshape($0.operands[0], to: context.type.shape) }
    },
    SimplificationRule("transpose in order -> x", .transpose) { context in
      let permutation = context.operation.attributes.integers("permutation")
      return permutation == Array(0..<permutation.count) ? context.operands[0] : nil
    },
    SimplificationRule("transpose (transpose x) -> transpose x", .transpose) { context in
      context.definition(0, .transpose).map { inner in
        let first = inner.attributes.integers("permutation")
        let second = context.operation.attributes.integers("permutation")
        return context.build.transpose(inner.operands[0], second.map { first[$0] })
      }
    },
    SimplificationRule("movement of a constant -> a constant", .broadcast, apply: constantOfType),
    SimplificationRule("movement of a constant -> a constant", .reshape, apply: constantOfType),
    SimplificationRule("movement of a constant -> a constant", .transpose, apply: constantOfType),
    SimplificationRule("movement of a constant -> a constant", .slice, apply: constantOfType),
  ]

  @Sendable private static func constantOfType(_ context: SimplificationContext) -> Graph.Value? {
    context.number(0).map { context.build.constant($0, context.type) }
  }

  /// An element-wise function of constants is the constant that its evaluation rule gives.
  private static func folding(_ used: Operator) -> SimplificationRule {
    SimplificationRule("\(used.name) of constants -> a constant", used) { context in
      guard case .primitive(let evaluate, _, _) = used.semantics, !context.operands.isEmpty else { return nil }
      var operands: [HostTensor] = []
      for index in context.operands.indices {
        guard let number = context.number(index) else { return nil }
        let type = context.build.type(of: context.operands[index])
        operands.append(HostTensor(TensorType(type.elementType, .scalar), repeating: number))
      }
      let result = evaluate(
        EvaluationContext(
          operands: operands, attributes: context.operation.attributes,
          results: [TensorType(context.type.elementType, .scalar)]))
      return context.build.constant(result[0].doubles[0], context.type)
    }
  }

  static let accumulation: SimplificationRule = SimplificationRule("a + dot(b, c) -> dot(b, c, a)", .add) { context in
    for (product, sum) in [(1, 0), (0, 1)] {
      guard let dot = context.definition(product, .dot), dot.operands.count == 2, context.isReadOnce(product),
        context.build.graph[context.operands[product]].region == context.build.region,
        // What is only repeated would have to be written out first: its sum joins what reads it.
        context.definition(sum, .broadcast) == nil, context.number(sum) == nil
      else { continue }
      return context.build.emit(.dot, dot.operands + [context.operands[sum]], dot.attributes)[0]
    }
    return nil
  }
}
