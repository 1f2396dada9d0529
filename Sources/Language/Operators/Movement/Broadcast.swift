import KernelIR
import TensorTypes

extension Operator {
  /// A tensor repeated to a larger shape: operand axis `i` becomes result axis `axes[i]`, of equal extent or from 1.
  public static let broadcast: Operator = Operator(
    name: "broadcast", summary: "A tensor repeated to a larger shape.", kind: .movement,
    type: { signature in
      try signature.requireOperandCount(1, "broadcast")
      var shape = try Movement.requireShape(signature, "broadcast.1")
      let axes = try signature.requireIntegers("axes", "broadcast.2")
      let type = signature.operands[0]
      try signature.requireAxes(axes, of: type.with(shape), "broadcast.2")
      let isSound =
        axes.count == type.shape.rank
        && zip(axes, type.shape.extents).allSatisfy { $1 == shape[$0] || $1 == 1 }
      try signature.require(isSound, "broadcast.3", "cannot repeat \(type) to [\(shape)] along axes \(axes)")
      for (axis, name) in zip(axes, type.shape.names) { shape.names[axis] = name }
      return [type.with(shape)]
    },
    gradient: .rule { context in
      let build = context.build
      let (small, large) = (build.type(of: context.operand(0)).shape, build.type(of: context.cotangent).shape)
      let axes = context.operation.attributes.integers("axes")
      let repeated = (0..<large.rank).filter { axis in
        guard let source = axes.firstIndex(of: axis) else { return true }
        return small[source] != large[axis]
      }
      // Summing leaves the other axes in the result's order; the operand may have had them in another one.
      let summed = build.sum(context.cotangent, repeated)
      let kept = axes.indices.filter { !repeated.contains(axes[$0]) }.sorted { axes[$0] < axes[$1] }
      let ordered = build.transpose(summed, inverse(kept.map { kept.sorted().firstIndex(of: $0) ?? 0 }))
      return [build.reshape(ordered, to: small)]
    },
    semantics: .primitive(
      evaluate: { context in
        let (shape, axes) = (context.operands[0].shape, context.attributes.integers("axes"))
        return [
          Movement.gather(context.operands[0], context.results[0].shape) { position in
            shape.offset(zip(axes, shape.extents).map { $1 == 1 ? 0 : position[$0] })
          }
        ]
      },
      lower: { signature in
        let rank = signature.results[0].shape.rank
        let indices = zip(signature.attributes.integers("axes"), signature.operands[0].shape.extents).map {
          $1 == 1 ? AffineIndex.fixed(0, rank: rank) : .axis($0, of: rank)
        }
        return .map(.element(0, indices))
      },
      export: {
        let axes = $0.attributes.integers("axes")
        return [$0.build.broadcast($0.operand(0), to: $0.results[0].shape, axes: axes)]
      }),
    integers: .moved,
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 1])], ["shape": .integers([2, 3, 4]), "axes": .integers([1, 2])],
        domains: [.uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [3, 4])], ["shape": .integers([4, 2, 3]), "axes": .integers([2, 0])],
        domains: [.uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [3, 1])], ["shape": .integers([3, 0]), "axes": .integers([0, 1])],
        domains: [.uniform(-1, 1)]),
    ])
}
