import GraphIR
import Operators
import TensorTypes

/// A value of the model that is being traced: it has a type, but no numbers yet.
public struct Tensor: Sendable {
  let trace: Trace
  /// nil after an error; the type is then a guess that keeps the trace going.
  let value: Graph.Value?
  public let type: TensorType

  init(_ trace: Trace, _ value: Graph.Value?, _ type: TensorType) {
    self.trace = trace
    self.value = value
    self.type = type
  }

  public var shape: Shape { type.shape }
  public var rank: Int { type.shape.rank }

  /// The extent of an axis; negative positions count from the last axis.
  public func extent(_ axis: Int) -> Int {
    let position = axis < 0 ? rank + axis : axis
    return (0..<rank).contains(position) ? shape[position] : 1
  }

  func position(_ axis: Int) -> Int { axis < 0 ? rank + axis : axis }

  func apply(_ used: Operator, _ attributes: Attributes = [:]) -> Tensor { trace.apply(used, [self], attributes)[0] }

  /// Gives the value a name, seen in graphs, plans and diagrams.
  public func named(_ name: String) -> Tensor {
    if let value { trace.builder.graph[value].name = name }
    return self
  }

  /// The same tensor, through which no gradient flows.
  public func detached() -> Tensor { apply(.stopGradient) }
}

extension Tensor {
  /// A tensor of equal elements in the model that is being traced.
  public static func constant(_ number: Double, _ shape: Shape = .scalar, _ elementType: ElementType = .float32)
    -> Tensor
  {
    guard let trace = Trace.current else { preconditionFailure("a constant is made outside a trace") }
    let value = trace.builder.constant(number, TensorType(elementType, shape))
    return Tensor(trace, value, TensorType(elementType, shape))
  }

  func constant(like number: Double) -> Tensor {
    let value = trace.builder.constant(number, type)
    return Tensor(trace, value, type)
  }
}
