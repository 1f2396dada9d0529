import DecoderTransformer
import Foundation
import GraphIR
import Modeling
import Operators
import SudokuByMoves
import TensorTypes
import TestSupport
import Testing
import TinyRecursion
import Training

@testable import LearningPath

/// A model whose training step runs on both engines.
struct ParityModel: CustomTestStringConvertible, Sendable {
  let name: String
  let optimizer: Optimizer
  /// The model with inputs for a step.
  let make: @Sendable () throws -> (traced: TracedModel, inputs: [String: HostTensor])

  var testDescription: String { name }

  static let all: [ParityModel] = recursions + path + others

  /// The gradient modes of a recursion of three iterations.
  static let modes: [GradientMode] = [
    .full, .last(1), .last(2), .none, .checkpointed(every: 1), .checkpointed(every: 2), .revolve(slots: 1),
    .revolve(slots: 2),
  ]

  private static var recursions: [ParityModel] {
    ["attention", "mixer"].flatMap { variant in
      modes.map { mode in
        let options = ModelOptions(preset: "nano", variant: variant, batch: 4, depth: 3, gradient: mode, seed: 3)
        return of("tiny-recursion \(variant), \(mode)", TinyRecursion.family, options)
      }
    }
  }

  private static func of(
    _ name: String, _ family: ModelFamily, _ options: ModelOptions, _ optimizer: Optimizer = .adamATan2()
  ) -> ParityModel {
    ParityModel(name: name, optimizer: optimizer) {
      let task = try family.make(options)
      let inputs = try task.freshInputs(0)
      return (try task.model.traced(name: task.graphName), Dictionary(uniqueKeysWithValues: inputs.map { ($0, $1) }))
    }
  }

  /// Any model, with random numbers for its inputs.
  private static func of(
    _ name: String, _ optimizer: Optimizer = .adam(), _ model: @escaping @Sendable () -> any Model
  ) -> ParityModel {
    ParityModel(name: name, optimizer: optimizer) {
      let traced = try model().traced(name: "parity")
      let numbers = zip(traced.graph.parameters, RandomData(seed: 5).tensors(for: traced.graph)).map { value, tensor in
        (traced.graph[value].name ?? "", tensor)
      }
      let inputs = Set(traced.graph.parameters(.input).map { traced.graph[$0].name ?? "" })
      return (traced, Dictionary(uniqueKeysWithValues: numbers.filter { inputs.contains($0.0) }))
    }
  }

  private static let path: [ParityModel] = [
    of("perceptron", .momentum(0.9)) { Perceptron([3, 8, 8, 1], batch: 16) },
    of("classifier with residuals") {
      Classifier(inputs: 4, width: 16, depth: 6, classes: 3, batch: 16, activation: .tanh, hasResiduals: true)
    },
    of("counting over time") { CountingNetwork(batch: 8, length: 12, seesEveryStep: true) },
    of("parity in shared passes") { ParityNetwork(bits: 4, width: 16, passes: 5) },
    of("latent and answer") { GapNetwork(width: 16, batch: 8, recursions: 4) },
    of("refinement") { RefinementNetwork(width: 16, batch: 8, refinements: 6) },
    of("halting over cells") { CellNetwork(width: 16, batch: 8, steps: 4) },
  ]

  private static let others: [ParityModel] = [
    of("GPT", .adamW()) {
      var sizes = GPT.Sizes(width: 32, layers: 2, heads: 2, inner: 64, vocabulary: 17, context: 16)
      sizes.positions = .rotary
      return NextToken(GPT(sizes), batch: 4)
    },
    // A bias of keys changes no attention: its gradient is rounding, of which Adam would take the sign.
    of("sudoku-by-moves", SudokuByMoves.family, ModelOptions(batch: 8, seed: 3), .momentum(0.9)),
  ]
}
