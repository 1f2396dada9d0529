import GraphIR
import Operators
import TensorTypes

/// Declares what a step or a program reads. Inputs, states and weights share one namespace.
public struct Inputs {
  let trace: Trace

  /// Data that changes with every run.
  public func callAsFunction(
    _ name: String, _ shape: Shape, _ elementType: ElementType = .float32, file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    located(file, line) { parameter(name, TensorType(elementType, shape), .input) }
  }

  /// A tensor kept from one run to the next, zeros in the beginning; `next` or the step's `updates` give its next value.
  public func state(
    _ name: String, _ shape: Shape, _ elementType: ElementType = .float32, file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    located(file, line) { parameter(name, TensorType(elementType, shape), .state) }
  }

  private func parameter(_ name: String, _ type: TensorType, _ role: ParameterRole) -> Tensor {
    guard let present = Trace.current else { return Tensor(strayOf: type) }
    guard present === trace else {
      present.note(TypeError("tensor.2", "\(role.rawValue) '\(name)' is declared by the inputs of another trace"))
      return Tensor(present, nil, type)
    }
    return trace.parameter(name, type, role)
  }
}

extension Trace {
  fileprivate func parameter(_ name: String, _ type: TensorType, _ role: ParameterRole) -> Tensor {
    if let problem = type.problem {
      note(TypeError("\(role.rawValue).1", "'\(name)': \(problem)"))
      return Tensor(self, nil, type)
    }
    let value = builder.graph.addParameter(type, name: name, role: role)
    parameterSites[value] = mark()
    return Tensor(self, value, type)
  }

  /// Numbers that the graph keeps for itself; equal ones are kept once.
  fileprivate func values(_ tensor: HostTensor) -> Tensor {
    if let known = ownValues.first(where: { $0.tensor.isIdentical(to: tensor) && $0.tensor.type == tensor.type }) {
      return Tensor(self, known.value, tensor.type)
    }
    let made = parameter("values.\(ownValues.count)", tensor.type, .values)
    if let value = made.value { ownValues.append((value, tensor)) }
    return made
  }

  /// Numbers of the graph's own that are made once, by a name that says all that they follow from.
  func values(named name: String, _ make: () -> HostTensor) -> Tensor {
    if let known = namedValues[name] { return Tensor(self, known, builder.type(of: known)) }
    let made = values(make())
    namedValues[name] = made.value
    return made
  }
}

extension Tensor {
  /// Numbers that the model derives from its sizes, for example masks and positions. They belong to the program that is being
  /// traced and are never saved, so that another program over the same weights may have others.
  public static func values(
    _ tensor: HostTensor, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      guard let trace = Trace.current else { return Tensor(strayOf: tensor.type) }
      guard tensor.fits(tensor.type) else {
        trace.note(TypeError("values.1", "needs \(tensor.shape.elementCount) numbers, got \(tensor.summary)"))
        return Tensor(trace, nil, tensor.type)
      }
      return trace.values(tensor)
    }
  }

  /// In the order of the shape's elements, the last axis fastest.
  public static func values(
    _ numbers: [Float], _ shape: Shape, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    values(numbers.count, shape, .float32, file, line) { HostTensor(shape, numbers) }
  }

  public static func values(
    _ numbers: [Int32], _ shape: Shape, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    values(numbers.count, shape, .int32, file, line) { HostTensor(shape, numbers) }
  }

  /// As i32, which they must fit.
  public static func values(
    _ numbers: [Int], _ shape: Shape, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      guard let large = numbers.first(where: { Int32(exactly: $0) == nil }) else {
        return values(numbers.map { Int32($0) }, shape)
      }
      return Modeling.refused([], TypeError("values.2", "\(large) is no i32"), TensorType(.int32, shape))
    }
  }

  private static func values(
    _ count: Int, _ shape: Shape, _ elementType: ElementType, _ file: StaticString, _ line: Int,
    _ tensor: () -> HostTensor
  ) -> Tensor {
    located(file, line) {
      let type = TensorType(elementType, shape)
      guard let trace = Trace.current else { return Tensor(strayOf: type) }
      let needed = shape.elementCount
      if let problem = type.problem ?? (count == needed ? nil : "needs \(needed) numbers, got \(count)") {
        trace.note(TypeError("values.1", "[\(shape)]: \(problem)"))
        return Tensor(trace, nil, type)
      }
      return trace.values(tensor())
    }
  }

  /// The value of a state after this run. It is set once in a trace, by a tensor of the state's type; what is read from it
  /// before is the state itself.
  public var next: Tensor {
    get { trace?.nextValues.first { $0.state == value }?.tensor ?? self }
    nonmutating set { Trace.current?.setNext(of: self, newValue) }
  }

  /// Whether the program that is being traced trains; others evaluate. Layers ask, which do one thing in training and
  /// another elsewhere: dropout, for example. An operator does the same everywhere: in its function this is an error of the
  /// trace.
  public static var isTraining: Bool {
    guard let trace = Trace.current else { return false }
    if trace.isOperatorBody {
      trace.note(TraceMessage(text: "an operator cannot ask whether the program trains: it would not be told"))
    }
    return trace.isTraining
  }
}

extension Trace {
  fileprivate func setNext(of state: Tensor, _ next: Tensor) {
    guard let value = values(of: [state])?.first else { return }
    let name = builder.graph[value].name ?? ""
    guard builder.graph.parameters(.state).contains(value) || standIns.contains(value) else {
      return note(TypeError("next.1", "is set on \(state.type), which is no state\(state.location.suffix)"))
    }
    if let first = nextValues.first(where: { $0.state == value }) {
      return note(TypeError("next.2", "state '\(name)' has a next value already\(first.site.location.suffix)"))
    }
    nextValues.append((value, next, currentSite))
  }
}
