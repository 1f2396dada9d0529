import GraphIR
import Operators
import TensorTypes

/// A model in the DSL: a structure of weights and layers that computes one step.
public protocol Model {
  /// Declares the inputs and computes the loss.
  func step(_ inputs: Inputs) -> Step
}

/// Declares what a step reads. Inputs, states, weights and results share one namespace.
public struct Inputs {
  let trace: Trace

  /// Data that changes with every step.
  public func callAsFunction(
    _ name: String, _ shape: Shape, _ elementType: ElementType = .float32, file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    located(file, line) { parameter(name, TensorType(elementType, shape), .input) }
  }

  /// A tensor kept from one step to the next; the step's `updates` give its next value.
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
}

/// What a step computes.
public struct Step {
  /// A scalar, minimized by training.
  public var loss: Tensor
  /// Further results to be reported, by name.
  public var metrics: [(name: String, value: Tensor)]
  /// Next values of states, by the states' names.
  public var updates: [(state: String, value: Tensor)]
  /// The line that returned them.
  let site: CallSite

  public init(
    loss: Tensor, metrics: [(name: String, value: Tensor)] = [], updates: [(state: String, value: Tensor)] = [],
    file: StaticString = #fileID, line: Int = #line
  ) {
    self.loss = loss
    self.metrics = metrics
    self.updates = updates
    site = CallSite(file, line)
  }
}
