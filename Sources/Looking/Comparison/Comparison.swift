import Compilation
import Differentiation
import Foundation
import GraphIR
import Modeling
import Operators
import Scheduling
import TensorTypes
import Training

/// Runs a model in several gradient modes and depths, side by side.
///
/// Every row is one step from the same weights on the same batch: loss and gradients, no update. The first mode of each
/// depth is always full back-propagation, since the others are measured against its gradient.
public struct Comparison: Sendable {
  public let family: ModelFamily
  public let options: ModelOptions
  public let depths: [Int]
  public let modes: [GradientMode]
  public let compilerOptions: CompilerOptions
  /// Steps that are timed.
  public let repetitions: Int

  public init(
    family: ModelFamily, options: ModelOptions, depths: [Int], modes: [GradientMode],
    compilerOptions: CompilerOptions = CompilerOptions(), repetitions: Int = 3
  ) {
    self.family = family
    self.options = options
    self.depths = depths
    self.modes = modes
    self.compilerOptions = compilerOptions
    self.repetitions = repetitions
  }

  /// The modes that the main job compares.
  public static func standardModes(every: Int = 1, slots: Int = 3, last: Int = 1) -> [GradientMode] {
    [.full, .checkpointed(every: every), .revolve(slots: slots), .last(last)]
  }

  /// Runs everything; calls back before each row and with each row.
  public func run(
    starting: (Int, GradientMode) -> Void = { _, _ in }, finished: (ComparisonRow) -> Void = { _ in }
  ) throws -> [ComparisonRow] {
    var rows: [ComparisonRow] = []
    for depth in depths {
      var reference: [HostTensor] = []
      for mode in [.full] + modes.filter({ $0 != .full }) {
        let isShown = modes.contains(mode)
        if isShown { starting(depth, mode) }
        let measurement = try measure(depth, mode, isTimed: isShown)
        if mode == .full { reference = measurement.gradients }
        guard isShown else { continue }
        let row = measurement.row(against: reference)
        rows.append(row)
        finished(row)
      }
    }
    return rows
  }

  private func measure(_ depth: Int, _ mode: GradientMode, isTimed: Bool) throws -> Measurement {
    var options = options
    options.depth = depth
    options.gradient = mode
    let task = try family.make(options)
    let traced = try task.model.traced(name: task.graphName)
    let (graph, names, disconnected) = try Self.withGradients(traced.graph)
    let start = ContinuousClock.now
    var unwatched = compilerOptions.naming(traced)
    unwatched.verifies = false
    let program = try Compiler.compile(graph, unwatched)
    let compileSeconds = (ContinuousClock.now - start) / .seconds(1)
    for (name, tensor) in traced.initialWeights(seed: options.seed) { try program.set(name, tensor) }
    for (name, tensor) in try task.freshInputs(0) { try program.set(name, tensor) }
    let verification = compilerOptions.verifies ? try program.verify() : nil
    let memory = isTimed ? try program.measureMemory() : nil
    try program.run()
    let times = try StepTimes(program, workerCount: compilerOptions.workerCount, repetitions: isTimed ? repetitions : 1)
    return try Measurement(
      model: family.name, batch: task.batchSize, depth: depth, mode: mode, program: program, weightNames: names,
      disconnected: disconnected, memory: memory, verification: verification, compileSeconds: compileSeconds,
      times: times)
  }

  /// The graph with the gradient of every weight as a result, and no state kept.
  public static func withGradients(
    _ graph: Graph
  ) throws -> (graph: Graph, weightNames: [String], disconnected: [String]) {
    let differentiated = try graph.differentiated()
    var result = differentiated.graphWithGradients
    for index in result.resultRoles.indices { result.resultRoles[index].updatedParameter = nil }
    let names = result.parameters(.weight).map { result[$0].name ?? "" }
    return (result, names, differentiated.disconnectedWeights)
  }
}
