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
    case .apply(let function, let arguments): text(function, arguments)
    case .choose(let condition, let first, let second):
      "(\(text(condition)) ? \(text(first)) : \(text(second)))"
    }
  }

  func offset(_ index: AffineIndex, _ terms: [ScalarExpression.ComputedTerm]) -> String {
    terms.reduce(index.text(axes)) { result, term in
      "\(result) + recurve_clamp(\(text(term.index)), \(term.bound)) * \(term.stride)"
    }
  }

  private func text(_ function: ScalarFunction, _ arguments: [ScalarExpression]) -> String {
    var result = function.pattern
    if let last = arguments.last { result = result.replacing("{T}", with: type(last).rawValue) }
    for (index, argument) in arguments.enumerated() {
      result = result.replacing("{\(index)}", with: text(argument))
    }
    return result
  }

  private func type(_ expression: ScalarExpression) -> ElementType {
    switch expression {
    case .number(_, let type): type
    case .index, .operand: .int32
    case .load(let buffer, _, _): kernel.buffers[buffer].elementType
    case .local(let local): kernel.locals[local]
    case .apply(let function, let arguments): function.resultType ?? arguments.last.map(type) ?? .float32
    case .choose(_, let first, _): type(first)
    }
  }
}
