import TensorTypes

/// Dependences that no compiler takes away.
///
/// XLA removes its barriers before it decides what runs when: what is computed again would be shared with what was computed
/// first, and what loops fill would be made long before. So order is a matter of numbers that are known at run time alone.
extension StableHLOBuilder {
  /// A value that is there once another is; its bits are the value's own.
  public func anchored(_ value: StableHLOValue, to other: StableHLOValue) -> StableHLOValue {
    guard let truth = truth(after: other) else { return value }
    return select(truth, value, constant(0, value.type))
  }

  /// Zeros that are made once a value is there.
  public func zeros(_ type: TensorType, after value: StableHLOValue?) -> StableHLOValue {
    guard let truth = value.flatMap(truth) else { return constant(0, type) }
    let untruth = emit("not", truth, to: truth.type)
    let zero = type.elementType == .bool ? untruth : emit("convert", untruth, to: type.with(.scalar))
    return broadcast(zero, to: type.shape, axes: [])
  }

  /// What is always true: that the first element equals itself, or, where it is no number, does not.
  ///
  /// - Returns: nil for a value without such an element.
  private func truth(after value: StableHLOValue) -> StableHLOValue? {
    let type = value.type
    guard type.elementType.isFloatingPoint, type.elementCount > 0 else { return nil }
    let part = type.shape.extents.indices.reduce(value) { slice($0, axis: $1, 0..<1) }
    let first = reshape(part, to: .scalar)
    let (equal, different) = (compare(first, "EQ", first), compare(first, "NE", first))
    return emit("or", equal, different, to: equal.type)
  }
}
