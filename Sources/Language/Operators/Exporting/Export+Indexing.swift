import TensorTypes

/// Rows, elements and parts at computed positions.
extension Export {
  /// Rows of a table by number; the dialect clamps positions as the language does.
  static let gather: ExportRule = { context in
    let (table, numbers, build) = (context.operand(0), context.operand(1), context.build)
    let rest = Array(table.type.shape.extents.dropFirst())
    let rank = numbers.type.shape.rank
    if context.results[0].elementCount == 0 { return [build.constant(0, context.results[0])] }
    let offsets = rest.indices.map { rank + $0 }
    return [
      build.emit(
        "stablehlo.gather", [table, numbers],
        [
          "dimension_numbers":
            "#stablehlo.gather<offset_dims = \(offsets), collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = \(rank)>",
          "slice_sizes": StableHLOBuilder.text([1] + rest), "indices_are_sorted": "false",
        ], to: context.results)[0]
    ]
  }

  /// Elements by all their positions, of which one is computed.
  static let takeAlongAxis: ExportRule = { context in
    let (source, positions, build) = (context.operand(0), context.operand(1), context.build)
    let (type, rank, axis) = (positions.type, positions.type.shape.rank, context.axis)
    if type.elementCount == 0 { return [build.constant(0, context.results[0])] }
    let column = Shape(type.shape.extents + [1])
    let columns = (0..<rank).map { other in
      build.reshape(other == axis ? positions : build.iota(type, axis: other), to: column)
    }
    let indices = build.concatenate(columns, axis: rank, to: type.with(Shape(type.shape.extents + [rank])))
    let all = Array(0..<rank)
    return build.emit(
      "stablehlo.gather", [source, indices],
      [
        "dimension_numbers":
          "#stablehlo.gather<collapsed_slice_dims = \(all), start_index_map = \(all), index_vector_dim = \(rank)>",
        "slice_sizes": StableHLOBuilder.text(all.map { _ in 1 }), "indices_are_sorted": "false",
      ], to: context.results)
  }

  /// A table with rows combined into it at numbers that are within it. Where several are equal, their order is not defined.
  static func scatter(
    _ table: StableHLOValue, _ numbers: StableHLOValue, _ rows: StableHLOValue, with combiner: String,
    _ build: StableHLOBuilder
  ) -> StableHLOValue {
    let scalar = table.type.with(.scalar)
    let rank = numbers.type.shape.rank
    let windows = (0..<table.type.shape.rank - 1).map { rank + $0 }
    let body = build.region([scalar, scalar]) { [build.emit("stablehlo.\(combiner)", $0, to: [scalar])[0]] }
    return build.emit(
      "stablehlo.scatter", [table, numbers, rows],
      [
        "scatter_dimension_numbers":
          "#stablehlo.scatter<update_window_dims = \(windows), inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = \(rank)>",
        "indices_are_sorted": "false", "unique_indices": "false",
      ], regions: [body], to: [table.type])[0]
  }

  static let scatterAdd: ExportRule = { context in
    let (table, build) = (context.operand(0), context.build)
    if table.type.elementCount == 0 { return [table] }
    let numbers = build.clamped(context.operand(1), to: table.type.shape[0])
    return [scatter(table, numbers, context.operand(2), with: "add", build)]
  }

  /// Of equal numbers the last one counts: the largest place that names a row is found first, in any order.
  static let scatterUpdate: ExportRule = { context in
    let (table, rows, build) = (context.operand(0), context.operand(2), context.build)
    let count = context.operand(1).type.elementCount
    if table.type.elementCount == 0 || count == 0 { return [table] }
    let flat = TensorType(.int32, [count])
    let numbers = build.clamped(build.reshape(context.operand(1), to: flat.shape), to: table.type.shape[0])
    let places = TensorType(.int32, [table.type.shape[0]])
    let last = scatter(build.constant(-1, places), numbers, build.iota(flat, axis: 0), with: "maximum", build)
    let rest = Array(table.type.shape.extents.dropFirst())
    let list = build.reshape(rows, to: Shape([count] + rest))
    let found = gather(
      ExportContext(
        operands: [list, build.clamped(last, to: count)], attributes: [:], results: [table.type], build: build))
    let isNamed = build.compare(last, "GE", build.constant(0, places))
    return [build.select(build.broadcast(isNamed, to: table.type.shape, axes: [0]), found[0], table)]
  }

  /// Positions in order, equal elements as they are, not-a-number as the largest. Where the first are asked for, all are sorted:
  /// the dialect has no choice of some.
  static let argumentSort: ExportRule = { context in
    let (values, build) = (context.operand(0), context.build)
    let type = TensorType(.int32, values.type.shape)
    let (axis, scalar) = (type.shape.rank - 1, values.type.with(.scalar))
    let descends = context.attributes.flag("descending")
    func isNotANumber(_ x: StableHLOValue) -> StableHLOValue { build.compare(x, "NE", x) }
    let comparator = build.region([scalar, scalar, TensorType(.int32, .scalar), TensorType(.int32, .scalar)]) { pair in
      let (x, y) = descends ? (pair[1], pair[0]) : (pair[0], pair[1])
      let isBefore = build.compare(x, "LT", y)
      let isNumber = build.emit("not", isNotANumber(x), to: isBefore.type)
      let isFirst = build.emit("and", isNotANumber(y), isNumber, to: isBefore.type)
      return [build.emit("or", isBefore, isFirst, to: isBefore.type)]
    }
    let sorted = build.emit(
      "stablehlo.sort", [values, build.iota(type, axis: axis)], ["dimension": "\(axis) : i64", "is_stable": "true"],
      regions: [comparator], to: [values.type, type])[1]
    let length = context.results[0].shape[axis]
    return [length == type.shape[axis] ? sorted : build.slice(sorted, axis: axis, 0..<length)]
  }
}
