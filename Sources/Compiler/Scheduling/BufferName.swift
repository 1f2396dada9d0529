import GraphIR
import Operators

/// What a buffer is called, as in `z of net/block0 (Net.swift:18) x 10 x 6`.
public struct BufferName: Sendable, CustomStringConvertible {
  /// The label that the user gave, or what computes the value, and where in the model.
  public var text: String
  /// Token of the user's line that made it; nil if the compiler did.
  public var location: Int?
  /// Iterations that are kept apart, those of the outermost loop first.
  public var counts: [Int] = []

  init(_ text: String) { self.text = text }

  /// - Parameter line: the line that a token stands for.
  public func text(_ line: (Int) -> String?) -> String {
    let place = location.flatMap(line).map { " (\($0))" } ?? ""
    return text + place + counts.map { " x \($0)" }.joined()
  }

  public var description: String { text { _ in nil } }
}

extension BufferName {
  /// A stack is called after what it holds, a moved value after what was moved.
  init(_ value: Graph.Value, in graph: Graph) {
    var (value, counts) = (value, [Int]())
    while let source = Self.source(value, graph) {
      value = source.value
      if let count = source.count { counts.append(count) }
    }
    switch graph[value].definition {
    case .parameter(let region, let position):
      let owner = graph[region].owner.map { graph[$0] }
      let name = graph[value].name ?? owner.map { Self.parameterName(position, Repeat($0, in: graph)) } ?? "parameter"
      self.init(name, owner?.annotation, graph)
    case .result(let identifier, _):
      self.init(graph[value].name ?? graph[identifier].name, graph[identifier].annotation, graph)
    }
    self.counts = counts
  }

  private static func parameterName(_ position: Int, _ loop: Repeat) -> String {
    if position == 0 { return "step" }
    return position <= loop.carryCount ? "carry \(position - 1)" : "slice \(position - 1 - loop.carryCount)"
  }

  /// The value that a result of a loop holds, with the iterations of a stack; or what an operation moves that moves all
  /// elements, and nothing else, where the user has not given the result a name.
  private static func source(_ value: Graph.Value, _ graph: Graph) -> (value: Graph.Value, count: Int?)? {
    guard case .result(let identifier, let position) = graph[value].definition else { return nil }
    let operation = graph[identifier]
    if case .loop = operation.used.semantics {
      let loop = Repeat(operation, in: graph)
      return (graph[loop.region].results[position], position < loop.carryCount ? nil : loop.count)
    }
    guard graph[value].name == nil, case .moved = operation.used.integers, operation.operands.count == 1,
      graph.type(of: operation.operands[0]).elementCount == graph.type(of: value).elementCount
    else { return nil }
    return (operation.operands[0], nil)
  }

  private init(_ name: String, _ annotation: Graph.Annotation?, _ graph: Graph) {
    let path = graph.scopePath(annotation?.scope ?? 0)
    self.init(path.isEmpty ? name : "\(name) of \(path)")
    location = annotation?.location
  }
}
