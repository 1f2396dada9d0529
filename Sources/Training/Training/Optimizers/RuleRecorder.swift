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
  /// The states of the weight at work, each with what the rule has for it.
  private var open: [(slot: OptimizerSlot, state: Graph.Value, own: Graph.Value)] = []
  /// Which rows of the weight at work are updated; nil for all.
  private var rows: RowGradient?
  private var tableRowCount = 0

  init(_ build: GraphBuilder, _ states: OptimizerStates) {
    (self.build, self.states) = (build, states)
    dsl = GraphExtension(build)
  }

  /// The next value of a weight.
  func next(_ weight: Graph.Value, _ gradient: Graph.Value, _ rate: Graph.Value, _ group: WeightGroup) -> Graph.Value {
    next(weight, gradient, rate, group, path: build.graph[weight].name ?? "")
  }

  private func next(
    _ weight: Graph.Value, _ gradient: Graph.Value, _ rate: Graph.Value, _ group: WeightGroup, path: String
  ) -> Graph.Value {
    let rule = group.rule
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

  /// The next rows of a table of which some rows have a gradient.
  func next(
    _ table: Graph.Value, _ rows: RowGradient, _ own: Graph.Value, _ rate: Graph.Value, _ group: WeightGroup
  ) -> Graph.Value {
    (self.rows, tableRowCount) = (rows, build.type(of: table).shape[0])
    defer { self.rows = nil }
    return next(own, rows.rows, rate, group, path: build.graph[table].name ?? "")
  }

  func finish() throws { try dsl.finish() }

  func state(_ slot: OptimizerSlot, _ type: TensorType, _ initial: Double) -> Tensor {
    let number = initial.isFinite ? nil : "begins at \(initial), which no checkpoint keeps"
    if let problem = states.problem(of: slot) ?? type.problem ?? number {
      dsl.note("\(title(of: slot)) \(problem)")
      return dsl.placeholder(type)
    }
    guard let rows else {
      let state = states.add(slot, type, initial: initial)
      open.append((slot, state, state))
      return dsl.tensor(state)
    }
    guard type.shape.rank > 0, type.shape[0] == rows.count else {
      dsl.note("\(title(of: slot)) is \(type), which has no row for each row of the weight")
      return dsl.placeholder(type)
    }
    let whole = type.with(Shape([tableRowCount] + type.shape.extents.dropFirst()))
    let state = states.add(slot, whole, initial: initial)
    let own = rows.rows(of: state)
    open.append((slot, state, own))
    return dsl.standIn(own)
  }

  /// Gives the states of one weight their next values.
  private func keepStates() {
    let next = dsl.takeNextValues()
    for (slot, state, own) in open {
      if let tensor = next[own] {
        let value = dsl.value(tensor, "\(title(of: slot)), in the next step,", like: own)
        states.update(state, to: rows?.replacing(rowsOf: state, by: value) ?? states.ifDue(value, else: state))
      } else {
        dsl.note("\(title(of: slot)) needs a next value", at: dsl.tensor(own))
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
    } else if known == nil, let problem = states.problem(of: slot) ?? OptimizerSetting.share("factor", factor).problem {
      dsl.note("\(title): the bias correction '\(name)' \(problem)")
      return dsl.placeholder(type)
    }
    factors[slot] = factor
    if known == nil { states.counters.append(StateCounter(slot: slot, range: 0...1, isWhole: false)) }
    return dsl.tensor(states.keepShared(slot, type, initial: 1) { build.scale($0, by: factor) })
  }
}
