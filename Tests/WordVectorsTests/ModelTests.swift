import Foundation
import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

@testable import WordVectors

/// The loss against a plain loop over its pairs, its gradient, and the rows that a step moves.
@Suite struct ModelTests {
  /// The loss as it is differentiated, without the mean that is reported.
  private struct Total: Model {
    let inner: WordVectors
    func step(_ inputs: Inputs) -> Step {
      let (total, count) = inner.loss(inputs)
      return Step(loss: total, metrics: [("pairs", count)])
    }
  }

  private static func sizes(lines: Int = 40) throws -> (Corpus, WordVectors.Sizes) {
    let corpus = try StreamTests.corpus(lines: lines)
    var sizes = StreamTests.sizes
    (sizes.vocabulary, sizes.width, sizes.negatives) = (corpus.vocabulary.count, 6, 5)
    return (corpus, sizes)
  }

  private static func random(_ shape: Shape, seed: UInt64) -> HostTensor {
    Initializer.normal(standardDeviation: 0.7).tensor(shape, seed: seed)
  }

  /// Pair by pair, as the paper has it: negatives that are centre or context are left out, the others share the weight K.
  private static func plainLoss(
    _ batch: SegmentBatch, _ sizes: WordVectors.Sizes, _ words: [Double], _ contexts: [Double]
  ) -> Double {
    func score(_ a: Int32, _ b: Int32) -> Double {
      (0..<sizes.width).reduce(0) { $0 + words[Int(a) * sizes.width + $1] * contexts[Int(b) * sizes.width + $1] }
    }
    func minusLogSigmoid(_ x: Double) -> Double { log1p(exp(-abs(x))) - min(x, 0) }
    var loss = 0.0
    for centre in batch.reachBack.indices {
      let (segment, place) = (centre / sizes.segmentLength, centre % sizes.segmentLength)
      let slot = segment * sizes.slots + place + sizes.window
      let own = batch.tokens[slot]
      let negatives = batch.negatives[segment * sizes.sharedNegatives..<(segment + 1) * sizes.sharedNegatives]
      for other in slot - Int(batch.reachBack[centre])...slot + Int(batch.reachAhead[centre]) where other != slot {
        let context = batch.tokens[other]
        let usable = negatives.filter { $0 != own && $0 != context }
        loss += minusLogSigmoid(score(own, context))
        let share = Double(sizes.negatives) / Double(max(usable.count, 1))
        loss += usable.reduce(0) { $0 + share * minusLogSigmoid(-score(own, $1)) }
      }
    }
    return loss
  }

  @Test func lossIsThatOfItsPairs() throws {
    let (corpus, sizes) = try Self.sizes()
    let traced = try Total(inner: WordVectors(sizes)).traced(name: "total")
    let shape = Shape([sizes.vocabulary, sizes.width])
    let (words, contexts) = (Self.random(shape, seed: 1), Self.random(shape, seed: 2))
    var stream = SegmentStream(corpus, sizes, seed: 3)
    for _ in 0..<5 {
      let batch = stream.next()
      var given = Dictionary(uniqueKeysWithValues: batch.tensors.map { ($0.name, $0.tensor) })
      given["inner.words"] = words
      given["inner.contexts"] = contexts
      let parameters = try traced.graph.parameters.map { try #require(given[traced.graph[$0].name ?? ""]) }
      let double = parameters.map { $0.elementType == .float32 ? $0.converted(to: .float64) : $0 }
      let results = ReferenceEvaluator.evaluate(traced.graph.inDoublePrecision(), double)
      let needed = Self.plainLoss(batch, sizes, words.doubles, contexts.doubles)
      #expect(abs(results[0].doubles[0] - needed) < 1e-6 * needed)
      #expect(results[1].doubles[0] == Double(batch.pairCount))
    }
  }

  @Test func gradientIsThatOfTheLoss() throws {
    let (corpus, whole) = try Self.sizes(lines: 8)
    var sizes = whole
    sizes.width = 3
    let traced = try Total(inner: WordVectors(sizes)).traced(name: "total")
    let shape = Shape([sizes.vocabulary, sizes.width])
    var stream = SegmentStream(corpus, sizes, seed: 3)
    var given = Dictionary(uniqueKeysWithValues: stream.next().tensors.map { ($0.name, $0.tensor) })
    given["inner.words"] = Self.random(shape, seed: 1)
    given["inner.contexts"] = Self.random(shape, seed: 2)
    let parameters = try traced.graph.parameters.map { try #require(given[traced.graph[$0].name ?? ""]) }
    #expect(try GradientCheck.largestError(traced.graph, parameters) < 1e-6)
  }

  /// What `GRADIENTS.md` derives, for one pair: it pulls centre and context together and pushes negatives away.
  @Test func aStepMovesRowsAsDerived() throws {
    let corpus = try Corpus(TextFile(text: "a b\nc d e f g", path: "text"), minimumCount: 1)
    var sizes = StreamTests.sizes
    (sizes.vocabulary, sizes.width, sizes.segmentLength, sizes.segments) = (corpus.vocabulary.count, 4, 1, 1)
    (sizes.window, sizes.sharedNegatives, sizes.negatives) = (1, 1, 3)
    let rate = 0.1
    let trainer = try Trainer(
      WordVectors(sizes), optimizer: .gradientDescent(), learningRate: LearningRate(rate), seed: 1)
    let shape = Shape([sizes.vocabulary, sizes.width])
    let (words, contexts) = (Self.random(shape, seed: 1), Self.random(shape, seed: 2))
    try trainer.setWeights(["words": words, "contexts": contexts])
    // The centre a with its context b; the negative is c.
    let results = try trainer.step([
      "tokens": HostTensor([1, 3], [Int32(0), 0, 1]), "reach_back": HostTensor([1, 1], [Int32(0)]),
      "reach_ahead": HostTensor([1, 1], [Int32(1)]), "negatives": HostTensor([1, 1], [Int32(2)]),
    ])
    func row(_ tensor: HostTensor, _ number: Int) -> [Double] { Array(tensor.doubles[number * 4..<number * 4 + 4]) }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let (v, u, n) = (row(words, 0), row(contexts, 1), row(contexts, 2))
    let (positive, negative) = (sigmoid(dot(v, u)) - 1, 3 * sigmoid(dot(v, n)))
    let needed = (
      v: (0..<4).map { v[$0] - rate * (positive * u[$0] + negative * n[$0]) },
      u: (0..<4).map { u[$0] - rate * positive * v[$0] }, n: (0..<4).map { n[$0] - rate * negative * v[$0] }
    )
    let (newWords, newContexts) = (try #require(trainer.weights["words"]), try #require(trainer.weights["contexts"]))
    for (found, wanted) in [
      (row(newWords, 0), needed.v), (row(newContexts, 1), needed.u), (row(newContexts, 2), needed.n),
    ] {
      for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-5) }
    }
    for number in 3..<7 {
      #expect(row(newWords, number) == row(words, number) && row(newContexts, number) == row(contexts, number))
    }
    let loss = -log(sigmoid(dot(v, u))) - 3 * log(sigmoid(-dot(v, n)))
    #expect(abs((results["loss"]?.doubles[0] ?? 0) - loss) < 1e-5)
  }

  /// Sparse updates, and the same bits for any number of threads.
  @Test(arguments: [true, false]) func threadsChangeNoBit(_ isAdagrad: Bool) throws {
    let (corpus, sizes) = try Self.sizes()
    let optimizer = isAdagrad ? Optimizer.adagrad() : .gradientDescent()
    let trainers = try [1, 2].map { workers in
      try Trainer(
        WordVectors(sizes), optimizer: optimizer, learningRate: isAdagrad ? 0.1 : 0.02, seed: 1,
        CompilerOptions(workerCount: workers))
    }
    #expect(trainers[0].tableUpdates.map(\.rowCount) == [2 * 8, 2 * (14 + 4)])
    var stream = SegmentStream(corpus, sizes, seed: 3)
    var losses: [Double] = []
    for _ in 0..<40 {
      let next = stream.next()
      let batch = Dictionary(uniqueKeysWithValues: next.tensors.map { ($0.name, $0.tensor) })
      let results = try trainers.map { try $0.step(batch) }
      losses.append(results[0]["loss"]?.doubles[0] ?? .nan)
      // What the loss is a mean over, so that validations weigh it by that.
      #expect(results[0]["loss.count"]?.doubles[0] == Double(next.pairCount))
      #expect(results[0]["loss"]?.isIdentical(to: results[1]["loss"]!) == true)
    }
    for (path, tensor) in trainers[0].weights { #expect(trainers[1].weights[path]?.isIdentical(to: tensor) == true) }
    // Every score is 0 at first: (K + 1) log 2, a little less where all negatives of a pair are its own words.
    #expect(losses[0] <= 6 * log(2) + 1e-4 && losses[0] > 6 * log(2) - 0.3)
    #expect(losses.suffix(10).reduce(0, +) / 10 < losses[0] - (isAdagrad ? 0.05 : 0))
  }
}
