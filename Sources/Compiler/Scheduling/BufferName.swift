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
    switch graph[value].definition {
    case .parameter(let region, let position):
      let owner = graph[region].owner.map { graph[$0] }
      let name = graph[value].name ?? (position == 0 ? "step" : "carry \(position - 1)")
      self.init(name, owner?.annotation, graph)
    case .result(let identifier, let position):
      let operation = graph[identifier]
      guard case .loop = operation.used.semantics else {
        if graph[value].name == nil, let source = Self.movedSource(operation, graph) {
          self.init(source, in: graph)
        } else {
          self.init(graph[value].name ?? operation.name, operation.annotation, graph)
        }
        return
      }
      let loop = Repeat(operation, in: graph)
      self.init(graph[loop.region].results[position], in: graph)
      if position >= loop.carryCount { counts.insert(loop.count, at: 0) }
    }
  }

  /// What an operation that moves all elements, and nothing else, moves.
  private static func movedSource(_ operation: Graph.Operation, _ graph: Graph) -> Graph.Value? {
    guard case .moved = operation.used.integers, operation.operands.count == 1,
      graph.type(of: operation.operands[0]).elementCount == graph.type(of: operation.results[0]).elementCount
    else { return nil }
    return operation.operands[0]
  }

  private init(_ name: String, _ annotation: Graph.Annotation?, _ graph: Graph) {
    let path = graph.scopePath(annotation?.scope ?? 0)
    self.init(path.isEmpty ? name : "\(name) of \(path)")
    location = annotation?.location
  }
}
