import GraphIR
import Operators
import TensorTypes
import Transforms

/// Makes a failing case smaller for as long as it goes on failing.
public struct Shrinker {
  /// Whether a case fails in the same way as the first one.
  let fails: (FuzzCase) -> Bool
  let end: ContinuousClock.Instant

  public init(seconds: Double, fails: @escaping (FuzzCase) -> Bool) {
    self.fails = fails
    end = .now + .seconds(seconds)
  }

  public func shrunk(_ tested: FuzzCase) -> FuzzCase {
    var smallest = tested
    let steps: [(Graph) -> [Graph]] = [
      { $0.earlierLosses() }, { $0.withFewerResults() }, { $0.withFewerOperations() }, { $0.withoutRegions() },
      { $0.withSimplerLoops() },
      { $0.withSmallerExtents() },
    ]
    var isSmaller = true
    while isSmaller {
      isSmaller = false
      for step in steps {
        while let next = firstFailing(step(smallest.graph), smallest) { (smallest, isSmaller) = (next, true) }
      }
    }
    return simpler(smallest)
  }

  private func firstFailing(_ graphs: [Graph], _ tested: FuzzCase) -> FuzzCase? {
    for graph in graphs where ContinuousClock.now < end && graph.size < tested.graph.size {
      guard graph.allViolations().isEmpty else { continue }
      var candidate = tested
      candidate.graph = graph
      if fails(candidate) { return candidate }
    }
    return nil
  }

  /// The plainest configuration and data under which the case still fails.
  private func simpler(_ tested: FuzzCase) -> FuzzCase {
    let changes: [(inout FuzzCase) -> Void] = [
      { $0.configuration.leftOutPass = nil }, { $0.configuration.isWatched = false },
      { $0.configuration.workerCount = 1 }, { $0.configuration.hasLowThresholds = false },
      { $0.configuration.streams = .never }, { $0.configuration.fuses = false }, { $0.data.hasSpecialValues = false },
    ]
    return changes.reduce(tested) { current, change in
      var candidate = current
      change(&candidate)
      return ContinuousClock.now < end && fails(candidate) ? candidate : current
    }
  }
}

extension Graph {
  /// What shrinking lowers: operations, then results, loops and elements.
  fileprivate var size: Int {
    var size = results.count * 10
    forEachOperation { identifier, _ in
      let operation = self[identifier]
      size += 1_000_000 + operation.results.reduce(0) { $0 + min(type(of: $1).elementCount, 900_000) / 100 }
      if case .loop = operation.used.semantics {
        size +=
          operation.attributes.integer("count") * 1000 + (operation.attributes.text("gradient") == "full" ? 0 : 500)
      }
    }
    return parameters.reduce(size) { $0 + 10_000 + min(type(of: $1).elementCount, 900_000) }
  }

  /// Every value of the body in turn as the loss, the first ones first.
  fileprivate func earlierLosses() -> [Graph] {
    self[Graph.body].operations.flatMap { self[$0].results }.map { value in
      var graph = self
      graph[Graph.body].results = []
      graph.resultRoles = []
      graph.addLoss(value)
      return graph.pruned()
    }
  }

  /// A scalar as it is; of other floating-point values the sum, of values of other types the values themselves.
  private mutating func addLoss(_ value: Graph.Value) {
    let build = GraphBuilder(self)
    let type = build.type(of: value)
    guard type.elementType.isFloatingPoint else {
      build.graph.addResult(value, name: "value")
      return self = build.graph
    }
    let loss = build.sum(value, Array(0..<type.shape.rank))
    build.graph.addResult(loss, name: "loss")
    self = build.graph
  }

  fileprivate func withFewerResults() -> [Graph] {
    results.indices.dropFirst().reversed().map { index in
      var graph = self
      graph[Graph.body].results.remove(at: index)
      graph.resultRoles.remove(at: index)
      return graph.pruned()
    }
  }

  /// Each operation in turn replaced by an operand of its type or by parameters, the last ones first.
  fileprivate func withFewerOperations() -> [Graph] {
    var candidates: [Graph] = []
    forEachOperation { identifier, _ in
      let operation = self[identifier]
      if operation.results.count == 1,
        let same = operation.operands.first(where: { type(of: $0) == type(of: operation.results[0]) })
      {
        candidates.append(replacing([operation.results[0]: same]))
      }
      var graph = self
      var substitutes: [Graph.Value: Graph.Value] = [:]
      for result in operation.results {
        let type = type(of: result)
        let name = "s\(result.index)"
        substitutes[result] = graph.addParameter(
          type, name: type.elementType == .int32 ? name + "_below_2" : name,
          role: type.elementType.isFloatingPoint ? .weight : .input)
      }
      candidates.append(graph.replacing(substitutes))
    }
    return candidates.reversed()
  }

  private func replacing(_ substitutes: [Graph.Value: Graph.Value]) -> Graph {
    var graph = self
    func replaced(_ values: [Graph.Value]) -> [Graph.Value] { values.map { substitutes[$0] ?? $0 } }
    for index in graph.operations.indices {
      graph.operations[index].operands = replaced(graph.operations[index].operands)
    }
    for index in graph.regions.indices { graph.regions[index].results = replaced(graph.regions[index].results) }
    return graph.pruned()
  }

  /// Loops with fewer iterations, or in full.
  fileprivate func withSimplerLoops() -> [Graph] {
    operations.indices.flatMap { index -> [Graph] in
      guard case .loop = operations[index].used.semantics else { return [] }
      var shorter = self
      shorter.operations[index].attributes["count"] = .integer(operations[index].attributes.integer("count") - 1)
      var full = self
      for (name, value) in GradientMode.full.attributes { full.operations[index].attributes[name] = value }
      return [shorter, full]
    }
  }

  /// Each region in turn in place of the operation that owns it, run once.
  fileprivate func withoutRegions() -> [Graph] {
    operations.indices.compactMap { index in
      guard !operations[index].regions.isEmpty else { return nil }
      let inlined = GraphRewriter.rewrite(self) { rewriter, identifier, region in
        guard identifier == Graph.OperationID(index) else { return nil }
        return rewriter.inlined(identifier, to: region)
      }
      return inlined.pruned()
    }
  }

  /// Every extent in turn as a smaller one, wherever it occurs.
  fileprivate func withSmallerExtents() -> [Graph] {
    let extents = Set(values.flatMap { $0.type.shape.extents }).filter { $0 > 1 }.sorted(by: >)
    return extents.flatMap { extent in
      [1, 2, extent / 2, extent - 1].filter { $0 < extent && $0 > 0 }.compactMap { substituting(extent, by: $0) }
    }
  }

  /// The graph with parameters and attributes of other extents, all types inferred again; nil where they do not fit.
  private func substituting(_ extent: Int, by smaller: Int) -> Graph? {
    var graph = self
    func changed(_ extents: [Int]) -> [Int] { extents.map { $0 == extent ? smaller : $0 } }
    for index in graph.values.indices {
      guard case .parameter = graph.values[index].definition else { continue }
      graph.values[index].type.shape = Shape(changed(graph.values[index].type.shape.extents))
    }
    for index in graph.operations.indices {
      for entry in graph.operations[index].attributes.entries {
        guard case .integers(let extents) = entry.value, entry.name == "shape" else { continue }
        graph.operations[index].attributes[entry.name] = .integers(changed(extents))
      }
    }
    return graph.inferTypes(of: Graph.body) ? graph : nil
  }

  private mutating func inferTypes(of region: Graph.RegionID) -> Bool {
    for identifier in self[region].operations {
      for inner in self[identifier].regions where !inferTypes(of: inner) { return false }
      var signature = signature(of: self[identifier])
      signature.results = []
      guard let types = try? self[identifier].used.type(signature), types.count == self[identifier].results.count
      else { return false }
      for (result, type) in zip(self[identifier].results, types) { self[result].type = type }
    }
    return true
  }

  /// Without operations and parameters that no result needs.
  func pruned() -> Graph {
    let live = Pass.deadCodeElimination.run(self)
    let counts = live.useCounts()
    let updated = Set(live.resultRoles.compactMap(\.updatedParameter))
    let kept = live.parameters.indices.filter { counts[Int(live.parameters[$0].index)] > 0 || updated.contains($0) }
    var rewriter = GraphRewriter(live)
    for index in kept {
      let value = live.parameters[index]
      rewriter[value] = rewriter.target.addParameter(
        live.type(of: value), name: live[value].name ?? "", role: live.parameterRoles[index])
    }
    rewriter.copyOperations(of: Graph.body, to: Graph.body) { _, _, _ in nil }
    for (value, role) in zip(live.results, live.resultRoles) {
      rewriter.target[Graph.body].results.append(rewriter[value])
      let updated = role.updatedParameter.flatMap { kept.firstIndex(of: $0) }
      rewriter.target.resultRoles.append(ResultRole(name: role.name, updatedParameter: updated))
    }
    return rewriter.target
  }
}

extension GraphRewriter {
  /// The first iteration of a loop without stacks, or a checkpoint's region, at the end of another region.
  fileprivate mutating func inlined(_ identifier: Graph.OperationID, to region: Graph.RegionID) -> [Graph.Value]? {
    let operation = source[identifier]
    if case .loop = operation.used.semantics {
      let loop = Repeat(operation, in: source)
      guard loop.stacks.isEmpty, loop.slices.isEmpty else { return nil }
      let build = GraphBuilder(target, region: region)
      self[loop.stepIndex] = build.constant(0, source.type(of: loop.stepIndex))
      target = build.graph
      for (carry, initial) in zip(loop.carries, loop.initialCarries) { self[carry] = self[initial] }
    }
    copyOperations(of: operation.regions[0], to: region) { _, _, _ in nil }
    return source[operation.regions[0]].results.map { self[$0] }
  }
}
