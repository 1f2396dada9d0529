import GraphIR
import Operators
import TensorTypes

/// A bit-exact identity: how one use of an operator may be replaced.
///
/// Rules of writing: the right side never costs more; one canonical direction; the algebra in one line.
struct SimplificationRule: Sendable {
  let algebra: String
  let used: Operator
  /// The replacement, or nil when the rule does not apply.
  let apply: @Sendable (SimplificationContext) -> Graph.Value?

  init(_ algebra: String, _ used: Operator, apply: @escaping @Sendable (SimplificationContext) -> Graph.Value?) {
    self.algebra = algebra
    self.used = used
    self.apply = apply
  }
}

/// One use of an operator, with operands that are already simplified.
struct SimplificationContext {
  let build: GraphBuilder
  let operation: Graph.Operation
  let operands: [Graph.Value]
  let type: TensorType
  let isReadOnce: (Int) -> Bool

  /// The operation of an operand, if it uses the operator.
  func definition(_ index: Int, _ used: Operator) -> Graph.Operation? {
    guard let identifier = build.graph.definingOperation(of: operands[index]) else { return nil }
    let operation = build.graph[identifier]
    return operation.name == used.name ? operation : nil
  }

  /// The number that every element of an operand equals, if it is a constant.
  func number(_ index: Int) -> Double? { definition(index, .constant)?.attributes.number("value") }

  /// Whether an operand is that number, bit for bit: -0 is not 0.
  func isNumber(_ index: Int, _ number: Double) -> Bool { self.number(index)?.bitPattern == number.bitPattern }
}

extension Pass {
  /// Folds constants and applies bit-exact algebra.
  ///
  ///     %1 = constant {value = 1.0}
  ///     %2 = multiply %0, %1
  ///     return %2
  /// ->
  ///     return %0
  public static let simplification: Pass = rewriting("simplification", SimplificationRule.all)

  /// Lets contractions add to their accumulator instead of a temporary.
  ///
  ///     %2 = dot %0, %1
  ///     %3 = add %sum, %2
  /// ->
  ///     %2 = dot %0, %1, %sum
  ///
  /// The accumulator is added to the finished sum, so the bits are those of the separate addition.
  public static let accumulationInPlace: Pass = rewriting("accumulation-in-place", [.accumulation])

  private static func rewriting(_ name: String, _ rules: [SimplificationRule]) -> Pass {
    let byName = Dictionary(grouping: rules) { $0.used.name }
    return Pass(name) { graph in
      let useCounts = graph.useCounts()
      return GraphRewriter.rewrite(graph) { rewriter, identifier, region in
        let operation = rewriter.source[identifier]
        guard let rules = byName[operation.name] else { return nil }
        let operands = operation.operands.map { rewriter[$0] }
        let type = rewriter.source.type(of: operation.results[0])
        return rewriter.build(in: region, annotation: operation.annotation) { build in
          let context = SimplificationContext(
            build: build, operation: operation, operands: operands, type: type,
            isReadOnce: { useCounts[Int(operation.operands[$0].index)] == 1 })
          for rule in rules { if let result = rule.apply(context) { return [result] } }
          return nil
        }
      }
    }
  }
}
