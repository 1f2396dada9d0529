import GraphIR
import Operators
import TensorTypes

/// A rule that turns a gradient into the next value of a weight, as graph operations of the compiled step.
public struct Optimizer: Sendable {
  public let name: String
  /// Emits the update of one weight and returns its next value.
  let update: @Sendable (OptimizerContext) -> Graph.Value

  init(_ name: String, update: @escaping @Sendable (OptimizerContext) -> Graph.Value) {
    self.name = name
    self.update = update
  }
}

/// What an optimizer may use for one weight.
struct OptimizerContext {
  let build: GraphBuilder
  let states: OptimizerStates
  let weightName: String
  let weight: Graph.Value
  let gradient: Graph.Value
  /// The learning rate, repeated to the weight's shape.
  let rate: Graph.Value

  /// A tensor kept beside the weight, zero at first; the function gives its next value.
  func moment(_ name: String, next: (Graph.Value) -> Graph.Value) -> Graph.Value {
    states.keep("\(name).\(weightName)", build.type(of: weight), initial: 0, next: next)
  }

  /// `1 / (1 - factor^t)` in step t = 1, 2, ..., repeated to the weight's shape: one division for all elements. The power is
  /// kept in double precision.
  func biasCorrection(_ name: String, _ factor: Double) -> Graph.Value {
    let scalar = TensorType(.float64, .scalar)
    let power = states.keepShared(name, scalar, initial: 1) { build.scale($0, by: factor) }
    let one = build.constant(1, scalar)
    let correction = build.convert(build.divide(one, build.subtract(one, power)), to: .float32)
    return spread(correction)
  }

  /// The weight shrunk towards zero: `weight * (1 - rate * decay)` (Loshchilov and Hutter 2019).
  func decayed(_ decay: Double) -> Graph.Value {
    if decay == 0 { return weight }
    let factor = build.subtract(build.constant(1, like: rate), build.scale(rate, by: decay))
    return build.multiply(weight, factor)
  }

  /// `a * (1 - share) + b * share`, written as the papers do.
  func blend(_ a: Graph.Value, _ b: Graph.Value, keeping share: Double) -> Graph.Value {
    build.add(build.scale(a, by: share), build.scale(b, by: 1 - share))
  }

  private func spread(_ scalar: Graph.Value) -> Graph.Value {
    build.broadcast(scalar, to: build.type(of: weight).shape, axes: [])
  }
}

/// The states that an optimizer adds to a graph.
final class OptimizerStates {
  private let build: GraphBuilder
  private var shared: [String: Graph.Value] = [:]
  private(set) var initial: [(name: String, tensor: HostTensor)] = []

  init(_ build: GraphBuilder) { self.build = build }

  /// Adds a state with its next value, and returns the next value.
  func keep(
    _ name: String, _ type: TensorType, initial number: Double, next: (Graph.Value) -> Graph.Value
  ) -> Graph.Value {
    let state = build.graph.addParameter(type, name: name, role: .state)
    initial.append((name, HostTensor(type, repeating: number)))
    let value = next(state)
    build.graph.addResult(value, name: "next.\(name)", updating: state)
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
}
