import GraphIR
import Operators
import TensorTypes

/// Repeats a step over the parts of a sequence along an axis: a recurrent network.
///
/// - Parameters:
///   - sequence: `[T, rest]`, or with T along another axis; iteration `i` reads part `i`, `[rest]`.
///   - reversed: from the last part to the first.
///   - gradient: how far back-propagation reaches through the iterations.
/// - Returns: the last state.
public func scan(
  _ sequence: Tensor, axis: Int = 0, reversed: Bool = false, carrying state: Tensor, gradient: GradientMode = .full,
  file: StaticString = #fileID,
  line: Int = #line, _ step: (_ state: Tensor, _ part: Tensor) throws -> Tensor
) rethrows -> Tensor {
  try scan(
    sequence.extent(axis), [sequence], axis: axis, reversed: reversed, carrying: [state], gradient: gradient,
    file: file, line: line
  ) { carried, parts in
    ([try step(carried[0], parts[0])], [])
  }.state[0]
}

/// Repeats a step over the parts of a sequence and keeps what each iteration puts out.
///
/// - Returns: the last state, and the outputs `[T, ...]`.
public func scan(
  _ sequence: Tensor, axis: Int = 0, reversed: Bool = false, carrying state: Tensor, gradient: GradientMode = .full,
  file: StaticString = #fileID,
  line: Int = #line, _ step: (_ state: Tensor, _ part: Tensor) throws -> (state: Tensor, output: Tensor)
) rethrows -> (state: Tensor, outputs: Tensor) {
  let result = try scan(
    sequence.extent(axis), [sequence], axis: axis, reversed: reversed, carrying: [state], gradient: gradient,
    file: file, line: line
  ) { carried, parts in
    let next = try step(carried[0], parts[0])
    return ([next.state], [next.output])
  }
  return (result.state[0], result.outputs[0])
}

/// Repeats a step and keeps what each iteration puts out.
///
/// - Returns: the last state, and the outputs `[times, ...]`.
public func scan(
  _ times: Int, carrying state: Tensor, gradient: GradientMode = .full, file: StaticString = #fileID,
  line: Int = #line, _ step: (Tensor) throws -> (state: Tensor, output: Tensor)
) rethrows -> (state: Tensor, outputs: Tensor) {
  let result = try scan(times, [], carrying: [state], gradient: gradient, file: file, line: line) { carried, _ in
    let next = try step(carried[0])
    return ([next.state], [next.output])
  }
  return (result.state[0], result.outputs[0])
}

/// Repeats a step over two states and keeps what each iteration puts out.
///
/// - Returns: the last states, and the outputs `[times, ...]`.
public func scan(
  _ times: Int, carrying state: (Tensor, Tensor), gradient: GradientMode = .full, file: StaticString = #fileID,
  line: Int = #line, _ step: (Tensor, Tensor) throws -> (state: (Tensor, Tensor), output: Tensor)
) rethrows -> (state: (Tensor, Tensor), outputs: Tensor) {
  let result = try scan(times, [], carrying: [state.0, state.1], gradient: gradient, file: file, line: line) {
    carried, _ in
    let next = try step(carried[0], carried[1])
    return ([next.state.0, next.state.1], [next.output])
  }
  return ((result.state[0], result.state[1]), result.outputs[0])
}

/// Repeats a step over any number of states and sequences; the graph holds it as a loop, whatever the count.
///
/// - Parameters:
///   - times: how often; at least 1, and the extent of the axis of every sequence.
///   - sequences: `[times, rest]` each, or with the parts along another axis.
///   - axis: along which parts follow each other, in sequences and outputs.
///   - reversed: from the last part to the first; outputs lie where their parts do.
///   - gradient: how far back-propagation reaches through the iterations.
///   - step: the next states, and outputs, from the states and the iteration's parts `[rest]`.
/// - Returns: the last states, and each output of all iterations, `[times, ...]`.
public func scan(
  _ times: Int, _ sequences: [Tensor], axis: Int = 0, reversed: Bool = false, carrying state: [Tensor],
  gradient: GradientMode = .full, file: StaticString = #fileID, line: Int = #line,
  _ step: (_ state: [Tensor], _ parts: [Tensor]) throws -> (state: [Tensor], outputs: [Tensor])
) rethrows -> (state: [Tensor], outputs: [Tensor]) {
  let ordered = located(file, line) { sequences.map { $0.movingAxis(axis, to: 0, of: "scan") } }
  let loop = Recursion(times: times, sequences: ordered, state: state, gradient: gradient, isReversed: reversed)
  guard let trace = Trace.current else {
    let next = try step(state, ordered.map { Tensor(strayOf: Recursion.part($0.type)) })
    return (state, next.outputs.map { Tensor(strayOf: loop.stacked($0.type)) })
  }
  let results = try trace.scan(loop, trace.locations.add(CallSite(file, line)), step)
  return located(file, line) { (results.state, results.outputs.map { $0.movingAxis(0, to: axis, of: "scan") }) }
}

/// Repeats a step over states, as often as a number says.
func repeated(
  _ times: Tensor, atMost bound: Int, carrying state: [Tensor], _ file: StaticString, _ line: Int,
  _ step: ([Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
  guard let trace = Trace.current else {
    _ = try step(state)
    return state
  }
  let loop = Recursion(
    times: bound, sequences: [], state: state, gradient: .full, isReversed: false, runTimeCount: times)
  return try trace.scan(loop, trace.locations.add(CallSite(file, line))) { carried, _ in (try step(carried), []) }.state
}

/// A repetition to be traced.
private struct Recursion {
  let times: Int
  let sequences: [Tensor]
  let state: [Tensor]
  let gradient: GradientMode
  let isReversed: Bool
  /// `i32[]`; the number is the largest one then.
  var runTimeCount: Tensor?

  /// One iteration's part of a sequence.
  static func part(_ type: TensorType) -> TensorType {
    type.shape.rank == 0 ? type : type.with(type.shape.removing([0]))
  }

  func stacked(_ type: TensorType) -> TensorType {
    type.with(Shape([max(times, 1)] + type.shape.extents, names: [nil] + type.shape.names))
  }

  var attributes: Attributes {
    var attributes: Attributes = ["count": .integer(times), "carries": .integer(state.count)]
    if runTimeCount != nil { attributes["bounded"] = .flag(true) }
    if isReversed { attributes["reversed"] = .flag(true) }
    if gradient != .full { for (name, value) in gradient.attributes { attributes[name] = value } }
    return attributes
  }

  func check() throws(TypeError) {
    if times < 1 { throw TypeError("recur.1", "needs at least 1 iteration, got \(times)") }
    if state.isEmpty && sequences.isEmpty { throw TypeError("recur.4", "needs a state or a sequence, got neither") }
    for sequence in sequences where sequence.rank == 0 || sequence.extent(0) != times {
      throw TypeError(
        "recur.3", "a sequence needs \(times) parts along its first axis, its shape is [\(sequence.shape)]")
    }
    if let problem = gradient.problem(iterations: times) { throw TypeError("recur.2", problem) }
  }

  func check(next: [Tensor]) throws(TypeError) {
    if next.count == state.count { return }
    throw TypeError("recur.4", "the step needs to return \(state.count) states, it returns \(next.count)")
  }
}

extension Trace {
  fileprivate func scan(
    _ loop: Recursion, _ token: Int, _ step: ([Tensor], [Tensor]) throws -> (state: [Tensor], outputs: [Tensor])
  ) rethrows -> (state: [Tensor], outputs: [Tensor]) {
    var isSound = noted(token) { try loop.check() }
    let operands = located(token) { values(of: loop.state + loop.sequences + [loop.runTimeCount].compactMap { $0 }) }
    let region = builder.graph.addRegion()
    let index = builder.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carried = loop.state.map { parameter($0.type, like: $0, of: region, token) }
    let parts = loop.sequences.map { parameter(Recursion.part($0.type), like: $0, of: region, token) }
    parameterSites[index] = token
    openLoops.append((index, loop.times))
    defer { openLoops.removeLast() }
    let (next, yields) = try inside(region) { () -> ((state: [Tensor], outputs: [Tensor]), [Graph.Value]?) in
      let next = try step(carried, parts)
      isSound = noted(token) { try loop.check(next: next.state) } && isSound
      return (next, located(token) { values(of: next.state + next.outputs) })
    }
    // After an error the types go on, so that every problem of the model is told at once.
    let guess = (
      state: loop.state.map { Tensor(self, nil, $0.type) },
      outputs: next.outputs.map { Tensor(self, nil, loop.stacked($0.type)) }
    )
    guard isSound, let operands, let yields else { return guess }
    builder.graph[region].results = yields
    builder.annotation.location = token
    var results: [Tensor] = []
    let isTyped = noted(token) {
      results = try builder.apply(.repeat, operands, loop.attributes, regions: [region])
        .map { Tensor(self, $0, builder.type(of: $0)) }
    }
    guard isTyped else { return guess }
    return (Array(results.prefix(loop.state.count)), Array(results.dropFirst(loop.state.count)))
  }

  /// Whether the body throws nothing; what it throws is noted.
  private func noted(_ token: Int, _ body: () throws -> Void) -> Bool {
    do { try body() } catch {
      note(error, at: token)
      return false
    }
    return true
  }

  private func parameter(
    _ type: TensorType, like tensor: Tensor, of region: Graph.RegionID, _ token: Int
  ) -> Tensor {
    let name = tensor.trace === self ? tensor.value.flatMap { builder.graph[$0].name } : nil
    let value = builder.graph.addParameter(type, name: name, to: region)
    parameterSites[value] = token
    return Tensor(self, value, type)
  }
}

extension Tensor {
  /// Which iteration of the innermost loop around this is, `i32[]`: of `recur`, or the part's position in a `scan`.
  public static var iteration: Tensor {
    let type = TensorType(.int32, .scalar)
    guard let trace = Trace.current else { return Tensor(strayOf: type) }
    if let loop = trace.openLoops.last { return Tensor(trace, loop.index, type) }
    return Modeling.refused([], TypeError("iteration.1", "is asked for outside of any loop"), type)
  }
}
