import GraphIR
import TensorTypes

/// Short forms for gradient rules, decompositions and passes.
extension GraphBuilder {
  public func add(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value { emit1(.add, a, b) }
  public func subtract(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value { emit1(.subtract, a, b) }
  public func multiply(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value { emit1(.multiply, a, b) }
  public func divide(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value { emit1(.divide, a, b) }
  public func negate(_ a: Graph.Value) -> Graph.Value { emit1(.negate, a) }
  public func select(_ condition: Graph.Value, _ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
    emit1(.select, condition, a, b)
  }

  /// A tensor of the given type with every element equal to the number.
  public func constant(_ number: Double, _ type: TensorType) -> Graph.Value {
    let value = emit(
      .constant, [],
      [
        // The text has one NaN.
        "value": .number(number.isNaN ? .nan : number), "element_type": .elementType(type.elementType),
        "shape": .integers(type.shape.extents),
      ])[0]
    graph[value].type.shape.names = type.shape.names
    return value
  }

  /// A tensor like another one with every element equal to the number.
  public func constant(_ number: Double, like value: Graph.Value) -> Graph.Value {
    constant(number, type(of: value))
  }

  /// The identity of addition, bit for bit: -0 + x is x for every x.
  public func nothing(_ type: TensorType) -> Graph.Value { constant(-0.0, type) }

  /// The value times a number.
  public func scale(_ value: Graph.Value, by number: Double) -> Graph.Value {
    multiply(value, constant(number, like: value))
  }

  public func sum(_ value: Graph.Value, _ axes: [Int]) -> Graph.Value {
    axes.isEmpty ? value : emit1(.sum, value, attributes: ["axes": .integers(axes)])
  }

  public func largest(_ value: Graph.Value, _ axes: [Int]) -> Graph.Value {
    emit1(.reduceMaximum, value, attributes: ["axes": .integers(axes)])
  }

  /// The value repeated to a larger shape; operand axis `i` becomes axis `axes[i]` of the result.
  public func broadcast(_ value: Graph.Value, to shape: Shape, axes: [Int]) -> Graph.Value {
    if type(of: value).shape == shape && axes == Array(0..<shape.rank) { return value }
    let result = emit1(
      .broadcast, value, attributes: ["shape": .integers(shape.extents), "axes": .integers(axes)])
    graph[result].type.shape.names = shape.names
    return result
  }

  /// A reduced value repeated along the axes that the reduction removed.
  public func restore(_ reduced: Graph.Value, _ axes: [Int], to shape: Shape) -> Graph.Value {
    broadcast(reduced, to: shape, axes: (0..<shape.rank).filter { !axes.contains($0) })
  }

  public func reshape(_ value: Graph.Value, to shape: Shape) -> Graph.Value {
    if type(of: value).shape == shape { return value }
    let result = emit1(.reshape, value, attributes: ["shape": .integers(shape.extents)])
    graph[result].type.shape.names = shape.names
    return result
  }

  public func transpose(_ value: Graph.Value, _ permutation: [Int]) -> Graph.Value {
    if permutation == Array(0..<permutation.count) { return value }
    return emit1(.transpose, value, attributes: ["permutation": .integers(permutation)])
  }

  public func convert(_ value: Graph.Value, to elementType: ElementType) -> Graph.Value {
    if type(of: value).elementType == elementType { return value }
    return emit1(.convert, value, attributes: ["element_type": .elementType(elementType)])
  }

  public func iota(_ type: TensorType, axis: Int) -> Graph.Value {
    emit(.iota, [], ["shape": .integers(type.shape.extents), "axis": .integer(axis)])[0]
  }

  public func dot(_ a: Graph.Value, _ b: Graph.Value, _ axes: DotAxes) -> Graph.Value {
    emit(.dot, [a, b], axes.attributes)[0]
  }
}
