import Foundation
import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// Products summed over shared axes, optionally added to an accumulator.
  ///
  /// - Shape: `T[batch, m, inner], T[batch, n, inner] (, T[batch, m, n]) -> T[batch, m, n]`, axes in any order.
  /// - Order: chains of 256 fused multiply-adds over increasing inner index, each starting from -0, are added one after
  ///   another; then the accumulator is added to the finished sum.
  ///   A product over no inner elements is -0, and adds nothing to an accumulator.
  /// - Constraint `dot.2`: paired axes have equal extents.
  public static let dot: Operator = Operator(
    name: "dot", summary: "Products summed over shared axes.", kind: .contraction,
    type: dotType,
    gradient: .rule(dotGradient),
    semantics: .primitive(
      evaluate: dotEvaluation, lower: lowerDot, export: exportDot),
    samples: [
      OperatorSample(
        [TensorType(.float32, [5, 37]), TensorType(.float32, [7, 37])],
        DotAxes(leftInner: [1], rightInner: [1]).attributes, domains: [.uniform(-1, 1), .uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [2, 3, 4, 5]), TensorType(.float32, [2, 4, 6, 3])],
        DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [1, 2], rightInner: [3, 1]).attributes,
        domains: [.uniform(-1, 1), .uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [3, 2, 300]), TensorType(.float32, [5, 2, 300])],
        DotAxes(leftInner: [1, 2], rightInner: [1, 2]).attributes, domains: [.uniform(-1, 1), .uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [17, 40]), TensorType(.float32, [40, 33]), TensorType(.float32, [17, 33])],
        DotAxes(leftInner: [1], rightInner: [0]).attributes,
        domains: [.uniform(-1, 1), .uniform(-1, 1), .uniform(-1, 1)]),
    ])

  private static func dotType(_ signature: OperationSignature) throws -> [TensorType] {
    let types = signature.operands
    try signature.require(
      types.count == 2 || types.count == 3, "dot.0", "needs 2 operands or 3, got \(types.count)")
    try signature.requireFloatingPoint(0, "dot.1")
    for attribute in ["left_batch", "right_batch", "left_inner", "right_inner"] {
      _ = try signature.requireIntegers(attribute, "dot.3")
    }
    let axes = DotAxes(signature.attributes)
    try signature.require(
      axes.leftBatch.count == axes.rightBatch.count && axes.leftInner.count == axes.rightInner.count, "dot.3",
      "needs as many axes on the left as on the right, got \(axes.leftBatch) and \(axes.rightBatch) for batches, "
        + "\(axes.leftInner) and \(axes.rightInner) inside")
    try signature.requireAxes(axes.leftBatch + axes.leftInner, of: types[0], "dot.3")
    try signature.requireAxes(axes.rightBatch + axes.rightInner, of: types[1], "dot.3")
    let left = types[0].shape.selecting(axes.leftBatch + axes.leftInner)
    let right = types[1].shape.selecting(axes.rightBatch + axes.rightInner)
    try signature.require(
      left == right && types[0].elementType == types[1].elementType, "dot.2",
      "paired axes must agree, got [\(left)] of \(types[0]) and [\(right)] of \(types[1])")
    let batch = types[0].shape.selecting(axes.leftBatch)
    let rows = types[0].shape.selecting(axes.leftFree(types[0].shape.rank))
    let columns = types[1].shape.selecting(axes.rightFree(types[1].shape.rank))
    let inner = types[0].shape.selecting(axes.leftInner)
    for (group, shape) in [("batch", batch), ("left free", rows), ("right free", columns), ("inner", inner)] {
      let count = shape.extents.filter { $0 != 1 }.count
      try signature.require(
        count <= DotAxes.limit, "dot.5",
        "at most \(DotAxes.limit) \(group) axes may be longer than 1, got \(count) of \(types[0]) and \(types[1])")
    }
    let result = types[0].with(
      Shape(
        batch.extents + rows.extents + columns.extents, names: batch.names + rows.names + columns.names))
    if types.count == 3 {
      try signature.require(types[2] == result, "dot.4", "accumulator must be \(result), got \(types[2])")
    }
    return [result]
  }

  @Sendable private static func lowerDot(_ signature: OperationSignature) -> Lowering {
    let axes = DotAxes(signature.attributes)
    let result = signature.results[0]
    guard signature.operands[0].shape.selecting(axes.leftInner).elementCount == 0 else { return .contraction(axes) }
    return .map(
      signature.operands.count == 3
        ? .element(2, AffineIndex.identity(rank: result.shape.rank)) : .number(-0.0, result.elementType))
  }

  /// Sums come in another order there, in full precision.
  @Sendable private static func exportDot(_ context: ExportContext) -> [StableHLOValue] {
    let (build, axes, type) = (context.build, DotAxes(context.attributes), context.results[0])
    let dimensions = """
      #stablehlo.dot<lhs_batching_dimensions = \(axes.leftBatch), rhs_batching_dimensions = \(axes.rightBatch), \
      lhs_contracting_dimensions = \(axes.leftInner), rhs_contracting_dimensions = \(axes.rightInner)>
      """
    let highest = "#stablehlo<precision HIGHEST>"
    let product = build.emit(
      "dot_general", context.operand(0), context.operand(1),
      attributes: ["dot_dimension_numbers": dimensions, "precision_config": "[\(highest), \(highest)]"], to: type)
    return context.operands.count == 3 ? [build.emit("add", context.operand(2), product, to: type)] : [product]
  }

  private static func dotGradient(_ context: GradientContext) -> [Graph.Value?] {
    let build = context.build
    let (left, right, cotangent) = (context.operand(0), context.operand(1), context.cotangent)
    let axes = DotAxes(context.operation.attributes)
    let (leftRank, rightRank) = (build.type(of: left).shape.rank, build.type(of: right).shape.rank)
    let (leftFree, rightFree) = (axes.leftFree(leftRank), axes.rightFree(rightRank))
    let batch = Array(0..<axes.leftBatch.count)
    let rows = leftFree.indices.map { batch.count + $0 }
    let columns = rightFree.indices.map { batch.count + leftFree.count + $0 }
    let toLeft = build.dot(
      cotangent, right,
      DotAxes(leftBatch: batch, rightBatch: axes.rightBatch, leftInner: columns, rightInner: rightFree))
    let toRight = build.dot(
      cotangent, left,
      DotAxes(leftBatch: batch, rightBatch: axes.leftBatch, leftInner: rows, rightInner: leftFree))
    // The products order their axes as batch, free, inner; the inner ones in the other operand's order.
    let leftOrder = axes.leftBatch + leftFree + inOrder(axes.rightInner, axes.leftInner)
    let rightOrder = axes.rightBatch + rightFree + inOrder(axes.leftInner, axes.rightInner)
    return [
      build.transpose(toLeft, inverse(leftOrder)), build.transpose(toRight, inverse(rightOrder)),
      context.operation.operands.count == 3 ? cotangent : nil,
    ]
  }

  /// The partners of the keys, in the order in which the keys appear in their own tensor.
  private static func inOrder(_ keys: [Int], _ partners: [Int]) -> [Int] {
    zip(keys, partners).sorted { $0.0 < $1.0 }.map(\.1)
  }

  static func inverse(_ permutation: [Int]) -> [Int] {
    var inverse = permutation
    for (position, axis) in permutation.enumerated() { inverse[axis] = position }
    return inverse
  }

  private static func dotEvaluation(_ context: EvaluationContext) -> [HostTensor] {
    let plan = DotLoops(context)
    switch (context.operands[0].storage, context.operands[1].storage) {
    case (.float32(let left), .float32(let right)):
      let accumulator = context.operands.count == 3 ? context.operands[2].floats : nil
      return [HostTensor(plan.shape, .float32(plan.run(left, right, accumulator, Foundation.fma)))]
    default:
      let (left, right) = (context.operands[0].doubles, context.operands[1].doubles)
      let accumulator = context.operands.count == 3 ? context.operands[2].doubles : nil
      return [HostTensor(plan.shape, .float64(plan.run(left, right, accumulator, Foundation.fma)))]
    }
  }
}

/// The plain loops of a dot: offsets of every row, column and inner position.
private struct DotLoops {
  let shape: Shape
  let batches: [(left: Int, right: Int)]
  let rows: [Int]
  let columns: [Int]
  let inner: [(left: Int, right: Int)]

  init(_ context: EvaluationContext) {
    let axes = DotAxes(context.attributes)
    let (left, right) = (context.operands[0].shape, context.operands[1].shape)
    shape = context.results[0].shape
    batches = Array(zip(left.offsets(axes.leftBatch), right.offsets(axes.rightBatch)))
    rows = left.offsets(axes.leftFree(left.rank))
    columns = right.offsets(axes.rightFree(right.rank))
    inner = Array(zip(left.offsets(axes.leftInner), right.offsets(axes.rightInner)))
  }

  func run<Element: BinaryFloatingPoint>(
    _ left: [Element], _ right: [Element], _ accumulator: [Element]?,
    _ fused: (Element, Element, Element) -> Element
  ) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(shape.elementCount)
    for batch in batches {
      for row in rows {
        for column in columns {
          var sum: Element = -0.0
          for start in stride(from: 0, to: inner.count, by: Contraction.chainLength) {
            var chain: Element = -0.0
            for k in inner[start..<min(start + Contraction.chainLength, inner.count)] {
              chain = fused(left[batch.left + row + k.left], right[batch.right + column + k.right], chain)
            }
            sum += chain
          }
          result.append(accumulator.map { $0[result.count] + sum } ?? sum)
        }
      }
    }
    return result
  }
}

extension Shape {
  /// Row-major offsets of every position along the given axes, the last varying fastest.
  func offsets(_ axes: [Int]) -> [Int] {
    axes.reduce([0]) { offsets, axis in
      offsets.flatMap { offset in (0..<extents[axis]).map { offset + $0 * strides[axis] } }
    }
  }
}
