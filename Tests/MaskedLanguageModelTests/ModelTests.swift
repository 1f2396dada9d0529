import Foundation
import Recurve
import TestSupport
import Testing

@testable import MaskedLanguageModel

/// Gradients, sizes and first losses of both forms.
@Suite struct ModelTests {
  typealias Sizes = MaskedLanguageModel.Sizes
  typealias Variant = MaskedLanguageModel.Variant

  static func sizes(_ variant: Variant, width: Int = 4, depth: Int = 2) -> Sizes {
    Sizes(variant, width: width, heads: 2, inner: 6, depth: depth, vocabulary: 9, context: 7)
  }

  /// With dropout, and in every mode that recomputes.
  @Test(arguments: [
    (Variant.bert, GradientMode.full), (.recurrent, .full), (.recurrent, .checkpointed(every: 1)),
    (.recurrent, .revolve(slots: 1)),
  ])
  func gradientsAreThoseOfTheLoss(_ variant: Variant, _ mode: GradientMode) throws {
    var sizes = Sizes(variant, width: 2, heads: 1, inner: 3, depth: variant == .bert ? 2 : 3, vocabulary: 5, context: 4)
    (sizes.dropout, sizes.deviation, sizes.maskedShare) = (0.2, 0.5, 0.5)
    let traced = try MaskedLanguageModel(sizes, batch: 2, gradient: mode).traced(name: "masked")
    let weights = Dictionary(uniqueKeysWithValues: traced.initialWeights(seed: 5).map { ($0.name, $0.tensor) })
    let parameters = try traced.graph.parameters.map { value -> HostTensor in
      let name = traced.graph[value].name ?? ""
      if name == "tokens" { return HostTensor([2, 4], [0, 3, 1, 2, 2, 0, 1, 3] as [Int32]) }
      if name == TracedModel.randomState { return HostTensor([2], [11, 4] as [Int32]) }
      return try #require(weights[name] ?? traced.values[name], "\(name)")
    }
    #expect(try GradientCheck.largestError(traced.graph, parameters) < 1e-6)
  }

  /// Also at one application.
  @Test(arguments: [1, 4]) func gradientsReachNoFurtherThanTheApplications(_ depth: Int) throws {
    func traced(_ gradient: GradientMode) throws -> TracedModel {
      try MaskedLanguageModel(Self.sizes(.recurrent, depth: depth), batch: 1, gradient: gradient).traced(name: "masked")
    }
    let error = #expect(throws: TraceError.self) { try traced(.last(5)) }
    let problem = "recur.2: last(5) reaches back further than the \(depth) iterations; use full"
    #expect(error?.description.contains(problem) == true)
    _ = try traced(.last(depth))
  }

  private static func weightCount(_ sizes: Sizes) throws -> Int {
    try MaskedLanguageModel(sizes, batch: 1).traced(name: "masked").weightCount
  }

  /// By hand: 256 wide, 8192 tokens, 128 positions.
  @Test func weightsAreThoseOfTheSizes() throws {
    var sizes = Sizes(.bert, width: 256, heads: 4, depth: 4, vocabulary: 8192, context: 128)
    let layer = 4 * (256 * 256 + 256) + 2 * 256 * 1024 + 1024 + 256 + 4 * 256
    let rest = 8192 * 256 + 128 * 256 + 2 * 256 + 256 * 256 + 256 + 2 * 256 + 8192
    #expect(sizes.layerWeightCount == layer && sizes.maskedCount == 19)
    #expect(try Self.weightCount(sizes) == rest + 4 * layer)
    sizes.variant = .recurrent
    #expect(try Self.weightCount(sizes) == rest + layer)
  }

  /// With scores near 0 all tokens are equally likely in the beginning. Embeddings of deviation 1, tied to the scores, would
  /// make it 177 at 30,522 tokens and a width of 256.
  @Test(arguments: Variant.allCases) func firstLossIsThatOfKnowingNothing(_ variant: Variant) throws {
    let sizes = Sizes(variant, width: 32, heads: 2, depth: 2, vocabulary: 400, context: 16)
    let trainer = try Trainer(MaskedLanguageModel(sizes, batch: 8), optimizer: .adamW(), seed: 2)
    let tokens = HostTensor([8, 16], (0..<128).map { Int32($0 * 37 % 399) })
    let loss = try #require(try trainer.evaluate(["tokens": tokens])["loss"]).doubles[0]
    #expect(abs(loss - log(400)) < 0.1)
  }

  /// Applied once, the one layer is the only layer.
  @Test func oneApplicationIsOneLayer() throws {
    let tokens = HostTensor([2, 7], (0..<14).map { Int32($0 * 3 % 8) })
    let losses = try [Variant.bert, .recurrent].map { variant in
      let trainer = try Trainer(MaskedLanguageModel(Self.sizes(variant, depth: 1), batch: 2), optimizer: .adamW())
      return try (0..<3).map { _ in try trainer.step(["tokens": tokens])["loss"]?.floats }
    }
    #expect(losses[0] == losses[1] && losses[0][0] != losses[0][1])
  }
}
