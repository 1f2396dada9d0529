import Compilation
import Execution
import Foundation
import GraphIR
import Modeling
import TensorTypes

/// A function of a store's weights, compiled: with inputs, states and results of its own, at its own shapes.
///
/// Nothing of the store is copied. Calls from several threads take turns; two programs may run at once.
public final class ModelProgram: @unchecked Sendable {
  public let name: String
  public let traced: TracedModel
  /// The compiled graph. What is done with it directly passes by the locks of program, session and store.
  public let compiled: CompiledProgram
  private let store: ParameterStore
  private let choice: ParameterStore.Choice
  private let states: [StateNeed]
  private let statePositions: [(position: Int, name: String)]
  private let weightPositions: [(position: Int, name: String)]
  private let lock = NSLock()
  /// Of the store when weights were placed last.
  private var generation: Int
  /// For calls without a session.
  private let ownSession = Session()

  init(
    _ traced: TracedModel, over store: ParameterStore, _ choice: ParameterStore.Choice, _ options: CompilerOptions
  ) throws {
    name = traced.graph.name
    (self.traced, self.store, self.choice) = (traced, store, choice)
    states = traced.states(of: name)
    let (generation, memory) = store.lock.reading { (store.generation, store.memory(choice)) }
    self.generation = generation
    let (weights, options) = (memory.used(by: traced), options.naming(traced))
    let plan = try Compiler.checkedPlan(traced.graph, options, shared: Set(weights.keys))
    let shared = try ownSession.using(states) { $0.merging(weights) { _, weight in weight } }
    compiled = try Compiler.program(plan, options, shared: shared)
    let roles = compiled.parameters.enumerated().map { (position: $0, name: $1.name, role: $1.role) }
    statePositions = roles.filter { $0.role == .state }.map { ($0.position, $0.name) }
    weightPositions = roles.filter { $0.role == .weight || $0.role == .constant }.map { ($0.position, $0.name) }
  }

  /// Bytes that a run computes in, as planned.
  public var plannedByteCount: Int { compiled.plannedByteCount }

  /// Bytes of inputs and of the program's own numbers; weights are the store's, states the session's.
  public var ownByteCount: Int {
    compiled.parameters.filter { $0.role == .input || $0.role == .values }.reduce(0) { $0 + $1.type.byteCount }
  }

  /// Runs the program once.
  ///
  /// - Parameters:
  ///   - inputs: a tensor for each input, by name.
  ///   - session: whose states the program reads and replaces; without one, states begin at zero and are lost.
  /// - Returns: the results by name, copied.
  /// - Throws: `InputError` when an input is missing, unknown or of another type; `IntegerRangeError` when a number of an input
  ///   or of a state names no row, class or position where the program uses it as one; `SessionError` when a state of the
  ///   session has another type. Nothing has changed then.
  ///   `EngineError` where the run failed; states that it has used up are lost then.
  public func callAsFunction(
    _ inputs: [String: HostTensor] = [:], in session: Session? = nil
  ) throws -> [String: HostTensor] {
    try lock.withLock {
      if session == nil { ownSession.reset() }
      try compiled.set(inputs: inputs, except: [])
      return try (session ?? ownSession).using(states) { memory in
        for (_, name) in statePositions { try checkState(name, memory) }
        return try store.lock.reading {
          place(memory, statePositions)
          if generation != store.generation { place(store.memory(choice), weightPositions) }
          generation = store.generation
          try compiled.run()
          return try compiled.reportedResults
        }
      }
    }
  }

  /// What another program or the host left in a state may be no position here.
  private func checkState(_ name: String, _ memory: [String: TensorMemory]) throws {
    guard let state = memory[name], state.type.elementType == .int32 else { return }
    try compiled.checkIntegers(name, try state.read())
  }

  private func place(_ memory: [String: TensorMemory], _ positions: [(position: Int, name: String)]) {
    for (position, name) in positions {
      guard let new = memory[name], !compiled.memory(ofParameter: position).isSame(as: new) else { continue }
      compiled.place(position, in: new)
    }
  }
}

extension [String: TensorMemory] {
  /// The weights that a graph reads. Others may have the names of its inputs.
  func used(by traced: TracedModel) -> Self {
    let names = Set(traced.weights.map(\.name))
    return filter { names.contains($0.key) }
  }
}

extension TracedModel {
  /// The states of a graph, each with the program and the line that declare it.
  func states(of program: String) -> [StateNeed] {
    graph.parameters.indices.filter { graph.parameterRoles[$0] == .state }.map { position in
      let value = graph.parameters[position]
      let line = location(of: .parameter(position)).map { " (\($0))" } ?? ""
      let name = graph[value].name ?? ""
      return StateNeed(
        name: name, type: graph.type(of: value), owner: "program '\(program)'\(line)",
        isRandom: isRandom && name == TracedModel.randomState)
    }
  }
}
