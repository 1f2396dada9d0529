import GraphIR

extension Operator {
  /// Products up to each place of an axis: `y[t] = y[t - 1] x[t]`, one after another in that order. Exclusive ones leave out
  /// the element itself; a product of nothing is 1. The gradient divides by nothing, so it is right at zeros.
  ///
  /// - Shape: `T[..., n, ...] -> T[..., n, ...]`, T being f32, f64 or i32.
  /// - Attributes: `axis`, `reversed` (from the last element on), `exclusive`.
  public static let cumulativeProduct: Operator = Recurrence.cumulative(
    "cumulative_product", "Products up to each place of an axis.", isProduct: true,
    gradient: { context in
      let (build, x, attributes) = (context.build, context.operand(0), context.operation.attributes)
      // Of x[t]: what comes before it, times r[t] = dy[t] + x[t + 1] r[t + 1], all of it that comes after.
      var exclusive = attributes
      exclusive["exclusive"] = .flag(true)
      let before = build.emit(.cumulativeProduct, [x], exclusive)[0]
      let cotangent = context.cotangent
      let isExclusive = attributes.flag("exclusive")
      // An exclusive product is the next place's inclusive one.
      let own = isExclusive ? Recurrence.moved(cotangent, attributes, build) : cotangent
      let next = Recurrence.moved(x, attributes, build)
      let recurrence: Attributes = [
        "axis": .integer(attributes.integer("axis")), "reversed": .flag(!attributes.flag("reversed")),
      ]
      return [build.multiply(before, build.emit(.linearRecurrence, [next, own], recurrence)[0])]
    })
}
