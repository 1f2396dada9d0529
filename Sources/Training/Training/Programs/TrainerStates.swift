import Execution
import GraphIR
import Modeling
import TensorTypes

/// A tensor that lives from step to step, with the key under which files hold it.
struct KeptTensor {
  var key: String
  var role: ParameterRole
  /// Of the model's own, not of the optimizer.
  var isOfModel: Bool
  var memory: TensorMemory
  /// Of the parameter of the step.
  var name: String
  /// Where it only takes some numbers.
  var counter: StateCounter?
}

/// The memory that one trainer adds to a store: states of the optimizer, and those of the model that it trains.
struct TrainerStates {
  private(set) var kept: [KeptTensor] = []
  /// By the names of parameters.
  private(set) var shared: [String: TensorMemory] = [:]
  /// By the paths of weights. Their first numbers are the weights'.
  private(set) var averages: [String: TensorMemory] = [:]

  /// - Throws: `ExecutionError.notEnoughMemory`.
  init(_ step: TrainingStep, _ trainer: String) throws {
    let graph = step.graph
    let states = graph.parameters(.state)
    var slots = Dictionary(uniqueKeysWithValues: step.initialStates.map { ($0.slot.name, $0.slot) })
    for (weight, state) in step.averages { slots[state] = .average(of: weight) }
    let counters = Dictionary(uniqueKeysWithValues: step.counters.map { ($0.slot.name, $0) })
    for (state, memory) in zip(states, try TensorMemory.block(states.map { graph.type(of: $0) })) {
      let name = graph[state].name ?? ""
      kept.append(
        KeptTensor(
          key: slots[name]?.key(of: trainer) ?? name, role: .state, isOfModel: slots[name] == nil, memory: memory,
          name: name, counter: counters[name]))
      shared[name] = memory
    }
    for (slot, tensor) in step.initialStates { shared[slot.name]?.set(tensor) }
    for (weight, state) in step.averages { averages[weight] = shared[state] }
  }
}

extension ParameterStore {
  var kept: [KeptTensor] {
    paths.weights.compactMap { named in
      memory(.current)[named.name].map { memory in
        KeptTensor(
          key: named.name, role: named.weight.isTrained ? .weight : .constant, isOfModel: true, memory: memory,
          name: named.name)
      }
    }
  }

  /// A seed of the trainer's own, and no runs: `i32[2]`.
  public func firstRandomState(of trainer: String) -> HostTensor {
    let own = CounterRandom.mixed(seed ^ ByteHash.of(trainer.utf8))
    return HostTensor([2], [Int32(truncatingIfNeeded: own), 0])
  }
}
