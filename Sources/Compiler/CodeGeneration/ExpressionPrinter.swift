import KernelIR
import TensorTypes

/// Writes scalar expressions as C.
struct ExpressionPrinter {
  let kernel: Kernel
  /// Names of the axes: rows, then columns.
  let axes: [String]
  /// Locals that an earlier stage kept, one per column.
  let kept: Set<Int>
  /// The flat number of the column, for kept locals.
  let column: String

  func text(_ expression: ScalarExpression) -> String {
    switch expression {
    case .number(let value, let type): type.literal(value)
    case .index(let index): "((int32_t)(\(index.text(axes))))"
    case .operand: preconditionFailure("an unresolved operand reached code generation")
    case .load(let buffer, let index, let terms): "b\(buffer)[\(offset(index, terms))]"
    case .local(let local): kept.contains(local) ? "k\(local)[\(column)]" : "l\(local)"
    case .apply(let function, let arguments): function.text(arguments.map(text), argumentType(arguments))
    case .choose(let condition, let first, let second):
      "(\(text(condition)) ? \(text(first)) : \(text(second)))"
    }
  }

  func offset(_ index: AffineIndex, _ terms: [ScalarExpression.ComputedTerm]) -> String {
    terms.reduce(index.text(axes)) { result, term in
      "\(result) + recurve_clamp(\(text(term.index)), \(term.bound)) * \(term.stride)"
    }
  }

  private func type(_ expression: ScalarExpression) -> ElementType {
    switch expression {
    case .number(_, let type): type
    case .index, .operand: .int32
    case .load(let buffer, _, _): kernel.buffers[buffer].elementType
    case .local(let local): kernel.locals[local]
    case .apply(let function, let arguments): function.resultType ?? argumentType(arguments)
    case .choose(_, let first, _): type(first)
    }
  }

  /// That of the last argument, after which functions are named: the first of a choice is its condition.
  private func argumentType(_ arguments: [ScalarExpression]) -> ElementType { arguments.last.map(type) ?? .float32 }
}
