import Recurve
import Testing

@testable import WordVectors

/// What a run reads: how much of each word, which negatives, and the same again after any stop.
@Suite struct StreamTests {
  static func corpus(lines: Int = 40) throws -> Corpus {
    var random = CounterRandom(seed: 1)
    let text = (0..<lines).map { _ in
      (0..<1 + random.index(below: 12)).map { _ in "w\(random.index(below: 1 + random.index(below: 30)))" }
        .joined(separator: " ")
    }
    return try Corpus(TextFile(text: text.joined(separator: "\n"), path: "text"), minimumCount: 1)
  }

  static var sizes: WordVectors.Sizes {
    var sizes = WordVectors.Sizes(vocabulary: 0)
    (sizes.window, sizes.segmentLength, sizes.segments, sizes.sharedNegatives) = (3, 8, 2, 4)
    sizes.subsampling = Subsampling(.none, threshold: 1)
    return sizes
  }

  @Test func bothFormulasAreThePublishedOnes() {
    let (paper, code) = (Subsampling(.paper, threshold: 1e-4), Subsampling(.code, threshold: 1e-4))
    #expect(abs(paper.keptShare(frequency: 0.01) - 0.1) < 1e-12)
    #expect(abs(code.keptShare(frequency: 0.01) - 0.11) < 1e-12)
    #expect(paper.keptShare(frequency: 1e-5) == 1 && code.keptShare(frequency: 1e-5) == 1)
    #expect(Subsampling(.none, threshold: 1e-4).keptShare(frequency: 0.5) == 1)
  }

  @Test func passesKeepTheirShare() throws {
    let text = (0..<2000).map { $0 % 2 == 0 ? "often" : "w\($0 % 100)" }.joined(separator: " ")
    let corpus = try Corpus(TextFile(text: text, path: "text"), minimumCount: 1)
    var sizes = Self.sizes
    sizes.subsampling = Subsampling(.paper, threshold: 0.02)
    let shares = sizes.subsampling.keptShares(corpus.vocabulary)
    #expect(abs(shares[0] - 0.2) < 1e-9 && shares[1...].allSatisfy { $0 == 1 })
    let kept = (0..<20).map { epoch in
      EpochText(corpus, keptShares: shares, segmentLength: 8, seed: 5, epoch: epoch).tokens.count { $0 == 0 }
    }
    #expect(Set(kept).count > 1)
    #expect(abs(Double(kept.reduce(0, +)) / 20_000 - 0.2) < 0.01)
  }

  @Test func negativesFollowTheCounts() {
    let counts = [1000, 100, 10, 1]
    let noise = NoiseDistribution(counts: counts)
    var random = CounterRandom(seed: 2)
    var found = [0, 0, 0, 0]
    for _ in 0..<200_000 { found[Int(noise.draw(&random))] += 1 }
    let weights = counts.map { Double($0).squareRoot() * Double($0).squareRoot().squareRoot() }
    let total = weights.reduce(0, +)
    for (count, weight) in zip(found, weights) { #expect(abs(Double(count) / 200_000 - weight / total) < 0.005) }
  }

  /// A fixed window over all words: each pair of a line comes once in a pass, and none else.
  @Test func aPassHasEveryPairOnce() throws {
    var sizes = Self.sizes
    sizes.hasDynamicWindow = false
    sizes.segments = 1
    let corpus = try Self.corpus()
    var stream = SegmentStream(corpus, sizes, seed: 3)
    var (found, needed) = ([[Int32]: Int](), [[Int32]: Int]())
    for _ in 0..<(corpus.tokens.count + 7) / 8 {
      let batch = stream.next()
      for centre in 0..<8 {
        let slot = centre + 3
        for other in slot - Int(batch.reachBack[centre])...slot + Int(batch.reachAhead[centre]) where other != slot {
          found[[batch.tokens[slot], batch.tokens[other]], default: 0] += 1
        }
      }
    }
    #expect(stream.place == SegmentStream.Place(epoch: 0, segment: (corpus.tokens.count + 7) / 8))
    for (start, end) in zip(corpus.lineStarts, corpus.lineStarts.dropFirst()) {
      for i in start..<end {
        for j in max(start, i - 3)..<min(end, i + 4) where j != i {
          needed[[corpus.tokens[i], corpus.tokens[j]], default: 0] += 1
        }
      }
    }
    #expect(found == needed)
  }

  @Test func aStreamGoesOnFromItsPlace() throws {
    let corpus = try Self.corpus()
    var stream = SegmentStream(corpus, Self.sizes, seed: 3)
    var (places, batches) = ([SegmentStream.Place](), [SegmentBatch]())
    for _ in 0..<50 {
      places.append(stream.place)
      batches.append(stream.next())
    }
    #expect(places.last?.epoch ?? 0 >= 2)
    for index in [0, 7, 23, 49, 3] {
      var other = SegmentStream(corpus, Self.sizes, seed: 3)
      other.move(to: places[index])
      #expect(other.next() == batches[index])
      stream.move(to: places[index])
      #expect(stream.next() == batches[index])
    }
    var another = SegmentStream(corpus, Self.sizes, seed: 4)
    #expect(another.next() != batches[0])
  }
}
