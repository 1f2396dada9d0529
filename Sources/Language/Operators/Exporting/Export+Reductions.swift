import TensorTypes

/// Reductions and recurrences. Sums come in another order there.
extension Export {
  static let sum: ExportRule = { context in
    [
      context.build.reduce(
        context.operand(0), axes: context.attributes.integers("axes"), identity: -0.0, with: "add",
        to: context.results[0])
    ]
  }

  static let largest: ExportRule = { context in
    [
      context.build.reduce(
        context.operand(0), axes: context.attributes.integers("axes"), identity: -.infinity, with: "maximum",
        to: context.results[0])
    ]
  }

  /// The first of the largest, the first not-a-number before all: pairs of element and position are combined.
  static let argumentOfMaximum: ExportRule = { context in
    let (value, build) = (context.operand(0), context.build)
    let (number, position) = (value.type.with(.scalar), TensorType(.int32, .scalar))
    let body = build.region([number, position, number, position]) { pairs in
      let (x, i, y, j) = (pairs[0], pairs[1], pairs[2], pairs[3])
      let (xIsNone, yIsNone) = (build.compare(x, "NE", x), build.compare(y, "NE", y))
      let flag = xIsNone.type
      let isAlike = build.emit(
        "or", build.compare(x, "EQ", y), build.emit("and", xIsNone, yIsNone, to: flag), to: flag)
      let isEarlier = build.emit("and", isAlike, build.compare(j, "LT", i), to: flag)
      let isFirstNone = build.emit("and", yIsNone, build.emit("not", xIsNone, to: flag), to: flag)
      let isLarger = build.emit("or", build.compare(y, "GT", x), isFirstNone, to: flag)
      let takesSecond = build.emit("or", isLarger, isEarlier, to: flag)
      return [build.select(takesSecond, y, x), build.select(takesSecond, j, i)]
    }
    let places = build.iota(TensorType(.int32, value.type.shape), axis: context.axis)
    return [
      build.emit(
        "stablehlo.reduce",
        [value, places, build.constant(-.infinity, number), build.constant(Double(Int32.max), position)],
        ["dimensions": StableHLOBuilder.text([context.axis])], regions: [body],
        to: [value.type.with(context.results[0].shape), context.results[0]])[1]
    ]
  }

  /// Sums or products up to each place: a window that reaches back to the first.
  static func cumulative(isProduct: Bool) -> ExportRule {
    { context in
      let (value, build, axis) = (context.operand(0), context.build, context.axis)
      let (count, scalar) = (value.type.shape[axis], value.type.with(.scalar))
      if value.type.elementCount == 0 { return [value] }
      let body = build.region([scalar, scalar]) {
        [build.emit("stablehlo.\(isProduct ? "multiply" : "add")", $0, to: [scalar])[0]]
      }
      let ones = value.type.shape.extents.map { _ in 1 }
      var window = ones
      window[axis] = count
      let exclusive = context.attributes.flag("exclusive")
      var padding = (exclusive ? count : count - 1, exclusive ? -1 : 0)
      if context.attributes.flag("reversed") { padding = (padding.1, padding.0) }
      let pads = ones.indices.map { $0 == axis ? "[\(padding.0), \(padding.1)]" : "[0, 0]" }.joined(separator: ", ")
      let identity = isProduct ? 1 : -0.0
      return build.emit(
        "stablehlo.reduce_window", [value, build.constant(identity, scalar)],
        [
          "window_dimensions": StableHLOBuilder.text(window), "window_strides": StableHLOBuilder.text(ones),
          "padding": "dense<[\(pads)]> : tensor<\(ones.count)x2xi64>",
        ], regions: [body], to: [value.type])
    }
  }

  /// `y[t] = a[t] y[t - 1] + b[t]`: a loop along the axis.
  static let linearRecurrence: ExportRule = { context in
    let (a, b, build, axis) = (context.operand(0), context.operand(1), context.build, context.axis)
    let position = TensorType(.int32, .scalar)
    let count = b.type.shape[axis]
    if b.type.elementCount == 0 { return [b] }
    let isReversed = context.attributes.flag("reversed")
    let last = build.constant(Double(count - 1), position)
    var partShape = b.type.shape
    partShape.extents[axis] = 1
    // -0 times anything finite, added to b, is b; the first place takes b itself.
    let nothing = build.constant(0, b.type.with(partShape))
    let loop = build.loop(count: build.constant(Double(count), position), [b, nothing]) { number, carried in
      let place = isReversed ? build.emit("subtract", last, number, to: position) : number
      let own = build.dynamicSlice(b, axis: axis, at: place, length: 1)
      let factor = build.dynamicSlice(a, axis: axis, at: place, length: 1)
      let product = build.emit("multiply", factor, carried[1], to: own.type)
      let isFirst = build.compare(number, "EQ", build.constant(0, position))
      let flags = build.broadcast(isFirst, to: partShape, axes: [])
      let next = build.select(flags, own, build.emit("add", product, own, to: own.type))
      return [build.dynamicUpdateSlice(carried[0], next, axis: axis, at: place), next]
    }
    return [loop[0]]
  }
}
