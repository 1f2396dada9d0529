import GraphIR
import Operators
import TensorTypes

/// The values of a forward body that a backward body reads.
///
/// Values from around the loop are read in place, whatever the iteration; so is the step index. What is cheap to
/// compute again from other residuals (movement, constants, element-wise work) is computed again instead of kept.
struct Residuals {
  private let build: GraphBuilder
  private let forward: Graph.RegionID
  private let backward: Graph.RegionID
  private let step: Graph.Value

  init(_ build: GraphBuilder, forward: Graph.RegionID, backward: Graph.RegionID, step: Graph.Value) {
    self.build = build
    self.forward = forward
    self.backward = backward
    self.step = step
  }

  /// Turns the backward body's reads of the forward body into slices of stacks.
  ///
  /// - Returns: The forward values to stack, in the order of the new slice parameters.
  func moved() -> [Graph.Value] {
    build.graph.removeDeadOperations(in: backward)
    var recomputation = CheapRecomputation(build, forward: forward, backward: backward, needed: needed())
    recomputation.run()
    let backwardStep = build.graph[backward].parameters[0]
    var replacements: [Graph.Value: Graph.Value] = [:]
    var kept: [Graph.Value] = []
    for value in needed() {
      if value == step {
        replacements[value] = backwardStep
      } else {
        let record = build.graph[value]
        replacements[value] = build.graph.addParameter(record.type, name: record.name, to: backward)
        kept.append(value)
      }
    }
    build.graph.replaceUses(in: backward, replacements)
    return kept
  }

  /// Forward values that the backward body reads at the moment.
  private func needed() -> [Graph.Value] {
    build.graph.capturedValues(of: backward).filter { build.graph[$0].region == forward }
  }
}
