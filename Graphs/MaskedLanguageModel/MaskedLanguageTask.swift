import Foundation
import Recurve

/// An encoder that learns to find the masked tokens of a text.
///
/// Sequences are windows of the text at random places, which may hold parts of several documents with `<end>` between them; what
/// is masked in them is drawn in the graph.
public final class MaskedLanguageTask: TrainingTask {
  public let maskedModel: MaskedLanguageModel
  public let vocabulary: BytePairVocabulary
  public let batchSize: Int
  /// Nil in a task that is opened to be used, without its text.
  private let windows: TokenWindows?
  private let unigramLoss: Measure?
  private var batch = 0

  static let vocabularyName = "vocabulary"
  private static let batchName = "batch"

  public var model: any Model { maskedModel }
  public var graphName: String { "masked-language-model" }
  public var preparesInputsAhead: Bool { true }
  public var hiddenSizes: [String: Int] { ["heads": maskedModel.sizes.heads] }

  /// - Parameter sizes: their vocabulary is the text's.
  /// - Throws: `TokenWindowError` for a text that is too short.
  public init(
    _ sizes: MaskedLanguageModel.Sizes, _ text: BytePairText, batch: Int, gradient: GradientMode = .full, seed: UInt64
  ) throws {
    vocabulary = text.vocabulary
    batchSize = batch
    windows = try TokenWindows(text, length: sizes.context, seed: seed)
    unigramLoss = Measure(name: "unigram_loss", value: text.unigramLoss, count: text.heldOutCount)
    maskedModel = MaskedLanguageModel(sizes.reading(text.vocabulary), batch: batch, gradient: gradient)
  }

  /// The model with its text as a command asks for it.
  ///
  /// - Parameter options: complete.
  convenience init(_ options: ModelOptions, text: BytePairText) throws {
    let sizes = try MaskedLanguageModel.Sizes(options, text.vocabulary)
    do {
      try self.init(
        sizes, text, batch: options.batch ?? 1, gradient: options.gradient ?? .full, seed: options.seed)
    } catch let error as TokenWindowError {
      throw TextFileError(path: options.dataPath ?? "the demonstration text", problem: "\(error)")
    }
  }

  /// The model of a run with the vocabulary that its checkpoint holds: the text is not needed to fill another one.
  init(opening run: TrainedRun) throws {
    guard let tensor = run.progress[Self.vocabularyName] else {
      throw MaskedLanguageError.noVocabulary(run.folder.checkpoint)
    }
    do { vocabulary = try BytePairVocabulary(tensor) } catch {
      throw CheckpointError(path: run.folder.checkpoint, problems: ["the vocabulary is none: \(error)"])
    }
    let options = try MaskedLanguageModel.family.completed(run.record.options)
    (windows, unigramLoss, batchSize) = (nil, nil, options.batch ?? 1)
    maskedModel = MaskedLanguageModel(
      try MaskedLanguageModel.Sizes(options, vocabulary), batch: batchSize, gradient: options.gradient ?? .full)
  }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    defer { batch += 1 }
    return [("tokens", try known().batch(batch, of: .training, count: batchSize).tokens)]
  }

  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    [("tokens", try known().batch(number, of: .validation, count: batchSize).tokens)]
  }

  private func known() throws -> TokenWindows {
    guard let windows else { throw MaskedLanguageError.noText }
    return windows
  }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    vocabulary.decode(inputs.first { $0.name == "tokens" }?.tensor.integers.prefix(maskedModel.sizes.context) ?? [])
  }

  /// The figures of the held-out text: windows side by side, each token once, all masked by the same draws for all weights.
  public func evaluation(
    of store: () throws -> ParameterStore, number: Int, _ options: CompilerOptions
  ) throws -> Evaluation? {
    let found = try HeldOutText(self, try store(), options).judged()
    let figures = [("loss", found.loss), ("perplexity", exp(found.loss)), ("masked_accuracy", found.accuracy)]
    let measures = figures.map { Measure(name: $0.0, value: $0.1, count: found.count) }
    return Evaluation(
      unit: "masked_tokens", count: found.count, measures: measures + (unigramLoss.map { [$0] } ?? []))
  }

  /// Sequences that are judged at once at most. Masks are drawn for a batch together: models trained by other batches would be judged
  /// on other ones.
  static let judgedAtOnce = 32

  /// Windows that lie side by side in the held-out text, in batches of one size.
  ///
  /// - Parameter count: batches at most, spread over the text; all without it.
  func heldOutBatches(atMost count: Int? = nil) throws -> [HostTensor] {
    let windows = try known()
    let all = windows.batches(in: .validation, size: Self.judgedAtOnce)
    let chosen = min(all.count, count ?? all.count)
    return (0..<chosen).map { windows.windows(from: all[$0 * all.count / chosen]).tokens }
  }

  /// Functions that commands look at beside the step.
  public var programs: [NamedProgram] {
    let (model, length) = (maskedModel, maskedModel.sizes.context)
    return [
      NamedProgram("fill", summary: "says what may stand at a place of a text") {
        model.filled($0, length: length, count: 1)
      }
    ]
  }

  // MARK: Checkpoints

  /// The next batch, and the vocabulary.
  public var progress: [String: HostTensor] {
    get { [Self.batchName: HostTensor([1], [Int32(clamping: batch)]), Self.vocabularyName: vocabulary.tensor] }
    set { batch = newValue[Self.batchName].map { Int($0.integers[0]) } ?? 0 }
  }

  public var meanings: [String] { [Self.vocabularyName] }
  public var judgesItself: Bool { true }
  public var judgesByNumber: Bool { false }

  public func problems(in progress: [String: HostTensor]) -> [String] {
    let batch = progress[Self.batchName].flatMap {
      $0.integers[0] < 0 ? "batch is \($0.integers[0]), needs at least 0" : nil
    }
    return [batch, progress[Self.vocabularyName].flatMap { vocabulary.problem(in: $0) }].compactMap { $0 }
  }
}

/// What a user got wrong about a text with masks.
public enum MaskedLanguageError: UsageError, Hashable, CustomStringConvertible {
  case noText
  case noVocabulary(String)
  case noMask(String)
  case length(found: Int, needed: Int)

  public var description: String {
    switch self {
    case .noText: "the model was opened without its text; needs its file with --data"
    case .noVocabulary(let path): "\(path) holds no vocabulary; needs a checkpoint of masked-language-model"
    case .noMask(let text): "'\(text)' has no \(FilledText.mask), needs one at least: a place to be filled"
    case .length(let found, let needed): "the text has \(found) tokens, the model sees at most \(needed)"
    }
  }
}
