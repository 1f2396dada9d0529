import DecoderTransformer
import Foundation
import Recurve

/// A transformer that learns to continue a text, token by token.
public final class CharacterTask: TextTask {
  public let vocabulary: any TextVocabulary
  public let training: NextToken
  public let batchSize: Int
  /// Nil in a task that is opened to be used, without its text.
  private let windows: TokenWindows?
  private var batch = 0

  public var model: any Model { training }
  public var hiddenSizes: [String: Int] {
    let start = training.gpt.sizes.documentStart.map { ["document_start": Int($0)] } ?? [:]
    return start.merging(["heads": training.gpt.sizes.heads]) { first, _ in first }
  }
  public var languageModel: any LanguageModel { training.gpt }
  public var context: Int { training.gpt.sizes.context }
  public var graphName: String { "character_gpt" }
  public var preparesInputsAhead: Bool { true }

  /// - Parameters:
  ///   - sizes: their vocabulary is the given one.
  ///   - windows: of the text, as long as the sizes' context; nil for a model that is not trained.
  public init(_ sizes: GPT.Sizes, _ vocabulary: any TextVocabulary, _ windows: TokenWindows?, batch: Int) {
    var sizes = sizes
    sizes.vocabulary = vocabulary.count
    (self.vocabulary, self.windows, batchSize) = (vocabulary, windows, batch)
    training = NextToken(GPT(sizes), batch: batch, countsSequences: false)
  }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    defer { batch += 1 }
    return try Self.named(known().batch(batch, of: .training, count: batchSize))
  }

  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    try Self.named(known().batch(number, of: .validation, count: batchSize))
  }

  private func known() throws -> TokenWindows {
    guard let windows else { throw CharacterGPTError.noText }
    return windows
  }

  private static func named(
    _ pair: (tokens: HostTensor, labels: HostTensor)
  ) -> [(name: String, tensor: HostTensor)] { [("tokens", pair.tokens), ("labels", pair.labels)] }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    let tokens = inputs.first { $0.name == "tokens" }?.tensor.integers.prefix(context) ?? []
    return vocabulary.decode(tokens)
  }

  /// Windows that are judged at once at most, whatever the batch of training: the same text for all.
  private static let judgedAtOnce = 32

  /// Windows of the part that is held out, side by side, each token once.
  public func heldOutInputs() throws -> [[(name: String, tensor: HostTensor)]] {
    let windows = try known()
    return windows.batches(in: .validation, size: Self.judgedAtOnce).map { Self.named(windows.windows(from: $0)) }
  }

  public func evaluation(
    of store: () throws -> ParameterStore, number: Int, _ options: CompilerOptions
  ) throws -> Evaluation? {
    let batches = try heldOutInputs()
    let training = NextToken(training.gpt, batch: batches[0][0].tensor.shape[0], countsSequences: false)
    let program = try store().program("held_out", weights: .averaged, options) { io in
      let step = training.step(io)
      return ["loss": step.loss, "token_accuracy": Self.accuracy(of: step)]
    }
    var (loss, accuracy) = (0.0, 0.0)
    for batch in batches {
      let results = try program(Dictionary(uniqueKeysWithValues: batch))
      loss += results["loss"]?.doubles[0] ?? .nan
      accuracy += results["token_accuracy"]?.doubles[0] ?? .nan
    }
    let (count, judged) = (Double(batches.count), batches.flatMap { $0[1].tensor.integers })
    return evaluation(loss / count, accuracy / count, TextLength(of: judged, in: vocabulary))
  }

  /// A loss in every unit, so that models of other tokens can be compared; by tokens alone where characters of the text are
  /// unknown, for what they were nobody had to find.
  private func evaluation(_ loss: Double, _ accuracy: Double, _ length: TextLength) -> Evaluation {
    func share(_ units: Int) -> Double { loss * Double(length.tokens) / Double(max(units, 1)) }
    let ofTokens = [("loss", loss), ("token_accuracy", accuracy), ("perplexity", exp(loss))].map {
      Measure(name: $0.0, value: $0.1, count: length.tokens)
    }
    if length.unknown > 0 {
      let unknown = Double(length.unknown) / Double(length.tokens)
      let note =
        "\(length.unknown) of \(length.tokens) tokens are \(SpecialToken.unknown), characters that the vocabulary has not: "
        + "there are no figures per word, byte and character, which would be of another text"
      return Evaluation(
        unit: "tokens", count: length.tokens,
        measures: ofTokens + [Measure(name: "unknown_share", value: unknown, count: length.tokens)], notes: note)
    }
    let figures = [
      ("perplexity_per_word", exp(share(length.words)), length.words),
      ("perplexity_per_byte", exp(share(length.bytes)), length.bytes),
      ("bits_per_byte", share(length.bytes) / log(2), length.bytes),
      ("bits_per_character", share(length.characters) / log(2), length.characters),
    ]
    return Evaluation(
      unit: "tokens", count: length.tokens,
      measures: ofTokens + figures.map { Measure(name: $0.0, value: $0.1, count: $0.2) })
  }

  private static func accuracy(of step: Step) -> Tensor { (step.metrics.first?.value as? Metric)?.mean ?? step.loss }

  // MARK: Checkpoints

  /// The next batch, and the vocabulary.
  public var progress: [String: HostTensor] {
    get { ["batch": HostTensor([1], [Int32(clamping: batch)]), "vocabulary": vocabulary.tensor] }
    set { batch = newValue["batch"].map { Int($0.integers[0]) } ?? 0 }
  }

  public var meanings: [String] { ["vocabulary"] }
  public var judgesItself: Bool { true }
  public var judgesByNumber: Bool { false }

  public func problems(in progress: [String: HostTensor]) -> [String] {
    let batch = progress["batch"].flatMap { $0.integers[0] < 0 ? "batch is \($0.integers[0]), needs at least 0" : nil }
    return [batch, progress["vocabulary"].flatMap { vocabulary.problem(in: $0) }].compactMap { $0 }
  }
}

/// What a user got wrong about a text.
public enum CharacterGPTError: UsageError, Hashable, CustomStringConvertible {
  case noData
  case noText
  case noVocabulary(String)

  public var description: String {
    switch self {
    case .noData: "character-gpt learns a text of yours; needs its file with --data"
    case .noText: "the model was opened without its text; needs its file with --data"
    case .noVocabulary(let path): "\(path) holds no vocabulary; needs a checkpoint of character-gpt"
    }
  }
}
