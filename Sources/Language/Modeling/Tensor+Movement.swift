import GraphIR
import Operators
import TensorTypes

extension Tensor {
  /// The same elements in the same order under another shape. One extent may be -1: it is what the others leave.
  public func reshaped(to shape: Shape, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      guard let full = completed(shape) else {
        let problem =
          "one extent may be -1 where the others divide the \(type.elementCount) elements of \(type), got [\(shape)]"
        return refused(TypeError("reshape.3", problem), type.with(Shape(shape.extents.map { Swift.max($0, 1) })))
      }
      return Self.apply(
        .reshape, [self], ["shape": .integers(full.extents)], guess: type.with(full), axisNames: full.names)
    }
  }

  /// The shape with what the other extents leave in place of one -1; nil where that is no whole number.
  private func completed(_ shape: Shape) -> Shape? {
    let open = shape.extents.indices.filter { shape[$0] == -1 }
    if open.isEmpty { return shape }
    let rest = shape.removing(open).elementCount
    guard open.count == 1, rest > 0, type.elementCount.isMultiple(of: rest) else { return nil }
    var full = shape
    full.extents[open[0]] = type.elementCount / rest
    return full
  }

  /// The axes in another order: axis `i` of the result is axis `permutation[i]`.
  public func transposed(_ permutation: Int..., file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("transposed", axes: permutation) {
        apply(.transpose, ["permutation": .integers(permutation.map(position))])
      }
    }
  }

  /// A range along one axis.
  public func slice(_ range: Range<Int>, axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { checked("slice", axes: [axis]) { part(range, position(axis)) } }
  }

  private func part(_ range: Range<Int>, _ axis: Int) -> Tensor {
    apply(
      .slice, ["axis": .integer(axis), "start": .integer(range.lowerBound), "end": .integer(range.upperBound)])
  }

  /// One position along an axis, which disappears.
  public func at(_ index: Int, axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("at", axes: [axis]) {
        let rest = type.with(shape.removing([position(axis)]))
        guard (0..<extent(axis)).contains(index) else {
          let problem = "position \(index) must lie in 0..<\(extent(axis)), axis \(axis) of \(type)"
          return refused(TypeError("at.1", problem), rest)
        }
        return part(index..<(index + 1), position(axis)).reshaped(to: rest.shape)
      }
    }
  }

  /// The tensor cut along an axis into so many parts of equal extent.
  public func split(into count: Int, axis: Int, file: StaticString = #fileID, line: Int = #line) -> [Tensor] {
    located(file, line) {
      let places = 0..<Swift.max(count, 1)
      let extent = extent(axis) / places.count
      guard shape.extents.indices.contains(position(axis)), count > 0, self.extent(axis) == extent * count else {
        let problem = TypeError("split.1", "axis \(axis) of \(type) cannot be split into \(count) equal parts")
        let placeholder = checked("split", axes: [axis]) { refused(problem, type) }
        return places.map { _ in placeholder }
      }
      return places.map { part(($0 * extent)..<(($0 + 1) * extent), position(axis)) }
    }
  }

  public func sum(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.sum, "sum", axis, keepsAxis) }
  }

  public func mean(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.sum, "mean", axis, keepsAxis) * (1 / Double(extent(axis))) }
  }

  public func max(axis: Int, keepsAxis: Bool = false, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { reduced(.reduceMaximum, "max", axis, keepsAxis) }
  }

  /// The position of the largest element along an axis, as i32.
  public func argmax(axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("argmax", axes: [axis]) { apply(.argumentOfMaximum, ["axis": .integer(position(axis))]) }
    }
  }

  /// The sum of all elements.
  public func sum(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { rank == 0 ? self : apply(.sum, ["axes": .integers(Array(0..<rank))]) }
  }

  /// The mean of all elements.
  public func mean(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { sum() * (1 / Double(type.elementCount)) }
  }

  /// The same numbers as another element type.
  public func converted(to elementType: ElementType, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      Self.apply(.convert, [self], ["element_type": .elementType(elementType)], guess: type.with(elementType))
    }
  }

  private func reduced(_ used: Operator, _ function: String, _ axis: Int, _ keepsAxis: Bool) -> Tensor {
    checked(function, axes: [axis]) {
      let position = position(axis)
      let rest = type.with(shape.removing([position]))
      let result = Self.apply(used, [self], ["axes": .integers([position])], guess: rest)
      guard keepsAxis else { return result }
      var kept = shape
      kept.extents[position] = 1
      let axes = (0..<rank).filter { $0 != position }
      return result.apply(.broadcast, ["shape": .integers(kept.extents), "axes": .integers(axes)])
    }
  }
}

extension Tensor {
  /// The body's tensor, unless an axis is not there: the message names it as it was written.
  func checked(_ function: String, axes: [Int], _ body: () -> Tensor) -> Tensor {
    for axis in axes where !(0..<rank).contains(position(axis)) {
      let range = rank == 0 ? "none" : "\(-rank)...\(rank - 1)"
      return refused(TypeError("\(function).axis", "axis \(axis) is not there; the axes of \(type) are \(range)"), type)
    }
    return body()
  }

  private func refused(_ problem: TypeError, _ type: TensorType) -> Tensor { Modeling.refused([self], problem, type) }
}

/// Notes a problem of a call with these operands; returns a placeholder of the type that the result would have.
func refused(_ operands: [Tensor], _ problem: any Error, _ type: TensorType) -> Tensor {
  guard let trace = Trace.current else { return Tensor(strayOf: type) }
  // What follows from an error is not reported, but for a tensor of elsewhere.
  if trace.values(of: operands) != nil { trace.note(problem) }
  return Tensor(trace, nil, type)
}

/// Tensors laid one after another along an axis.
public func concatenate(
  _ tensors: [Tensor], axis: Int, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    guard let first = tensors.first else {
      return refused([], TypeError("concatenate.0", "needs at least one tensor"), .scalar)
    }
    return first.checked("concatenate", axes: [axis]) {
      Tensor.apply(.concatenate, tensors, ["axis": .integer(first.position(axis))])
    }
  }
}
