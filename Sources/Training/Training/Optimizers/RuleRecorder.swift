import GraphIR
import Modeling
import Operators
import TensorTypes

/// Writes what rules compute into the graph of a step.
final class RuleRecorder {
  private let build: GraphBuilder
  private let states: OptimizerStates
  private let dsl: GraphExtension
  /// The pattern of the group at work, whose shared states are its own; nil for weights in no group, or in one without a rule.
  private var owner: String?
  /// The name of the rule at work.
  private var title = ""
  /// Of the bias corrections so far.
  private var factors: [OptimizerSlot: Double] = [:]
  /// The states of the weight at work.
  private var open: [(slot: OptimizerSlot, state: Graph.Value)] = []

  init(_ build: GraphBuilder, _ states: OptimizerStates) {
    (self.build, self.states) = (build, states)
    dsl = GraphExtension(build)
  }

  /// The next value of a weight.
  func next(_ weight: Graph.Value, _ gradient: Graph.Value, _ rate: Graph.Value, _ group: WeightGroup) -> Graph.Value {
    let (path, rule) = (build.graph[weight].name ?? "", group.rule)
    (owner, title) = (group.owner, rule.name)
    return dsl.record {
      let update = WeightUpdate(
        path: path, weight: dsl.tensor(weight), gradient: dsl.tensor(gradient), rate: dsl.tensor(rate),
        decay: group.decay, recorder: self)
      let next = dsl.value(rule.update(update), "\(title): the next value of weight '\(path)'", like: weight)
      keepStates()
      return next
    }
  }

  func finish() throws { try dsl.finish() }

  func state(_ slot: OptimizerSlot, _ type: TensorType, _ initial: Double) -> Tensor {
    if let problem = states.problem(of: slot) ?? type.problem {
      dsl.note("\(title(of: slot)) \(problem)")
      return dsl.placeholder(type)
    }
    let state = states.add(slot, type, initial: initial)
    open.append((slot, state))
    return dsl.tensor(state)
  }

  /// Gives the states of one weight their next values.
  private func keepStates() {
    let next = dsl.takeNextValues()
    for (slot, state) in open {
      if let tensor = next[state] {
        let value = dsl.value(tensor, "\(title(of: slot)), in the next step,", like: state)
        states.update(state, to: states.ifDue(value, else: state))
      } else {
        dsl.note("\(title(of: slot)) needs a next value", at: dsl.tensor(state))
      }
    }
    open = []
  }

  private func title(of slot: OptimizerSlot) -> String {
    "\(title): the state '\(slot.slot)' of weight '\(slot.weight ?? "")'"
  }

  /// `factor^t`, in double precision; one state for all weights of the rule.
  func power(_ name: String, _ factor: Double) -> Tensor {
    let (slot, type) = (OptimizerSlot(name, of: owner), TensorType(.float64, .scalar))
    let known = factors[slot]
    if let known, known != factor {
      dsl.note("\(title): the bias correction '\(name)' has the factors \(known) and \(factor), needs one")
    } else if known == nil, let problem = states.problem(of: slot) {
      dsl.note("\(title): the bias correction '\(name)' \(problem)")
      return dsl.placeholder(type)
    }
    factors[slot] = factor
    if known == nil { states.counters.append(StateCounter(slot: slot, range: 0...1, isWhole: false)) }
    return dsl.tensor(states.keepShared(slot, type, initial: 1) { build.scale($0, by: factor) })
  }
}
