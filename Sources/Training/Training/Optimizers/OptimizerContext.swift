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
    states.keep(OptimizerSlot(name, of: weightName), build.type(of: weight), initial: initial, next: next)
  }

  /// `1 / (1 - factor^t)` in step t = 1, 2, ..., repeated to the weight's shape: one division for all elements. The power is
  /// kept in double precision.
  func biasCorrection(_ name: String, _ factor: Double) -> Graph.Value {
    let scalar = TensorType(.float64, .scalar)
    let power = states.keepShared(OptimizerSlot(name), scalar, initial: 1) { build.scale($0, by: factor) }
    if !states.counters.contains(where: { $0.slot.slot == name }) {
      states.counters.append(StateCounter(slot: OptimizerSlot(name), range: 0...1, isWhole: false))
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
  var slot: OptimizerSlot
  var range: ClosedRange<Double>
  var isWhole: Bool

  /// What is wrong with a number from a file, where the state has a key; nil where it is right.
  func problem(in tensor: HostTensor, key: String) -> String? {
    let value = tensor.doubles[0]
    if range.contains(value), !isWhole || value == value.rounded() { return nil }
    return
      "\(key) is \(value), needs a \(isWhole ? "whole " : "")number from \(range.lowerBound) to \(range.upperBound)"
  }
}

/// What a state of an optimizer is for: a slot of one weight, or of all.
struct OptimizerSlot: Hashable, Sendable {
  var slot: String
  var weight: String?

  init(_ slot: String, of weight: String? = nil) { (self.slot, self.weight) = (slot, weight) }

  /// In the graph of the step.
  var name: String { ([slot] + [weight].compactMap { $0 }).joined(separator: ".") }

  /// In a store and its files.
  func key(of trainer: String) -> String { ([trainer, slot] + [weight].compactMap { $0 }).joined(separator: "/") }
}

/// The states that an optimizer adds to a graph.
final class OptimizerStates {
  private let build: GraphBuilder
  private var shared: [OptimizerSlot: Graph.Value] = [:]
  private(set) var initial: [(slot: OptimizerSlot, tensor: HostTensor)] = []
  var counters: [StateCounter] = []
  /// Whether the present step updates the weights, a scalar; nil where every step does.
  var isDue: Graph.Value?

  init(_ build: GraphBuilder) { self.build = build }

  /// Adds a state with its next value, and returns the next value.
  func keep(
    _ slot: OptimizerSlot, _ type: TensorType, initial number: Double, next: (Graph.Value) -> Graph.Value
  ) -> Graph.Value {
    let state = add(slot, type, initial: number)
    let value = next(state)
    update(state, to: ifDue(value, else: state))
    return value
  }

  /// A state that all weights share.
  func keepShared(
    _ slot: OptimizerSlot, _ type: TensorType, initial number: Double, next: (Graph.Value) -> Graph.Value
  ) -> Graph.Value {
    if let value = shared[slot] { return value }
    let value = keep(slot, type, initial: number, next: next)
    shared[slot] = value
    return value
  }

  func add(_ slot: OptimizerSlot, _ type: TensorType, initial number: Double) -> Graph.Value {
    initial.append((slot, HostTensor(type, repeating: number)))
    return build.graph.addParameter(type, name: slot.name, role: .state)
  }

  func update(_ state: Graph.Value, to value: Graph.Value) {
    build.graph.addResult(value, name: "next.\(build.graph[state].name ?? "")", updating: state)
  }

  /// The value in steps that update the weights, the other one elsewhere.
  func ifDue(_ value: Graph.Value, else other: Graph.Value) -> Graph.Value {
    guard let isDue else { return value }
    return build.select(build.spread(isDue, like: value), value, other)
  }
}
