import TensorTypes

/// What a kernel computes for one element.
///
/// Operators write `operand` accesses; scheduling resolves them to `load` and `local`.
public indirect enum ScalarExpression: Hashable, Sendable {
  case number(Double, ElementType)
  /// The value of an index, as i32.
  case index(AffineIndex)
  /// An element of an operand, one index per axis.
  case operand(Int, [AxisIndex])
  /// An element of a buffer at a linear offset in elements, plus computed terms.
  case load(Int, AffineIndex, [ComputedTerm])
  /// A value that an earlier statement of the kernel defined.
  case local(Int)
  case apply(ScalarFunction, [ScalarExpression])
  /// Evaluates only the branch that the condition selects, so a guarded load may lie outside its buffer.
  case choose(ScalarExpression, ScalarExpression, ScalarExpression)

  /// Position along one axis of an operand.
  public enum AxisIndex: Hashable, Sendable {
    case affine(AffineIndex)
    /// Computed from data and clamped to `0..<bound`, and so far behind it.
    case computed(ScalarExpression, bound: Int, behind: AffineIndex? = nil)
  }

  /// A data-dependent part of an offset: `clamp(index, 0..<bound) * stride`.
  public struct ComputedTerm: Hashable, Sendable {
    public var index: ScalarExpression
    public var bound: Int
    public var stride: Int
    public init(index: ScalarExpression, bound: Int, stride: Int) {
      self.index = index
      self.bound = bound
      self.stride = stride
    }
  }
}

extension ScalarExpression {
  /// Numbers are equal by bits: a kernel that writes -0 is not the kernel that writes 0.
  public static func == (left: ScalarExpression, right: ScalarExpression) -> Bool {
    switch (left, right) {
    case (.number(let a, let x), .number(let b, let y)): a.bitPattern == b.bitPattern && x == y
    case (.index(let a), .index(let b)): a == b
    case (.operand(let a, let x), .operand(let b, let y)): a == b && x == y
    case (.load(let a, let x, let i), .load(let b, let y, let j)): a == b && x == y && i == j
    case (.local(let a), .local(let b)): a == b
    case (.apply(let a, let x), .apply(let b, let y)): a == b && x == y
    case (.choose(let a, let x, let i), .choose(let b, let y, let j)): a == b && x == y && i == j
    default: false
    }
  }
}

extension ScalarExpression {
  /// The operand at affine positions.
  public static func element(_ operand: Int, _ axes: [AffineIndex]) -> ScalarExpression {
    .operand(operand, axes.map(AxisIndex.affine))
  }

  /// `minimum <= index < maximum`, as a condition.
  public static func isWithin(_ index: AffineIndex, _ range: Range<Int>) -> ScalarExpression {
    .apply(.isWithin(range), [.index(index)])
  }

  /// Whether computing the expression wherever it is read costs less than storing it: data is only moved, and at most
  /// one operation is applied on the way, like a change of sign or of element type.
  public var isCheapToRepeat: Bool {
    if case .apply(let function, let arguments) = self {
      return function.flops <= 1 && arguments.count == 1 && arguments[0].isAccessOnly
    }
    return isAccessOnly
  }

  /// Whether the expression only moves data.
  public var isAccessOnly: Bool {
    switch self {
    case .number, .index, .local: true
    case .operand(_, let axes): axes.allSatisfy { if case .affine = $0 { true } else { false } }
    case .load(_, _, let terms): terms.isEmpty
    case .choose(_, let first, let second): first.isAccessOnly && second.isAccessOnly
    case .apply: false
    }
  }

  /// Parts of the expression: numbers, reads, functions and choices, with the parts that stand for each operand.
  public func partCount(_ operandCount: (Int) -> Int) -> Int {
    switch self {
    case .number, .index, .local, .load: 1
    case .operand(let operand, let axes):
      axes.reduce(1 + operandCount(operand)) { count, axis in
        if case .computed(let index, _, _) = axis { count + index.partCount(operandCount) } else { count }
      }
    case .apply(_, let arguments): arguments.reduce(1) { $0 + $1.partCount(operandCount) }
    case .choose(let condition, let first, let second):
      [condition, first, second].reduce(1) { $0 + $1.partCount(operandCount) }
    }
  }

  /// The numbers of the operands that are read, each once.
  public var operands: [Int] {
    var found: Set<Int> = []
    _ = mapOperands { operand, axes in
      found.insert(operand)
      return .operand(operand, axes)
    }
    return found.sorted()
  }

  /// Arithmetic operations per evaluation.
  public var flops: Int {
    switch self {
    case .number, .index, .local, .operand, .load: 0
    case .apply(let function, let arguments): arguments.reduce(function.flops) { $0 + $1.flops }
    case .choose(_, let first, let second): max(first.flops, second.flops)
    }
  }

  /// Every axis of the expression's space replaced by an index of another space; operands are kept.
  public func substituting(_ axes: [AffineIndex], rank: Int) -> ScalarExpression {
    mapIndices { $0.substituting(axes, rank: rank) }
  }

  /// The expression with a function applied to every affine index in it.
  public func mapIndices(_ transform: (AffineIndex) -> AffineIndex) -> ScalarExpression {
    switch self {
    case .number, .local: return self
    case .index(let index): return .index(transform(index))
    case .operand(let operand, let axes):
      return .operand(
        operand,
        axes.map { axis in
          switch axis {
          case .affine(let index): .affine(transform(index))
          case .computed(let expression, let bound, let behind):
            .computed(expression.mapIndices(transform), bound: bound, behind: behind.map(transform))
          }
        })
    case .load(let buffer, let index, let terms):
      return .load(
        buffer, transform(index),
        terms.map { ComputedTerm(index: $0.index.mapIndices(transform), bound: $0.bound, stride: $0.stride) })
    case .apply(let function, let arguments):
      return .apply(function, arguments.map { $0.mapIndices(transform) })
    case .choose(let condition, let first, let second):
      return .choose(
        condition.mapIndices(transform), first.mapIndices(transform), second.mapIndices(transform))
    }
  }

  /// The expression with every operand replaced; those in the positions of others before them.
  public func mapOperands(_ transform: (Int, [AxisIndex]) -> ScalarExpression) -> ScalarExpression {
    switch self {
    case .number, .index, .local, .load: return self
    case .operand(let operand, let axes):
      return transform(
        operand,
        axes.map { axis in
          guard case .computed(let index, let bound, let behind) = axis else { return axis }
          return .computed(index.mapOperands(transform), bound: bound, behind: behind)
        })
    case .apply(let function, let arguments): return .apply(function, arguments.map { $0.mapOperands(transform) })
    case .choose(let condition, let first, let second):
      return .choose(
        condition.mapOperands(transform), first.mapOperands(transform), second.mapOperands(transform))
    }
  }
}
