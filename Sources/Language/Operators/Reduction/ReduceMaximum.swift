import KernelIR
import TensorTypes

extension Operator {
  /// The largest element over some axes, which disappear, as IEEE 754-2019 maximum: NaN if any element is NaN, and 0 is
  /// larger than -0.
  ///
  /// Equal ones share the gradient evenly; where the result is NaN, so are the gradients of all its elements.
  /// - Constraint `reduce_maximum.3`: there is an element, since nothing has no maximum.
  public static let reduceMaximum: Operator = Operator(
    name: "reduce_maximum", summary: "The largest element over some axes, which disappear; NaN if any is.",
    kind: .reduction,
    type: { signature in
      let types = try Reduction.type(signature, "reduce_maximum")
      try Reduction.requireElements(signature, signature.attributes.integers("axes"), "reduce_maximum.3")
      return types
    },
    gradient: .rule { context in
      let (x, build) = (context.operand(0), context.build)
      let axes = context.operation.attributes.integers("axes")
      let shape = build.type(of: x).shape
      let isLargest = build.emit1(.equal, x, build.restore(context.result(), axes, to: shape))
      let mask = build.convert(isLargest, to: build.type(of: x).elementType)
      let share = build.divide(context.cotangent, build.sum(mask, axes))
      return [build.multiply(mask, build.restore(share, axes, to: shape))]
    },
    semantics: .primitive(
      evaluate: { context in
        let (starts, steps) = Reduction.groups(context.operands[0].shape, context.attributes.integers("axes"))
        let elements = context.operands[0].doubles
        let largest = starts.map { start in
          Reduction.combine(steps.map { elements[start + $0] }, identity: -.infinity, Elementwise.maximum)
        }
        let result = HostTensor(context.results[0].shape, .float64(largest))
        return [result.converted(to: context.results[0].elementType)]
      },
      lower: { Reduction.lower($0, $0.attributes.integers("axes"), .maximum) }, export: Export.largest),
    samples: Reduction.samples)
}
