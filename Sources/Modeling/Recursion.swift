import GraphIR
import Operators
import TensorTypes

/// Repeats a step that turns a state into the next one. The graph holds it as a loop, whatever the count.
///
/// - Parameters:
///   - times: how often; at least 1.
///   - gradient: how far back-propagation reaches through the iterations.
/// - Returns: the last state.
public func recur(
  _ times: Int, carrying state: Tensor, gradient: GradientMode = .full, _ step: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try recur(times, carrying: [state], gradient: gradient) { try [step($0[0])] }[0]
}

/// Repeats a step over two states.
public func recur(
  _ times: Int, carrying state: (Tensor, Tensor), gradient: GradientMode = .full,
  _ step: (Tensor, Tensor) throws -> (Tensor, Tensor)
) rethrows -> (Tensor, Tensor) {
  let result = try recur(times, carrying: [state.0, state.1], gradient: gradient) { carried in
    let next = try step(carried[0], carried[1])
    return [next.0, next.1]
  }
  return (result[0], result[1])
}

/// Repeats a step over three states.
public func recur(
  _ times: Int, carrying state: (Tensor, Tensor, Tensor), gradient: GradientMode = .full,
  _ step: (Tensor, Tensor, Tensor) throws -> (Tensor, Tensor, Tensor)
) rethrows -> (Tensor, Tensor, Tensor) {
  let result = try recur(times, carrying: [state.0, state.1, state.2], gradient: gradient) { carried in
    let next = try step(carried[0], carried[1], carried[2])
    return [next.0, next.1, next.2]
  }
  return (result[0], result[1], result[2])
}

/// Repeats a step over any number of states.
public func recur(
  _ times: Int, carrying state: [Tensor], gradient: GradientMode = .full, _ step: ([Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
  guard let trace = state.first?.trace else { preconditionFailure("recur carries no tensor") }
  return try trace.recur(times, state, gradient, step)
}

/// The part of a model whose inner values are not kept for the gradient but computed again.
public func checkpoint(_ body: () throws -> Tensor) rethrows -> Tensor {
  guard let trace = Trace.current else { preconditionFailure("checkpoint outside a trace") }
  return try trace.checkpoint(body)
}

/// Runs a part of a model inside a named scope, which diagrams show as one box or cluster.
public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
  guard let trace = Trace.current else { return try body() }
  return try trace.scoped(name, body)
}

extension Trace {
  fileprivate func recur(
    _ times: Int, _ state: [Tensor], _ gradient: GradientMode, _ step: ([Tensor]) throws -> [Tensor]
  ) rethrows -> [Tensor] {
    builder.annotation.location = locations.capture()
    if let problem = Self.problem(times, gradient) {
      note(problem)
      return state.map { Tensor(self, nil, $0.type) }
    }
    let region = builder.graph.addRegion()
    _ = builder.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carried = state.map { Tensor(self, builder.graph.addParameter($0.type, name: name($0), to: region), $0.type) }
    let annotation = builder.annotation
    let next = try builder.inside(region) { try step(carried) }
    builder.annotation = annotation
    let (initial, yields) = (state.compactMap(\.value), next.compactMap(\.value))
    guard initial.count == state.count, yields.count == next.count else {
      return state.map { Tensor(self, nil, $0.type) }
    }
    builder.graph[region].results = yields
    var attributes: Attributes = ["count": .integer(times), "carries": .integer(state.count)]
    if gradient != .full { for (name, value) in gradient.attributes { attributes[name] = value } }
    do {
      let results = try builder.apply(.repeat, initial, attributes, regions: [region])
      return results.map { Tensor(self, $0, builder.type(of: $0)) }
    } catch {
      note(error)
      return state.map { Tensor(self, nil, $0.type) }
    }
  }

  private func name(_ tensor: Tensor) -> String? { tensor.value.flatMap { builder.graph[$0].name } }

  private static func problem(_ times: Int, _ gradient: GradientMode) -> TypeError? {
    if times < 1 { return TypeError("recur.1", "needs at least 1 iteration, got \(times)") }
    switch gradient {
    case .last(let count) where count < 1:
      return TypeError("recur.2", "last(k) needs k of at least 1, got \(count)")
    case .checkpointed(let every) where every < 1:
      return TypeError("recur.2", "checkpointed(every:) needs at least 1 iteration, got \(every)")
    case .revolve(let slots) where slots < 1:
      return TypeError("recur.2", "revolve(slots:) needs at least 1 slot, got \(slots)")
    default: return nil
    }
  }

  fileprivate func checkpoint(_ body: () throws -> Tensor) rethrows -> Tensor {
    let region = builder.graph.addRegion()
    let annotation = builder.annotation
    let result = try builder.inside(region, body)
    builder.annotation = annotation
    guard let value = result.value else { return result }
    builder.graph[region].results = [value]
    return Tensor(self, builder.emit(.checkpoint, [], regions: [region])[0], result.type)
  }
}
