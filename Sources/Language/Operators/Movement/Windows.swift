import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// All windows along one axis: an axis of windows, then one of the elements of a window, in place of it.
  ///
  /// - Shape: `[..., L, ...] -> [..., M, K, ...]`, `M = (L - dilation (K - 1) - 1) / stride + 1`, rounded down.
  /// - Equation: `y[m, k] = x[m stride + k dilation]`.
  ///
  /// Windows overlap, and none is stored for a product that reads them: it packs its operand from where the elements are.
  public static let windows: Operator = Operator(
    name: "windows", summary: "All windows along one axis, which may overlap.", kind: .movement,
    type: { signature in
      try signature.requireOperandCount(1, "windows")
      let axis = try signature.requireInteger("axis", "windows.1")
      let type = signature.operands[0]
      try signature.requireAxes([axis], of: type, "windows.1")
      try signature.requirePositions(type.shape[axis], "windows.4")
      let form = try WindowForm(signature, extent: type.shape[axis])
      let (before, after) = (
        type.shape.selecting(Array(0..<axis)), type.shape.selecting(Array((axis + 1)..<type.shape.rank))
      )
      let own = Shape([form.count, form.size], names: [type.shape.names[axis], nil])
      return [
        type.with(
          Shape(before.extents + own.extents + after.extents, names: before.names + own.names + after.names))
      ]
    },
    gradient: .rule { [WindowForm($0).addedBack($0)] },
    semantics: .primitive(
      evaluate: { context in
        let (shape, axis) = (context.operands[0].shape, context.attributes.integer("axis"))
        let (stride, dilation) = (context.attributes.integer("stride"), context.attributes.integer("dilation"))
        return [
          Movement.gather(context.operands[0], context.results[0].shape) { position in
            var source = position
            source[axis] = position[axis] * stride + source.remove(at: axis + 1) * dilation
            return shape.offset(source)
          }
        ]
      },
      lower: { signature in
        let (rank, axis) = (signature.results[0].shape.rank, signature.attributes.integer("axis"))
        var indices = AffineIndex.identity(rank: rank)
        let element = indices.remove(at: axis + 1)
        indices[axis] =
          indices[axis] * signature.attributes.integer("stride") + element * signature.attributes.integer("dilation")
        return .map(.element(0, indices))
      },
      export: exported),
    integers: .moved { signature in
      let attributes = signature.attributes
      let (extent, size) = (signature.operands[0].shape[attributes.integer("axis")], attributes.integer("size"))
      let (stride, dilation) = (attributes.integer("stride"), attributes.integer("dilation"))
      return stride <= size && dilation == 1 && (extent - size) % stride == 0
    },
    samples: [
      sample([3, 9, 2], axis: 1, size: 3), sample([2, 12], axis: 1, size: 3, stride: 2, dilation: 2),
      sample([7, 2], axis: 0, size: 2, stride: 3), sample([4], axis: 0, size: 4),
    ])

  private static func sample(
    _ shape: Shape, axis: Int, size: Int, stride: Int = 1, dilation: Int = 1
  ) -> OperatorSample {
    let attributes: Attributes = [
      "axis": .integer(axis), "size": .integer(size), "stride": .integer(stride), "dilation": .integer(dilation),
    ]
    return OperatorSample([TensorType(.float32, shape)], attributes, domains: [.uniform(-1, 1)])
  }

  /// For each element of a window a slice, side by side.
  @Sendable private static func exported(_ context: ExportContext) -> [StableHLOValue] {
    let (axis, result) = (context.axis, context.results[0])
    let (stride, dilation) = (context.attributes.integer("stride"), context.attributes.integer("dilation"))
    var one = result.shape
    one.extents[axis + 1] = 1
    let parts = (0..<result.shape[axis + 1]).map { element in
      let start = element * dilation
      let range = start..<start + (result.shape[axis] - 1) * stride + 1
      return context.build.reshape(context.build.slice(context.operand(0), axis: axis, range, stride: stride), to: one)
    }
    return [context.build.concatenate(parts, axis: axis + 1, to: result)]
  }
}

/// How windows lie along an axis.
private struct WindowForm {
  let axis: Int
  let size: Int
  let stride: Int
  let dilation: Int
  /// Windows.
  let count: Int

  /// - Throws: `TypeError` where no window fits.
  init(_ signature: OperationSignature, extent: Int) throws {
    axis = signature.attributes.integer("axis")
    size = try signature.requireInteger("size", "windows.2")
    stride = try signature.requireInteger("stride", "windows.2")
    dilation = try signature.requireInteger("dilation", "windows.2")
    try signature.require(
      [size, stride, dilation].allSatisfy { (1...Int(Int32.max)).contains($0) }, "windows.2",
      "needs a size, a stride and a dilation of at least 1, got \(size), \(stride) and \(dilation)")
    let span = dilation * (size - 1) + 1
    try signature.require(
      span <= extent, "windows.3",
      "needs a window that fits along axis \(axis) of \(signature.operands[0]), got \(size) elements \(dilation) apart")
    count = (extent - span) / stride + 1
  }

  init(_ context: GradientContext) {
    let attributes = context.operation.attributes
    (axis, size) = (attributes.integer("axis"), attributes.integer("size"))
    (stride, dilation) = (attributes.integer("stride"), attributes.integer("dilation"))
    count = context.build.type(of: context.cotangent).shape[axis]
  }

  /// What each element gets from all windows that it is in, those in which it comes earlier first.
  func addedBack(_ context: GradientContext) -> Graph.Value {
    let build = context.build
    let extent = build.type(of: context.operand(0)).shape[axis]
    let parts = (0..<size).map { element in
      let start = element * dilation
      let reach = (count - 1) * stride + 1
      return padded(spread(context.cotangent, element, build), start, extent - start - reach, build)
    }
    return parts.dropFirst().reduce(parts[0], build.add)
  }

  /// One element of all windows, at the distances at which they lie.
  private func spread(_ cotangent: Graph.Value, _ element: Int, _ build: GraphBuilder) -> Graph.Value {
    let range: Attributes = ["axis": .integer(axis + 1), "start": .integer(element), "end": .integer(element + 1)]
    let part = build.emit(.slice, [cotangent], range)[0]
    var shape = build.type(of: part).shape.removing([axis + 1])
    if stride == 1 { return build.reshape(part, to: shape) }
    let zeros: Attributes = ["axis": .integer(axis + 1), "before": .integer(0), "after": .integer(stride - 1)]
    shape.extents[axis] = count * stride
    let all = build.reshape(build.emit(.pad, [part], zeros)[0], to: shape)
    let reach: Attributes = [
      "axis": .integer(axis), "start": .integer(0), "end": .integer((count - 1) * stride + 1),
    ]
    return build.emit(.slice, [all], reach)[0]
  }

  private func padded(_ value: Graph.Value, _ before: Int, _ after: Int, _ build: GraphBuilder) -> Graph.Value {
    if before == 0 && after == 0 { return value }
    return build.emit(.pad, [value], ["axis": .integer(axis), "before": .integer(before), "after": .integer(after)])[0]
  }
}
