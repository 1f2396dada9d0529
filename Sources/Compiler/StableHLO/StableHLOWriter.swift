import GraphIR
import Operators
import TensorTypes

/// Writes the regions of a graph, each operation by its operator's rule.
final class StableHLOWriter {
  private let graph: Graph
  private let build = StableHLOBuilder()
  private var values: [Graph.Value: StableHLOValue] = [:]

  init(_ graph: Graph) { self.graph = graph }

  /// The module with its one function.
  ///
  /// - Parameter aliases: by the position of a parameter, that of the result that replaces it.
  func module(aliases: [Int: Int]) -> String {
    let parameters = graph.parameters.enumerated().map { position, value in
      let type = graph.type(of: value)
      values[value] = StableHLOValue("%arg\(position)", type)
      let alias = aliases[position].map { " {tf.aliasing_output = \($0) : i32}" } ?? ""
      return "%arg\(position): \(StableHLOBuilder.text(type))\(alias)"
    }
    write(Graph.body)
    build.addReturn(graph.results.map { self[$0] }, "func.return")
    let results = graph.results.map { StableHLOBuilder.text(graph.type(of: $0)) }.joined(separator: ", ")
    return """
      module @step {
      func.func public @main(\(parameters.joined(separator: ", "))) -> (\(results)) {
      \(build.lines.joined(separator: "\n"))
      }
      }

      """
  }

  private subscript(value: Graph.Value) -> StableHLOValue {
    guard let found = values[value] else { preconditionFailure("value \(value.index) is read before it is written") }
    return found
  }

  private func write(_ region: Graph.RegionID) {
    for identifier in graph[region].operations {
      let operation = graph[identifier]
      for (result, value) in zip(operation.results, written(operation)) { values[result] = value }
    }
  }

  private func written(_ operation: Graph.Operation) -> [StableHLOValue] {
    switch operation.used.semantics {
    case .primitive(_, _, let export):
      return export(
        ExportContext(
          operands: operation.operands.map { self[$0] }, attributes: operation.attributes,
          results: operation.results.map { graph.type(of: $0) }, build: build))
    case .loop: return loop(Repeat(operation, in: graph))
    case .checkpoint:
      write(operation.regions[0])
      return graph[operation.regions[0]].results.map { self[$0] }
    case .composite: preconditionFailure("composite \(operation.name) was not decomposed")
    }
  }

  /// A loop with the stacks among what it carries.
  private func loop(_ loop: Repeat) -> [StableHLOValue] {
    let sequences = loop.stackedInputs.map { self[$0] }
    let initial = loop.initialCarries.map { self[$0] }
    let last = initial.last { $0.type.elementType.isFloatingPoint }
    let stacks = loop.stacks.map { build.zeros(graph.type(of: $0), after: last) }
    return build.loop(count: count(of: loop), initial + stacks) { number, carried in
      let step = step(of: loop, number)
      values[loop.stepIndex] = step
      for (carry, value) in zip(loop.carries, carried) { values[carry] = value }
      for (slice, sequence) in zip(loop.slices, sequences) {
        values[slice] = build.reshape(
          build.dynamicSlice(sequence, axis: 0, at: step, length: 1), to: graph.type(of: slice).shape)
      }
      write(loop.region)
      let frames = zip(carried.dropFirst(loop.carryCount), loop.stackedOutputs).map { stack, output in
        let frame = build.reshape(self[output], to: Shape([1] + graph.type(of: output).shape.extents))
        return build.dynamicUpdateSlice(stack, frame, axis: 0, at: step)
      }
      return loop.nextCarries.map { self[$0] } + frames
    }
  }

  private func count(of loop: Repeat) -> StableHLOValue {
    let bound = build.constant(Double(loop.count), TensorType(.int32, .scalar))
    guard let count = loop.runTimeCount.map({ self[$0] }) else { return bound }
    return build.emit("minimum", count, bound, to: bound.type)
  }

  private func step(of loop: Repeat, _ number: StableHLOValue) -> StableHLOValue {
    guard loop.isReversed else { return number }
    return build.emit("subtract", build.constant(Double(loop.count - 1), number.type), number, to: number.type)
  }
}
