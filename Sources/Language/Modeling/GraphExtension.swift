import GraphIR
import Operators
import TensorTypes

/// The DSL at the end of a graph that is there already: what a trainer's rules compute of weights and gradients.
///
/// Problems are noted with the user's lines as in every trace, and thrown together.
package struct GraphExtension {
  private let trace: Trace
  private let build: GraphBuilder
  /// Operations of the graph before; the lines of those that follow are not kept.
  private let first: Int

  package init(_ build: GraphBuilder) {
    self.build = build
    first = build.graph.operations.count
    trace = Trace(extending: build)
  }

  /// A value of the graph as a tensor of the extension.
  package func tensor(_ value: Graph.Value) -> Tensor { Tensor(trace, value, build.type(of: value)) }

  /// A part of a state, whose next value can be set as if it were one.
  package func standIn(_ value: Graph.Value) -> Tensor {
    trace.standIns.insert(value)
    return tensor(value)
  }

  /// What stands for a tensor after a problem.
  package func placeholder(_ type: TensorType) -> Tensor { Tensor(trace, nil, type) }

  /// The next values of states that were set since the last call.
  package func takeNextValues() -> [Graph.Value: Tensor] {
    defer { trace.nextValues = [] }
    return Dictionary(trace.nextValues.map { ($0.state, $0.tensor) }) { first, _ in first }
  }

  /// Runs the body, in which tensors are operations of the graph.
  package func record<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Trace.$current.withValue(trace) { try body() }
  }

  /// The value that a tensor stands for; another one, of the needed type, where a problem was noted.
  ///
  /// - Parameter title: what the tensor is, for messages: `lion: the next value of weight 'w'`.
  package func value(_ tensor: Tensor, _ title: String, like needed: Graph.Value) -> Graph.Value {
    guard let value = trace.values(of: [tensor])?.first else { return needed }
    let (found, type) = (build.type(of: value), build.type(of: needed))
    if found == type { return value }
    note("\(title) is \(found), needs \(type)", at: tensor)
    return needed
  }

  /// Notes a problem at the line of a tensor; at the running line without one.
  package func note(_ problem: String, at tensor: Tensor? = nil) {
    let message = TraceMessage(text: problem)
    guard let location = tensor?.location else { return trace.note(message) }
    trace.note(message, at: location)
  }

  /// Ends the extension.
  ///
  /// - Throws: `TraceError` with all problems.
  package func finish() throws {
    if let own = trace.ownValues.first {
      note("numbers of a rule's own are made by 'Tensor.constant', got values \(own.tensor.type)")
    }
    try trace.throwProblems()
    // They are lines of another table than the model's.
    for index in build.graph.operations.indices.dropFirst(first) {
      build.graph.operations[index].annotation.location = nil
    }
  }
}
