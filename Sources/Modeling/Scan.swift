import GraphIR
import Operators
import TensorTypes

/// Repeats a step over the parts of a sequence along its first axis: a recurrent network.
///
/// - Parameters:
///   - sequence: `[T, rest]`; iteration `i` reads part `i`, `[rest]`.
///   - gradient: how far back-propagation reaches through the iterations.
/// - Returns: the last state.
public func scan(
  _ sequence: Tensor, carrying state: Tensor, gradient: GradientMode = .full,
  _ step: (_ state: Tensor, _ part: Tensor) throws -> Tensor
) rethrows -> Tensor {
  try scan(sequence.extent(0), [sequence], carrying: [state], gradient: gradient) { carried, parts in
    ([try step(carried[0], parts[0])], [])
  }.state[0]
}

/// Repeats a step over the parts of a sequence and keeps what each iteration puts out.
///
/// - Returns: the last state, and the outputs `[T, ...]`.
public func scan(
  _ sequence: Tensor, carrying state: Tensor, gradient: GradientMode = .full,
  _ step: (_ state: Tensor, _ part: Tensor) throws -> (state: Tensor, output: Tensor)
) rethrows -> (state: Tensor, outputs: Tensor) {
  let result = try scan(sequence.extent(0), [sequence], carrying: [state], gradient: gradient) { carried, parts in
    let next = try step(carried[0], parts[0])
    return ([next.state], [next.output])
  }
  return (result.state[0], result.outputs[0])
}

/// Repeats a step and keeps what each iteration puts out.
///
/// - Returns: the last state, and the outputs `[times, ...]`.
public func scan(
  _ times: Int, carrying state: Tensor, gradient: GradientMode = .full,
  _ step: (Tensor) throws -> (state: Tensor, output: Tensor)
) rethrows -> (state: Tensor, outputs: Tensor) {
  let result = try scan(times, [], carrying: [state], gradient: gradient) { carried, _ in
    let next = try step(carried[0])
    return ([next.state], [next.output])
  }
  return (result.state[0], result.outputs[0])
}

/// Repeats a step over two states and keeps what each iteration puts out.
///
/// - Returns: the last states, and the outputs `[times, ...]`.
public func scan(
  _ times: Int, carrying state: (Tensor, Tensor), gradient: GradientMode = .full,
  _ step: (Tensor, Tensor) throws -> (state: (Tensor, Tensor), output: Tensor)
) rethrows -> (state: (Tensor, Tensor), outputs: Tensor) {
  let result = try scan(times, [], carrying: [state.0, state.1], gradient: gradient) { carried, _ in
    let next = try step(carried[0], carried[1])
    return ([next.state.0, next.state.1], [next.output])
  }
  return ((result.state[0], result.state[1]), result.outputs[0])
}

/// Repeats a step over any number of states and sequences; the graph holds it as a loop, whatever the count.
///
/// - Parameters:
///   - times: how often; at least 1, and the extent of every sequence's first axis.
///   - sequences: `[times, rest]` each.
///   - gradient: how far back-propagation reaches through the iterations.
///   - step: the next states, and outputs, from the states and the iteration's parts `[rest]`.
/// - Returns: the last states, and each output of all iterations, `[times, ...]`.
public func scan(
  _ times: Int, _ sequences: [Tensor], carrying state: [Tensor], gradient: GradientMode = .full,
  _ step: (_ state: [Tensor], _ parts: [Tensor]) throws -> (state: [Tensor], outputs: [Tensor])
) rethrows -> (state: [Tensor], outputs: [Tensor]) {
  guard let trace = (state + sequences).first?.trace else { preconditionFailure("a recursion carries no tensor") }
  return try trace.scan(times, sequences, state, gradient, step)
}

extension Trace {
  fileprivate func scan(
    _ times: Int, _ sequences: [Tensor], _ state: [Tensor], _ gradient: GradientMode,
    _ step: ([Tensor], [Tensor]) throws -> (state: [Tensor], outputs: [Tensor])
  ) rethrows -> (state: [Tensor], outputs: [Tensor]) {
    builder.annotation.location = locations.capture()
    let found = Self.problem(times, sequences, gradient)
    if let found { note(found) }
    let region = builder.graph.addRegion()
    _ = builder.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carried = state.map { parameter($0.type, like: $0, of: region) }
    let parts = sequences.map { parameter(Self.part($0.type), like: $0, of: region) }
    let annotation = builder.annotation
    let next = try builder.inside(region) { try step(carried, parts) }
    builder.annotation = annotation
    let (operands, yields) = (state + sequences, next.state + next.outputs)
    let (inputs, results) = (operands.compactMap(\.value), yields.compactMap(\.value))
    // After an error the types go on, so that every problem of the model is told at once.
    let guess = next.outputs.map { Tensor(self, nil, Self.stacked($0.type, max(times, 1))) }
    guard found == nil, inputs.count == operands.count, results.count == yields.count else {
      return (state.map { Tensor(self, nil, $0.type) }, guess)
    }
    builder.graph[region].results = results
    var attributes: Attributes = ["count": .integer(times), "carries": .integer(state.count)]
    if gradient != .full { for (name, value) in gradient.attributes { attributes[name] = value } }
    do {
      let values = try builder.apply(.repeat, inputs, attributes, regions: [region])
      let tensors = values.map { Tensor(self, $0, builder.type(of: $0)) }
      return (Array(tensors.prefix(state.count)), Array(tensors.dropFirst(state.count)))
    } catch {
      note(error)
      return (state.map { Tensor(self, nil, $0.type) }, guess)
    }
  }

  private func parameter(_ type: TensorType, like tensor: Tensor, of region: Graph.RegionID) -> Tensor {
    let name = tensor.value.flatMap { builder.graph[$0].name }
    return Tensor(self, builder.graph.addParameter(type, name: name, to: region), type)
  }

  /// One iteration's part of a sequence.
  private static func part(_ type: TensorType) -> TensorType {
    type.shape.rank == 0 ? type : type.with(type.shape.removing([0]))
  }

  private static func stacked(_ type: TensorType, _ times: Int) -> TensorType {
    type.with(Shape([times] + type.shape.extents, names: [nil] + type.shape.names))
  }

  private static func problem(_ times: Int, _ sequences: [Tensor], _ gradient: GradientMode) -> TypeError? {
    if times < 1 { return TypeError("recur.1", "needs at least 1 iteration, got \(times)") }
    for sequence in sequences where sequence.rank == 0 || sequence.extent(0) != times {
      return TypeError(
        "recur.3", "a sequence needs \(times) parts along its first axis, its shape is [\(sequence.shape)]")
    }
    if gradient.isSound { return nil }
    switch gradient {
    case .full, .none: return nil
    case .last(let count): return TypeError("recur.2", "last(k) needs k of at least 1, got \(count)")
    case .checkpointed(let every):
      return TypeError("recur.2", "checkpointed(every:) needs at least 1 iteration, got \(every)")
    case .revolve(let slots): return TypeError("recur.2", "revolve(slots:) needs at least 1 slot, got \(slots)")
    }
  }
}
