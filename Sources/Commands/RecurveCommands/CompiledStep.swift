import Comparison
import Compilation
import Diagrams
import Differentiation
import Foundation
import GraphIR
import Modeling
import Operators
import Scheduling
import TensorTypes
import Training

/// A model's step through every stage, for commands that look at it.
struct CompiledStep {
  let name: String
  private let task: any TrainingTask
  private let seed: UInt64
  let traced: TracedModel
  /// With the gradients as results.
  let differentiated: Graph
  let disconnectedWeights: [String]
  /// How training would update tables of which rows are looked up.
  let tableUpdates: [TableUpdate]
  let plan: CompilationPlan

  /// - Parameter files: what the command writes, each with its option.
  init(
    _ arguments: ModelArguments, _ step: StepArguments, _ program: ProgramArguments,
    writing files: [(option: String, path: String?)]
  ) throws {
    try self.init(try arguments.choice(step, writing: files), arguments.compilerOptions, program.program)
  }

  /// - Parameter program: of the model's programs; nil for its training step.
  /// - Throws: `CommandError.unknownProgram`.
  init(_ choice: ModelChoice, _ compilerOptions: CompilerOptions, _ program: String? = nil) throws {
    seed = choice.options.seed
    if let program {
      (task, traced) = try choice.program(program)
      (name, differentiated, disconnectedWeights) = (traced.graph.name, traced.graph, [])
      tableUpdates = []
    } else {
      (task, traced) = try choice.task()
      let (graph, _, disconnected) = try Comparison.withGradients(traced.graph)
      (name, differentiated, disconnectedWeights) = (task.graphName, graph, disconnected)
      tableUpdates = try TrainingStep(traced.graph, task.optimizer(choice.recipe.optimizer)).tableUpdates
    }
    plan = try Compiler.plan(differentiated, compilerOptions.naming(traced))
  }

  /// The step or program with its initial weights, and the first inputs of the step that fit; the others are zeros.
  func program(_ options: CompilerOptions) throws -> CompiledProgram {
    let program = try Compiler.program(plan, options)
    for (name, tensor) in traced.initialWeights(seed: seed) { try program.set(name, tensor) }
    for (name, tensor) in traced.values { try program.set(name, tensor) }
    let first = try task.freshInputs(0).filter { traced.takes($0.name, $0.tensor) }
    for (name, tensor) in first { try program.set(name, tensor) }
    let given = Set(first.map(\.name) + traced.values.map(\.key))
    for input in program.parameters where input.role == .input && !given.contains(input.name) {
      try program.set(input.name, HostTensor(input.type, repeating: 0))
    }
    return program
  }

  func memoryMap(title: String) -> MemoryMap {
    let blocks = zip(plan.schedule.problem.buffers, plan.schedule.buffers).enumerated().map { index, buffer in
      MemoryMap.Block(
        name: buffer.1.name.description, byteOffset: plan.memory.offsets[index], byteCount: buffer.0.byteCount,
        intervals: buffer.0.intervals, category: buffer.1.category,
        detail: buffer.1.name.location.flatMap(plan.line) ?? "")
    }
    let phases = plan.schedule.phases.map {
      MemoryMap.Phase(name: $0.name, positions: $0.positions, tripCount: $0.tripCount)
    }
    return MemoryMap(
      blocks: blocks, phases: phases, arenaByteCount: plan.memory.arenaByteCount,
      lowerBoundByteCount: plan.memory.lowerBoundByteCount, title: title)
  }

  func writeDiagram(to path: String, options: GraphDiagram.Options = GraphDiagram.Options()) throws {
    try Self.write(diagram(traced.graph.resolvingGradientModes(), options), to: path)
  }

  func diagram(_ graph: Graph, _ options: GraphDiagram.Options) -> GraphDiagram {
    GraphDiagram(
      graph, options: options, kind: Self.kind, liveness: options.coloring == .liveness ? liveness(of: graph) : nil)
  }

  /// Writes DOT text as it is and everything else through Graphviz.
  static func write(_ diagram: GraphDiagram, to path: String) throws {
    if URL(fileURLWithPath: path).pathExtension.lowercased() == "dot" {
      try Output.write(diagram.dot, to: path)
    } else {
      try GraphvizRenderer.render(dot: diagram.dot, to: path)
    }
    if let note = diagram.note { Output.progress(note) }
  }

  @Sendable private static func kind(_ name: String) -> OperationKind {
    guard let used = OperatorTable.find(name) else { return .elementwise }
    return OperationKind(rawValue: used.kind.rawValue) ?? .elementwise
  }

  /// How much of the graph lies between a value's definition and its last use, counting operations.
  private func liveness(of graph: Graph) -> (Graph.Value) -> Double? {
    var positions: [Graph.Value: (first: Int, last: Int)] = [:]
    var position = 0
    graph.forEachOperation { identifier, _ in
      position += 1
      for operand in graph[identifier].operands { positions[operand]?.last = position }
      for region in graph[identifier].regions {
        for value in graph.capturedValues(of: region) { positions[value]?.last = position }
      }
      for result in graph[identifier].results { positions[result] = (position, position) }
    }
    let total = Double(max(position, 1))
    return { value in positions[value].map { Double($0.last - $0.first) / total } }
  }
}

extension TracedModel {
  /// Whether there is such an input.
  fileprivate func takes(_ name: String, _ tensor: HostTensor) -> Bool {
    graph.parameters.contains { graph[$0].name == name && tensor.fits(graph.type(of: $0)) }
  }
}

extension Graph {
  /// For pictures: one result per weight would say nothing and take most of the width.
  func withoutGradientResults() -> Graph {
    var graph = self
    let kept = resultRoles.indices.filter { !resultRoles[$0].name.hasPrefix(Differentiated.gradientPrefix) }
    graph[Graph.body].results = kept.map { results[$0] }
    graph.resultRoles = kept.map { resultRoles[$0] }
    return graph
  }
}
