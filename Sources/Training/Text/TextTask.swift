import TensorTypes
import Training

/// A task whose model continues texts, for commands that do.
public protocol TextTask: TrainingTask {
  var vocabulary: any TextVocabulary { get }
  var languageModel: any LanguageModel { get }
  /// Positions that the model was trained on.
  var context: Int { get }
}

extension TextTask {
  /// What decoding runs, for one text at a time.
  public var programs: [NamedProgram] {
    let (model, capacity) = (languageModel, context)
    return [
      NamedProgram("prefill", summary: "reads a prompt into a cache of keys and values") {
        Decoder.prefill(model, $0, batchSize: 1, capacity: capacity)
      },
      NamedProgram("decode", summary: "adds one token to the cache and says what follows") {
        Decoder.decode(model, $0, batchSize: 1, capacity: capacity)
      },
    ]
  }
}
