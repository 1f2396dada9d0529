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
  _ times: Int, carrying state: Tensor, gradient: GradientMode = .full, file: StaticString = #fileID,
  line: Int = #line, _ step: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try recur(times, carrying: [state], gradient: gradient, file: file, line: line) { try [step($0[0])] }[0]
}

/// Repeats a step over two states.
public func recur(
  _ times: Int, carrying state: (Tensor, Tensor), gradient: GradientMode = .full, file: StaticString = #fileID,
  line: Int = #line,
  _ step: (Tensor, Tensor) throws -> (Tensor, Tensor)
) rethrows -> (Tensor, Tensor) {
  let result = try recur(times, carrying: [state.0, state.1], gradient: gradient, file: file, line: line) { carried in
    let next = try step(carried[0], carried[1])
    return [next.0, next.1]
  }
  return (result[0], result[1])
}

/// Repeats a step over three states.
public func recur(
  _ times: Int, carrying state: (Tensor, Tensor, Tensor), gradient: GradientMode = .full, file: StaticString = #fileID,
  line: Int = #line,
  _ step: (Tensor, Tensor, Tensor) throws -> (Tensor, Tensor, Tensor)
) rethrows -> (Tensor, Tensor, Tensor) {
  let result = try recur(times, carrying: [state.0, state.1, state.2], gradient: gradient, file: file, line: line) {
    carried in
    let next = try step(carried[0], carried[1], carried[2])
    return [next.0, next.1, next.2]
  }
  return (result[0], result[1], result[2])
}

/// Repeats a step over any number of states.
public func recur(
  _ times: Int, carrying state: [Tensor], gradient: GradientMode = .full, file: StaticString = #fileID,
  line: Int = #line, _ step: ([Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
  try scan(times, [], carrying: state, gradient: gradient, file: file, line: line) { carried, _ in
    (try step(carried), [])
  }.state
}

/// Repeats a step as often as a number says that is known when the program runs: an answer with as many steps as asked, a
/// decoding loop inside one program.
///
/// No gradient flows through it: a trainer refuses a loss that depends on weights through what is returned; detach it.
/// - Parameters:
///   - times: `i32[]`; at least 0. A number that the host sets is checked, a computed one is clamped.
///   - bound: the largest number of iterations.
/// - Returns: the last state; the first one after no iteration.
public func recur(
  _ times: Tensor, atMost bound: Int, carrying state: Tensor, file: StaticString = #fileID, line: Int = #line,
  _ step: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try recur(times, atMost: bound, carrying: [state], file: file, line: line) { try [step($0[0])] }[0]
}

/// Repeats a step over any number of states as often as a number says that is known when the program runs.
public func recur(
  _ times: Tensor, atMost bound: Int, carrying state: [Tensor], file: StaticString = #fileID, line: Int = #line,
  _ step: ([Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
  try repeated(times, atMost: bound, carrying: state, file, line, step)
}
