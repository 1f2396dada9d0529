import Recurve

/// Word vectors with the text that they are learned from.
///
/// Inputs do not depend on results, so that the next ones are prepared while a step runs.
public final class WordVectorsTask: TrainingTask {
  public let sizes: WordVectors.Sizes
  public let model: any Model
  public let vocabulary: Vocabulary
  private var stream: SegmentStream
  /// Batches that no training sees in this order, for measurements.
  private let corpus: Corpus
  private let seed: UInt64
  /// The vocabulary as checkpoints hold it, so that vectors have names without the text.
  private let packedWords: HostTensor

  static let vocabularyName = "vocabulary"
  private static let placeName = "place"

  /// - Parameter sizes: of which the vocabulary is the corpus's.
  public init(_ corpus: Corpus, _ sizes: WordVectors.Sizes, seed: UInt64) {
    var sizes = sizes
    sizes.vocabulary = corpus.vocabulary.count
    self.sizes = sizes
    self.corpus = corpus
    self.seed = seed
    vocabulary = corpus.vocabulary
    model = WordVectors(sizes)
    let packed = PackedWords.packed(vocabulary.words)
    packedWords = HostTensor(Shape([packed.count]), packed)
    stream = SegmentStream(corpus, sizes, seed: seed)
  }

  public var graphName: String { "word-vectors" }
  /// Centres of a step.
  public var batchSize: Int { sizes.segments * sizes.segmentLength }
  /// Vectors are judged by what people say of words, not by text that was left out.
  public var holdsOutData: Bool { false }
  public var preparesInputsAhead: Bool { true }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    stream.next().tensors
  }

  /// The text in another order, with other windows and negatives.
  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    var other = SegmentStream(corpus, sizes, seed: ~seed)
    other.move(to: SegmentStream.Place(epoch: number))
    return other.next().tensors
  }

  /// How far the text has been read, in passes.
  public func measures(_ results: [String: HostTensor]) -> [Measure] {
    [Measure(name: "epoch", value: stream.passes, count: batchSize)]
  }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    "\(vocabulary.count) words, vectors of \(sizes.width) numbers; `recurve neighbours RUN WORD` shows what they learned"
  }

  /// Vectors without their words are nobody's.
  public var meanings: [String] { [Self.vocabularyName] }

  public var progress: [String: HostTensor] {
    get {
      [
        Self.placeName: HostTensor([2], [Int32(stream.place.epoch), Int32(stream.place.segment)]),
        Self.vocabularyName: packedWords,
      ]
    }
    set {
      guard let place = newValue[Self.placeName]?.integers, place.count == 2 else { return }
      stream.move(to: SegmentStream.Place(epoch: Int(place[0]), segment: Int(place[1])))
    }
  }

  public func problems(in progress: [String: HostTensor]) -> [String] {
    var problems: [String] = []
    if let words = progress[Self.vocabularyName], words != packedWords {
      problems.append("\(Self.vocabularyName) has other words than the text")
    }
    if let wrong = progress[Self.placeName]?.integers.first(where: { $0 < 0 }) {
      problems.append("\(Self.placeName) holds \(wrong), needs at least 0")
    }
    return problems
  }
}
