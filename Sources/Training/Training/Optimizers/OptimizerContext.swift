import GraphIR
import Operators
import TensorTypes

/// What an optimizer may use for one weight.
struct OptimizerContext {
  let build: GraphBuilder
  let states: OptimizerStates
  let weightName: String
  let weight: Graph.Value
  let gradient: Graph.Value
  /// The learning rate, repeated to the weight's shape.
  let rate: Graph.Value
  let isDecayed: Bool

  /// A tensor kept beside the weight; the function gives its next value.
  func moment(_ name: String, initial: Double = 0, next: (Graph.Value) -> Graph.Value) -> Graph.Value {
    states.keep("\(name).\(weightName)", build.type(of: weight), initial: initial, next: next)
  }

  /// `1 / (1 - factor^t)` in step t = 1, 2, ..., repeated to the weight's shape: one division for all elements. The power is
  /// kept in double precision.
  func biasCorrection(_ name: String, _ factor: Double) -> Graph.Value {
    let scalar = TensorType(.float64, .scalar)
    let power = states.keepShared(name, scalar, initial: 1) { build.scale($0, by: factor) }
    if !states.counters.contains(where: { $0.name == name }) {
      states.counters.append(StateCounter(name: name, range: 0...1, isWhole: false))
    }
    let one = build.constant(1, scalar)
    let correction = build.convert(
      build.divide(one, build.subtract(one, power)), to: build.type(of: weight).elementType)
    return build.spread(correction, like: weight)
  }

  /// The weight shrunk towards zero apart from the gradient: `weight * (1 - rate * decay)` (Loshchilov and Hutter 2019).
  func decayed(_ decay: Double) -> Graph.Value {
    if decay == 0 || !isDecayed { return weight }
    let factor = build.subtract(build.constant(1, like: rate), build.scale(rate, by: decay))
    return build.multiply(weight, factor)
  }

  /// The gradient of the loss with a penalty on the weight's square: `gradient + decay * weight`.
  func penalized(_ decay: Double) -> Graph.Value {
    if decay == 0 || !isDecayed { return gradient }
    return build.add(gradient, build.scale(weight, by: decay))
  }

  /// `a * share + b * (1 - share)`, written as the papers do.
  func blend(_ a: Graph.Value, _ b: Graph.Value, keeping share: Double) -> Graph.Value {
    build.add(build.scale(a, by: share), build.scale(b, by: 1 - share))
  }

  /// `weight - rate * direction`.
  func moved(_ weight: Graph.Value, against direction: Graph.Value) -> Graph.Value {
    build.subtract(weight, build.multiply(rate, direction))
  }

  /// `numerator / (sqrt(squares) + epsilon)`.
  func normalized(_ numerator: Graph.Value, by squares: Graph.Value, epsilon: Double) -> Graph.Value {
    let root = build.emit1(.squareRoot, squares)
    return build.divide(numerator, build.add(root, build.constant(epsilon, like: root)))
  }
}

extension GraphBuilder {
  /// A scalar repeated to the shape of another value.
  func spread(_ scalar: Graph.Value, like value: Graph.Value) -> Graph.Value {
    broadcast(scalar, to: type(of: value).shape, axes: [])
  }
}

/// A scalar state that only takes some numbers.
struct StateCounter: Sendable {
  var name: String
  var range: ClosedRange<Double>
  var isWhole: Bool

  /// What is wrong with a number from a file; nil where it is right.
  func problem(in tensor: HostTensor) -> String? {
    let value = tensor.doubles[0]
    if range.contains(value), !isWhole || value == value.rounded() { return nil }
    return
      "\(name) is \(value), needs a \(isWhole ? "whole " : "")number from \(range.lowerBound) to \(range.upperBound)"
  }
}

/// The states that an optimizer adds to a graph.
final class OptimizerStates {
  private let build: GraphBuilder
  private var shared: [String: Graph.Value] = [:]
  private(set) var initial: [(name: String, tensor: HostTensor)] = []
  var counters: [StateCounter] = []
  /// Whether the present step updates the weights, a scalar; nil where every step does.
  var isDue: Graph.Value?

  init(_ build: GraphBuilder) { self.build = build }

  /// Adds a state with its next value, and returns the next value.
  func keep(
    _ name: String, _ type: TensorType, initial number: Double, next: (Graph.Value) -> Graph.Value
  ) -> Graph.Value {
    let state = add(name, type, initial: number)
    let value = next(state)
    update(state, to: ifDue(value, else: state), name)
    return value
  }

  /// A state that all weights share.
  func keepShared(
    _ name: String, _ type: TensorType, initial number: Double, next: (Graph.Value) -> Graph.Value
  ) -> Graph.Value {
    if let value = shared[name] { return value }
    let value = keep(name, type, initial: number, next: next)
    shared[name] = value
    return value
  }

  func add(_ name: String, _ type: TensorType, initial number: Double) -> Graph.Value {
    initial.append((name, HostTensor(type, repeating: number)))
    return build.graph.addParameter(type, name: name, role: .state)
  }

  func update(_ state: Graph.Value, to value: Graph.Value, _ name: String) {
    build.graph.addResult(value, name: "next.\(name)", updating: state)
  }

  /// The value in steps that update the weights, the other one elsewhere.
  func ifDue(_ value: Graph.Value, else other: Graph.Value) -> Graph.Value {
    guard let isDue else { return value }
    return build.select(build.spread(isDue, like: value), value, other)
  }
}
