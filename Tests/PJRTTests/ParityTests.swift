import Compilation
import Foundation
import GraphIR
import Modeling
import Operators
import ReferenceEvaluation
import StandardStreams
import TensorTypes
import Testing
import TinyRecursion
import Training

/// Training steps as compiled kernels against the same steps on a plugin: every result, every updated weight and state.
@Suite(.enabled(if: Plugin.isThere), .serialized) struct ParityTests {
  /// Of single precision; and of double precision, in which both must be the same program up to the order of sums.
  private static let (tolerance, doubleTolerance) = (2e-5, 1e-9)

  /// Where rounding alone moves some tensor of compiled kernels' step farther than the tolerance, the plugin may move one a few
  /// times as far: Adam's first step goes by signs, and which gradient near zero has another one is chance.
  private static let roundings = 4.0

  @Test(arguments: ParityModel.all) func stepsAgree(_ model: ParityModel) throws {
    let options = try Plugin.options()
    let (traced, inputs) = try model.make()
    let step = try TrainingStep(traced.graph, model.optimizer)
    let whole = try [options.native, options.plugin].map { try Self.results(step, traced, inputs, $0) }
    let exact = try [options.native, options.plugin].map { try Self.results(step, traced, inputs, $0, inDouble: true) }
    let apart = Self.differences(whole[1], from: whole[0])
    let rounding = Self.differences(whole[0], from: exact[0])
    let (worst, moved) = (try #require(apart.max { $0.1 < $1.1 }), rounding.map(\.1).max() ?? 0)
    let double = Self.differences(exact[1], from: exact[0]).map(\.1).max() ?? 0
    try StandardStreams.print(
      model.name.padding(toLength: 46, withPad: " ", startingAt: 0)
        + String(
          format: "%3d tensors, apart %.1e, by rounding %.1e, in double precision %.1e; %@", apart.count, worst.1,
          moved,
          double, worst.0))
    #expect(worst.1 <= max(Self.tolerance, Self.roundings * moved), "\(worst.0)")
    #expect(double <= Self.doubleTolerance)
  }

  private static func differences(_ found: Results, from needed: Results) -> [(name: String, Double)] {
    zip(found, needed).map { ($0.name, difference($0.tensor, from: $1.tensor.converted(to: $0.tensor.elementType))) }
  }

  private typealias Results = [(name: String, tensor: HostTensor)]

  /// All results of one step, those that replace weights and states among them.
  private static func results(
    _ step: TrainingStep, _ traced: TracedModel, _ inputs: [String: HostTensor], _ options: CompilerOptions,
    inDouble: Bool = false
  ) throws -> Results {
    func own(_ tensor: HostTensor) -> HostTensor {
      inDouble && tensor.elementType == .float32 ? tensor.converted(to: .float64) : tensor
    }
    var options = options.naming(traced)
    options.values = options.values.mapValues(own)
    let program = try Compiler.compile(inDouble ? step.graph.inDoublePrecision() : step.graph, options)
    let numbers = traced.initialWeights(seed: 3).map { ($0.name, $0.tensor) } + step.optimizerStates.map { ($0, $1) }
    for (name, tensor) in numbers + inputs.map({ ($0, $1) }) { try program.set(name, own(tensor)) }
    try program.set(TrainingStep.rateName, own(HostTensor(.scalar, [Float(1e-3)])))
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

  /// Losses of a training on both engines: from the same weights, on the same boards. With attention: the mixer makes more of
  /// what rounding does, and is apart after a few steps.
  @Test func lossesFollowEachOther() throws {
    let options = try Plugin.options()
    func losses(_ options: CompilerOptions) throws -> [Double] {
      let task = try TinyRecursion.family.make(
        ModelOptions(preset: "nano", variant: "attention", batch: 8, depth: 3, seed: 3))
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
