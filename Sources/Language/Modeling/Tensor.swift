import GraphIR
import Operators
import TensorTypes

/// A value of the model that is being traced: it has a type, but no numbers yet.
///
/// It belongs to its trace and to the body of the loop or checkpoint in which it was made: using it elsewhere is an error
/// that the trace reports with both lines.
public struct Tensor: Sendable {
  /// nil for a tensor that was made outside of any trace, which every trace refuses.
  let trace: Trace?
  /// nil after an error; the type is then a guess that keeps the trace going.
  let value: Graph.Value?
  public let type: TensorType
  /// Who made a tensor that belongs to no trace.
  let origin: CallSite?

  init(_ trace: Trace, _ value: Graph.Value?, _ type: TensorType) {
    self.trace = trace
    self.value = value
    self.type = value == nil ? type.withoutNegativeExtents : type
    origin = nil
  }

  /// A tensor without a trace: functions of the DSL do not throw, so the trace that meets it does.
  init(strayOf type: TensorType) {
    trace = nil
    value = nil
    self.type = type.withoutNegativeExtents
    origin = CallSite()
  }

  public var shape: Shape { type.shape }
  public var rank: Int { type.shape.rank }

  /// The extent of an axis; negative positions count from the last axis. 1 for an axis that is not there.
  public func extent(_ axis: Int) -> Int {
    let position = position(axis)
    return (0..<rank).contains(position) ? shape[position] : 1
  }

  func position(_ axis: Int) -> Int { axis < 0 ? rank &+ axis : axis }

  /// The name of an axis, if it is there and has one.
  func name(_ axis: Int) -> String? { shape.names.indices.contains(axis) ? shape.names[axis] : nil }

  /// Gives the value a label, seen in graphs, plans and diagrams. What the host addresses by name keeps its name: an input,
  /// a state, a weight.
  public func named(_ name: String, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { Trace.current?.label(self, name) }
    return self
  }

  /// The same tensor, through which no gradient flows.
  public func detached(file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { apply(.stopGradient) }
  }
}

extension Tensor {
  /// A tensor of equal elements in the model that is being traced.
  ///
  /// The element type holds the number: an integer is whole and fits, a boolean is 0 or 1, a floating-point number is
  /// rounded but stays finite.
  public static func constant(
    _ number: Double, _ shape: Shape = .scalar, _ elementType: ElementType = .float32, file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    located(file, line) { constant(number, TensorType(elementType, shape)) }
  }

  private static func constant(_ number: Double, _ type: TensorType) -> Tensor {
    guard let trace = Trace.current else { return Tensor(strayOf: type) }
    return trace.constant(number, type)
  }

  /// A constant to be combined with this tensor.
  func constant(like number: Double) -> Tensor {
    // What follows from an error is not reported.
    if let trace, value == nil { return Tensor(trace, nil, type) }
    return Self.constant(number, type)
  }

  func apply(_ used: Operator, _ attributes: Attributes = [:]) -> Tensor { Tensor.apply(used, [self], attributes) }

  /// The first result of an operator in the present trace.
  static func apply(
    _ used: Operator, _ operands: [Tensor], _ attributes: Attributes = [:], guess: TensorType? = nil,
    axisNames: [String?]? = nil
  ) -> Tensor {
    let placeholder = guess ?? operands.first?.type ?? .scalar
    guard let trace = Trace.current else { return Tensor(strayOf: placeholder) }
    return trace.apply(used, operands, attributes, guess: placeholder, axisNames: axisNames)[0]
  }
}

/// An operator of the user's, applied to tensors: see `OperatorTable.register`.
///
/// - Returns: its first result.
public func apply(
  _ used: Operator, _ operands: [Tensor], _ attributes: Attributes = [:], file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  located(file, line) { Tensor.apply(used, operands, attributes) }
}

/// Runs the body with the line of the call as that of all operations; of nested calls the outermost counts.
func located<Result>(_ file: StaticString, _ line: Int, _ body: () throws -> Result) rethrows -> Result {
  guard let trace = Trace.current else { return try body() }
  return try trace.located(file, line, body)
}

extension TensorType {
  /// What stands for a type after an error: functions that follow may count from 0 to an extent.
  fileprivate var withoutNegativeExtents: TensorType {
    with(Shape(shape.extents.map { Swift.max($0, 0) }, names: shape.names))
  }
}
