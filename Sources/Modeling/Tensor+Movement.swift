import GraphIR
import Operators
import TensorTypes

extension Tensor {
  /// The same elements in the same order under another shape.
  public func reshaped(to shape: Shape) -> Tensor {
    let result = trace.apply(.reshape, [self], ["shape": .integers(shape.extents)], guess: type.with(shape))[0]
    guard let value = result.value else { return result }
    trace.builder.graph[value].type.shape.names = shape.names
    return Tensor(trace, value, type.with(shape))
  }

  /// The axes in another order: axis `i` of the result is axis `permutation[i]`.
  public func transposed(_ permutation: Int...) -> Tensor {
    apply(.transpose, ["permutation": .integers(permutation.map(position))])
  }

  /// A range along one axis.
  public func slice(_ range: Range<Int>, axis: Int) -> Tensor {
    apply(
      .slice,
      ["axis": .integer(position(axis)), "start": .integer(range.lowerBound), "end": .integer(range.upperBound)])
  }

  /// One position along an axis, which disappears.
  public func at(_ index: Int, axis: Int) -> Tensor {
    slice(index..<(index + 1), axis: axis).reshaped(to: shape.removing([position(axis)]))
  }

  /// The tensor cut along an axis into parts of equal extent.
  public func split(into count: Int, axis: Int) -> [Tensor] {
    let part = extent(axis) / Swift.max(count, 1)
    return (0..<count).map { slice(($0 * part)..<(($0 + 1) * part), axis: axis) }
  }

  public func sum(axis: Int, keepsAxis: Bool = false) -> Tensor {
    reduced(.sum, ["axes": .integers([position(axis)])], position(axis), keepsAxis)
  }

  public func mean(axis: Int, keepsAxis: Bool = false) -> Tensor {
    sum(axis: axis, keepsAxis: keepsAxis) * (1 / Double(extent(axis)))
  }

  public func max(axis: Int, keepsAxis: Bool = false) -> Tensor {
    reduced(.reduceMaximum, ["axes": .integers([position(axis)])], position(axis), keepsAxis)
  }

  /// The position of the largest element along an axis, as i32.
  public func argmax(axis: Int) -> Tensor { apply(.argumentOfMaximum, ["axis": .integer(position(axis))]) }

  /// The sum of all elements.
  public func sum() -> Tensor { rank == 0 ? self : apply(.sum, ["axes": .integers(Array(0..<rank))]) }

  /// The mean of all elements.
  public func mean() -> Tensor { sum() * (1 / Double(type.elementCount)) }

  /// The same numbers as another element type.
  public func converted(to elementType: ElementType) -> Tensor {
    apply(.convert, ["element_type": .elementType(elementType)])
  }

  private func reduced(_ used: Operator, _ attributes: Attributes, _ axis: Int, _ keepsAxis: Bool) -> Tensor {
    let result = apply(used, attributes)
    guard keepsAxis, (0..<rank).contains(axis) else { return result }
    var kept = shape
    kept.extents[axis] = 1
    let axes = (0..<rank).filter { $0 != axis }
    return result.apply(.broadcast, ["shape": .integers(kept.extents), "axes": .integers(axes)])
  }
}

/// Tensors laid one after another along an axis.
public func concatenate(_ tensors: [Tensor], axis: Int) -> Tensor {
  guard let first = tensors.first else { preconditionFailure("nothing to concatenate") }
  return first.trace.apply(.concatenate, tensors, ["axis": .integer(first.position(axis))])[0]
}
