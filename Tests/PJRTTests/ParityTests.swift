import Compilation
import Foundation
import GraphIR
import Modeling
import Operators
import StandardStreams
import TensorTypes
import Testing
import TinyRecursion
import Training

/// Training steps as compiled kernels against the same steps on a plugin: every result, every updated weight and state.
@Suite(.enabled(if: Plugin.isThere), .serialized) struct ParityTests {
  private static let tolerance = 2e-5

  @Test(arguments: ParityModel.all) func stepsAgree(_ model: ParityModel) throws {
    let options = try Plugin.options()
    let (traced, inputs) = try model.make()
    let step = try TrainingStep(traced.graph, model.optimizer)
    let native = try Self.results(step, traced, inputs, options.native)
    let plugin = try Self.results(step, traced, inputs, options.plugin)
    let differences = zip(native, plugin).map { ($0.name, Self.difference($1.tensor, from: $0.tensor)) }
    let worst = try #require(differences.max { $0.1 < $1.1 })
    try StandardStreams.print(
      model.name.padding(toLength: 44, withPad: " ", startingAt: 0)
        + String(format: "%4d tensors, worst %.1e in %@", differences.count, worst.1, worst.0))
    #expect(worst.1 <= Self.tolerance, "\(worst.0)")
  }

  /// All results of one step, those that replace weights and states among them.
  private static func results(
    _ step: TrainingStep, _ traced: TracedModel, _ inputs: [String: HostTensor], _ options: CompilerOptions
  ) throws -> [(name: String, tensor: HostTensor)] {
    let program = try Compiler.compile(step.graph, options.naming(traced))
    for (name, tensor) in traced.initialWeights(seed: 3) { try program.set(name, tensor) }
    for (name, tensor) in step.optimizerStates { try program.set(name, tensor) }
    for (name, tensor) in inputs { try program.set(name, tensor) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1e-3)]))
    try program.run()
    return try program.resultNames.enumerated().map { ($1, try program.result(at: $0)) }
  }

  /// The norm of the difference over the norm; numbers that are not finite must be the same.
  static func difference(_ found: HostTensor, from needed: HostTensor) -> Double {
    guard found.type == needed.type else { return .infinity }
    if !needed.elementType.isFloatingPoint { return found.isIdentical(to: needed) ? 0 : .infinity }
    var (difference, norm) = (0.0, 0.0)
    for (a, b) in zip(found.doubles, needed.doubles) {
      guard a.isFinite && b.isFinite else {
        if a == b || (a.isNaN && b.isNaN) { continue }
        return .infinity
      }
      difference += (a - b) * (a - b)
      norm += b * b
    }
    return norm == 0 ? difference.squareRoot() : (difference / norm).squareRoot()
  }

  /// Losses of a training on both engines: from the same weights, on the same boards.
  @Test func lossesFollowEachOther() throws {
    let options = try Plugin.options()
    func losses(_ options: CompilerOptions) throws -> [Double] {
      let task = try TinyRecursion.family.make(ModelOptions(preset: "nano", batch: 8, depth: 3, seed: 3))
      let session = try TrainingSession(task, optimizer: .adamATan2(), learningRate: 1e-3, seed: 3, options)
      return try (0..<100).map { _ in try session.step()["loss"]?.doubles[0] ?? .nan }
    }
    let (native, plugin) = (try losses(options.native), try losses(options.plugin))
    let differences = zip(native, plugin).map { abs($0 - $1) / $0 }
    let reported = [1, 10, 20, 50, 100].map { String(format: "%d: %.1e", $0, differences.prefix($0).max() ?? 0) }
    try StandardStreams.print("largest relative difference of the loss up to step \(reported.joined(separator: ", "))")
    #expect(differences.prefix(20).allSatisfy { $0 <= 1e-4 })
    #expect(differences.allSatisfy { $0.isFinite })
  }
}
