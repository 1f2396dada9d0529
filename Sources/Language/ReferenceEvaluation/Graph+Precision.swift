import GraphIR
import TensorTypes

extension Graph {
  /// The same graph with every single-precision number in double precision, for gradient checks.
  public func inDoublePrecision() -> Graph {
    var graph = self
    for index in graph.values.indices where graph.values[index].type.elementType == .float32 {
      graph.values[index].type.elementType = .float64
    }
    for index in graph.operations.indices {
      for entry in graph.operations[index].attributes.entries where entry.value == .elementType(.float32) {
        graph.operations[index].attributes[entry.name] = .elementType(.float64)
      }
    }
    return graph
  }
}
