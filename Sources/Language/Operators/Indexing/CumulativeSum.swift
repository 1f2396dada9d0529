import GraphIR

extension Operator {
  /// Sums up to each place of an axis: `y[t] = y[t - 1] + x[t]`, one after another in that order. Exclusive ones leave out the
  /// element itself; a sum of nothing is -0, the exact identity of addition.
  ///
  /// - Shape: `T[..., n, ...] -> T[..., n, ...]`, T being f32, f64 or i32.
  /// - Attributes: `axis`, `reversed` (from the last element on), `exclusive`.
  public static let cumulativeSum: Operator = Recurrence.cumulative(
    "cumulative_sum", "Sums up to each place of an axis.", isProduct: false,
    gradient: { context in
      [context.build.emit(.cumulativeSum, [context.cotangent], Recurrence.turned(context.operation.attributes))[0]]
    })
}
