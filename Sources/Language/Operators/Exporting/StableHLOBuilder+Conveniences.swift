import TensorTypes

/// Short forms for rules.
extension StableHLOBuilder {
  /// A tensor with every element equal to the number, to the bit.
  public func constant(_ number: Double, _ type: TensorType) -> StableHLOValue {
    let text: String
    switch type.elementType {
    case .float32: text = "0x" + Self.hexadecimal(UInt64(Float(number).bitPattern), digits: 8)
    case .float64: text = "0x" + Self.hexadecimal(number.bitPattern, digits: 16)
    case .int32: text = "\(Int32(number))"
    case .bool: text = number == 0 ? "false" : "true"
    }
    let elements = type.elementCount == 0 ? "dense<>" : "dense<\(text)>"
    return emit("stablehlo.constant", [], ["value": "\(elements) : \(Self.text(type))"], to: [type])[0]
  }

  private static func hexadecimal(_ bits: UInt64, digits: Int) -> String {
    let text = String(bits, radix: 16, uppercase: true)
    return String(repeating: "0", count: digits - text.count) + text
  }

  func iota(_ type: TensorType, axis: Int) -> StableHLOValue {
    emit("iota", attributes: ["iota_dimension": "\(axis) : i64"], to: type)
  }

  public func reshape(_ value: StableHLOValue, to shape: Shape) -> StableHLOValue {
    value.type.shape.extents == shape.extents ? value : emit("reshape", value, to: value.type.with(shape))
  }

  func broadcast(_ value: StableHLOValue, to shape: Shape, axes: [Int]) -> StableHLOValue {
    emit("broadcast_in_dim", value, attributes: ["broadcast_dimensions": Self.text(axes)], to: value.type.with(shape))
  }

  func transpose(_ value: StableHLOValue, _ permutation: [Int], to type: TensorType) -> StableHLOValue {
    emit("transpose", value, attributes: ["permutation": Self.text(permutation)], to: type)
  }

  /// Elements between bounds along one axis, all or each so many.
  func slice(_ value: StableHLOValue, axis: Int, _ range: Range<Int>, stride: Int = 1) -> StableHLOValue {
    var (starts, limits) = (value.type.shape.extents.map { _ in 0 }, value.type.shape.extents)
    (starts[axis], limits[axis]) = (range.lowerBound, range.upperBound)
    var shape = value.type.shape
    shape.extents[axis] = (range.count + stride - 1) / stride
    var strides = starts.map { _ in 1 }
    strides[axis] = stride
    return emit(
      "slice", value,
      attributes: [
        "start_indices": Self.text(starts), "limit_indices": Self.text(limits),
        "strides": Self.text(strides),
      ], to: value.type.with(shape))
  }

  func concatenate(_ values: [StableHLOValue], axis: Int, to type: TensorType) -> StableHLOValue {
    values.count == 1
      ? values[0] : emit("stablehlo.concatenate", values, ["dimension": "\(axis) : i64"], to: [type])[0]
  }

  func pad(_ value: StableHLOValue, axis: Int, before: Int, after: Int, with number: Double) -> StableHLOValue {
    var (low, high) = (value.type.shape.extents.map { _ in 0 }, value.type.shape.extents.map { _ in 0 })
    (low[axis], high[axis]) = (before, after)
    var shape = value.type.shape
    shape.extents[axis] += before + after
    return emit(
      "pad", value, constant(number, value.type.with(.scalar)),
      attributes: [
        "edge_padding_low": Self.text(low), "edge_padding_high": Self.text(high),
        "interior_padding": Self.text(low.map { _ in 0 }),
      ], to: value.type.with(shape))
  }

  /// A part along an axis from a computed position on, clamped so that all of it is there.
  public func dynamicSlice(
    _ value: StableHLOValue, axis: Int, at position: StableHLOValue, length: Int
  ) -> StableHLOValue {
    var shape = value.type.shape
    shape.extents[axis] = length
    return emit(
      "stablehlo.dynamic_slice", [value] + starts(axis, position, rank: shape.rank),
      ["slice_sizes": Self.text(shape.extents)], to: [value.type.with(shape)])[0]
  }

  /// The whole with a part along an axis replaced, from a computed position on, clamped likewise.
  public func dynamicUpdateSlice(
    _ whole: StableHLOValue, _ part: StableHLOValue, axis: Int, at position: StableHLOValue
  ) -> StableHLOValue {
    emit(
      "stablehlo.dynamic_update_slice", [whole, part] + starts(axis, position, rank: whole.type.shape.rank),
      to: [whole.type])[0]
  }

  private func starts(_ axis: Int, _ position: StableHLOValue, rank: Int) -> [StableHLOValue] {
    let zero = constant(0, TensorType(.int32, .scalar))
    return (0..<rank).map { $0 == axis ? position : zero }
  }

  /// Whether a relation holds, element by element.
  public func compare(_ a: StableHLOValue, _ direction: String, _ b: StableHLOValue) -> StableHLOValue {
    let direction = "#stablehlo<comparison_direction \(direction)>"
    return emit("compare", a, b, attributes: ["comparison_direction": direction], to: a.type.with(.bool))
  }

  public func select(_ condition: StableHLOValue, _ a: StableHLOValue, _ b: StableHLOValue) -> StableHLOValue {
    emit("select", condition, a, b, to: a.type)
  }

  /// Numbers of rows within a table, as the language clamps them.
  func clamped(_ numbers: StableHLOValue, to count: Int) -> StableHLOValue {
    let low = emit("maximum", numbers, constant(0, numbers.type), to: numbers.type)
    return emit("minimum", low, constant(Double(max(count - 1, 0)), numbers.type), to: numbers.type)
  }

  /// Elements combined over axes, each with the identity as start.
  func reduce(
    _ value: StableHLOValue, axes: [Int], identity: Double, with combiner: String, to type: TensorType
  ) -> StableHLOValue {
    let scalar = value.type.with(.scalar)
    let body = region([scalar, scalar]) { [self.emit("stablehlo.\(combiner)", $0, to: [scalar])[0]] }
    return emit(
      "stablehlo.reduce", [value, constant(identity, scalar)], ["dimensions": Self.text(axes.sorted())],
      regions: [body], to: [type])[0]
  }

  /// A loop while a number is below a bound.
  ///
  /// - Parameter body: the number and the carried values to the next carried values.
  public func loop(
    count: StableHLOValue, _ carried: [StableHLOValue], _ body: (StableHLOValue, [StableHLOValue]) -> [StableHLOValue]
  ) -> [StableHLOValue] {
    let position = TensorType(.int32, .scalar)
    let types = [position] + carried.map(\.type)
    let condition = region(types) { [self.compare($0[0], "LT", count)] }
    let step = region(types) { values in
      let next = body(values[0], Array(values.dropFirst()))
      return [self.emit("add", values[0], self.constant(1, position), to: position)] + next
    }
    return Array(
      emit("stablehlo.while", [constant(0, position)] + carried, regions: [condition, step], to: types).dropFirst())
  }
}
