import GraphIR
import Modeling
import Operators
import TensorTypes

/// Writes the part of a step that comes after the gradients: their preparation, the rules, running averages.
final class StepUpdate {
  let states: OptimizerStates
  /// Groups with schedules of their own, each with the scalar input that sets its rate.
  private(set) var groupRates: [(input: String, rate: LearningRate)] = []
  /// The running average of each weight that has one, a state by name.
  private(set) var averages: [(weight: String, state: String)] = []
  /// How tables of which rows are looked up are updated.
  private(set) var tableUpdates: [TableUpdate] = []
  private let build: GraphBuilder
  private let optimizer: Optimizer
  private let recorder: RuleRecorder
  private var rates: [String: Graph.Value] = [:]

  init(_ build: GraphBuilder, _ optimizer: Optimizer) {
    (self.build, self.optimizer) = (build, optimizer)
    states = OptimizerStates(build)
    recorder = RuleRecorder(build, states)
    addRate(TrainingStep.rateName)
    for group in optimizer.groups {
      guard let name = group.rateName, case .schedule(let rate) = group.rate else { continue }
      addRate(name)
      groupRates.append((name, rate))
    }
  }

  private func addRate(_ name: String) { rates[name] = build.graph.addParameter(.scalar, name: name, role: .input) }

  /// Appends the update of each weight by its gradient.
  func append(_ pairs: [(weight: Graph.Value, gradient: Graph.Value)]) {
    if optimizer.reportsGradientNorms { for pair in pairs { reportNorm(pair.gradient, path(pair.weight)) } }
    let (weights, gradients) = (pairs.map(\.weight), pairs.map(\.gradient))
    let prepared = GradientPreparation(build, states, optimizer).prepare(gradients, of: weights)
    for (pair, gradient) in zip(pairs, prepared) {
      if !updateRows(pair.weight, pair.gradient) { update(pair.weight, gradient) }
    }
  }

  /// - Throws: `TraceError` with all problems of the rules.
  func finish() throws { try recorder.finish() }

  private func update(_ weight: Graph.Value, _ gradient: Graph.Value) {
    let group = optimizer.treatment(of: path(weight), build.type(of: weight).shape)
    let next = states.ifDue(recorder.next(weight, gradient, rate(group, weight), group), else: weight)
    build.graph.addResult(next, name: "next.\(path(weight))", updating: weight)
    if let share = group.averageShare { average(weight, next, keeping: share) }
  }

  /// Updates the rows of a table that the step looked up; false where all rows must be updated.
  private func updateRows(_ weight: Graph.Value, _ gradient: Graph.Value) -> Bool {
    let group = optimizer.treatment(of: path(weight), build.type(of: weight).shape)
    if let reason = optimizer.reasonForAllRows(group) {
      if RowGradient.holdsRows(gradient, build.graph) { tableUpdates.append(.init(path(weight), nil, reason)) }
      return false
    }
    guard let rows = RowGradient(gradient, of: weight, build) else {
      if RowGradient.holdsRows(gradient, build.graph) {
        let reason = "its gradient has other parts than rows that are looked up outside loops"
        tableUpdates.append(.init(path(weight), nil, reason))
      }
      return false
    }
    let own = rows.rows(of: weight)
    let next = recorder.next(weight, rows, own, rate(group, own), group)
    build.graph.addResult(
      rows.replacing(rowsOf: weight, by: next), name: "next.\(path(weight))", updating: weight)
    tableUpdates.append(.init(path(weight), rows.count, nil))
    return true
  }

  /// The learning rate, repeated to the weight's shape.
  private func rate(_ group: WeightGroup, _ weight: Graph.Value) -> Graph.Value {
    guard let rate = rates[group.rateName] else { preconditionFailure("no input is called \(group.rateName)") }
    let own = build.convert(rate, to: build.type(of: weight).elementType)
    return build.spread(group.factor == 1 ? own : build.scale(own, by: group.factor), like: weight)
  }

  /// Adds the running average of the weight, `average + (next - average) * (1 - share)`: shares and their complements would be
  /// rounded apart, and the average of a constant would drift from it.
  private func average(_ weight: Graph.Value, _ next: Graph.Value, keeping share: Double) {
    let name = OptimizerSlot.average(of: path(weight)).name
    let state = build.graph.addParameter(build.type(of: weight), name: name, role: .state)
    let blend = build.add(state, build.scale(build.subtract(next, state), by: 1 - share))
    states.update(state, to: states.ifDue(blend, else: state))
    averages.append((path(weight), name))
  }

  private func reportNorm(_ gradient: Graph.Value, _ path: String) {
    let axes = Array(0..<build.type(of: gradient).shape.rank)
    let norm = build.emit1(.squareRoot, build.sum(build.multiply(gradient, gradient), axes))
    build.graph.addResult(norm, name: "gradient_norm.\(path)")
  }

  private func path(_ weight: Graph.Value) -> String { build.graph[weight].name ?? "" }
}

extension OptimizerSlot {
  static func average(of weight: String) -> OptimizerSlot { OptimizerSlot("average", of: weight) }

  /// The weight whose running average has a key in a file.
  static func averagedWeight(_ key: String) -> String? {
    key.split(separator: "/", maxSplits: 2).dropFirst().first == "average" ? weight(key) : nil
  }

  /// The weight that a key of a checkpoint, `TRAINER/SLOT/WEIGHT`, belongs to; nil for other keys.
  static func weight(_ key: String) -> String? {
    let parts = key.split(separator: "/", maxSplits: 2)
    return parts.count == 3 ? String(parts[2]) : nil
  }
}
