import Recurve

/// The batches of a training run in order: segments of the text with windows and negatives, pass after pass without a gap.
///
/// Every random number is a function of seed, pass and segment, so that a place in the stream is two numbers.
struct SegmentStream: Sendable {
  /// Where the stream is: the pass, and segments of it that were taken.
  struct Place: Sendable, Hashable {
    var epoch = 0
    var segment = 0
  }

  let corpus: Corpus
  private let sizes: WordVectors.Sizes
  private let seed: UInt64
  private let keptShares: [Double]
  private let noise: NoiseDistribution
  private(set) var place = Place()
  private var text: EpochText?

  init(_ corpus: Corpus, _ sizes: WordVectors.Sizes, seed: UInt64) {
    self.corpus = corpus
    self.sizes = sizes
    self.seed = seed
    keptShares = sizes.subsampling.keptShares(corpus.vocabulary)
    noise = NoiseDistribution(counts: corpus.vocabulary.counts)
  }

  /// Words that a pass keeps on average.
  static func expectedWords(_ corpus: Corpus, _ sizes: WordVectors.Sizes) -> Double {
    let shares = sizes.subsampling.keptShares(corpus.vocabulary)
    return zip(corpus.vocabulary.counts, shares).reduce(0) { $0 + Double($1.0) * $1.1 }
  }

  mutating func move(to place: Place) {
    if place.epoch != self.place.epoch { text = nil }
    self.place = place
  }

  /// Passes that were read, with the part of the present one.
  var passes: Double {
    guard let text else { return Double(place.epoch) }
    return Double(place.epoch) + Double(place.segment) / Double(max(text.segments.count, 1))
  }

  /// The next batch; the stream moves on.
  mutating func next() -> SegmentBatch {
    var batch = SegmentBatch(sizes)
    while batch.segmentCount < sizes.segments {
      let text = presentText()
      if place.segment >= text.segments.count {
        move(to: Place(epoch: place.epoch + 1))
        continue
      }
      append(text, &batch)
      place.segment += 1
    }
    return batch
  }

  private mutating func presentText() -> EpochText {
    if let text { return text }
    let made = EpochText(
      corpus, keptShares: keptShares, segmentLength: sizes.segmentLength, seed: seed, epoch: place.epoch)
    text = made
    return made
  }

  private func append(_ text: EpochText, _ batch: inout SegmentBatch) {
    var random = CounterRandom(seed: seed, stream: UInt64(place.epoch) << 32 | UInt64(place.segment))
    let (start, window) = (text.segments[place.segment], sizes.window)
    for position in start - window..<start + sizes.segmentLength + window {
      batch.tokens.append(text.tokens.indices.contains(position) ? text.tokens[position] : 0)
    }
    for position in start..<start + sizes.segmentLength {
      let isThere = position < text.tokens.count
      let width = sizes.hasDynamicWindow ? 1 + random.index(below: window) : window
      batch.reachBack.append(isThere ? Int32(text.reachBack(of: position, window: width)) : 0)
      batch.reachAhead.append(isThere ? Int32(text.reachAhead(of: position, window: width)) : 0)
    }
    for _ in 0..<sizes.sharedNegatives { batch.negatives.append(noise.draw(&random)) }
    batch.segmentCount += 1
  }
}

/// What one step reads: segments of a text, the reach of each centre's window, and negatives that a segment shares.
struct SegmentBatch: Sendable, Hashable {
  private let sizes: WordVectors.Sizes
  fileprivate(set) var segmentCount = 0
  /// `[G, S + 2 window]`: the centres with what surrounds them.
  fileprivate(set) var tokens: [Int32] = []
  /// `[G, S]` each: words of the window before and after each centre.
  fileprivate(set) var reachBack: [Int32] = []
  fileprivate(set) var reachAhead: [Int32] = []
  /// `[G, N]`.
  fileprivate(set) var negatives: [Int32] = []

  fileprivate init(_ sizes: WordVectors.Sizes) { self.sizes = sizes }

  /// Pairs of a centre and a context.
  var pairCount: Int { zip(reachBack, reachAhead).reduce(0) { $0 + Int($1.0 + $1.1) } }

  var tensors: [(name: String, tensor: HostTensor)] {
    let reach = Shape([sizes.segments, sizes.segmentLength])
    return [
      ("tokens", HostTensor(Shape([sizes.segments, sizes.slots]), tokens)),
      ("reach_back", HostTensor(reach, reachBack)), ("reach_ahead", HostTensor(reach, reachAhead)),
      ("negatives", HostTensor(Shape([sizes.segments, sizes.sharedNegatives]), negatives)),
    ]
  }
}
