import GraphIR
import Operators
import TensorTypes

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

/// What a state of an optimizer is for: a slot of one weight, of the weights of a group by its pattern, or of all.
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

  /// Adds a state that all weights share, unless it is there; returns its next value.
  func keepShared(
    _ slot: OptimizerSlot, _ type: TensorType, initial number: Double, next: (Graph.Value) -> Graph.Value
  ) -> Graph.Value {
    if let value = shared[slot] { return value }
    let state = add(slot, type, initial: number)
    let value = next(state)
    update(state, to: ifDue(value, else: state))
    shared[slot] = value
    return value
  }

  /// Why a rule cannot keep a state of that slot; nil where it can.
  func problem(of slot: OptimizerSlot) -> String? {
    if slot.slot.isEmpty || slot.slot.contains("/") { return "needs a name of at least one letter and no '/'" }
    if slot == .average(of: slot.weight ?? "") { return "has the name of running averages" }
    return initial.contains { $0.slot == slot } ? "is kept already" : nil
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
