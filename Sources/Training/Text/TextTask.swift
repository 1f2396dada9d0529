import TensorTypes
import Training

/// A task whose model continues texts, for commands that do.
public protocol TextTask: TrainingTask {
  var vocabulary: CharacterVocabulary { get }
  var languageModel: any LanguageModel { get }
  /// Positions that the model was trained on.
  var context: Int { get }
}
