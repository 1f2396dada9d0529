import ArgumentParser
import Interchange
import Recurve

/// The words and vectors of a trained run.
struct LearnedWords {
  let space: WordSpace
  let run: String

  /// Reads the newest checkpoint of a run's folder, or the checkpoint itself; the text that it was trained on is not needed.
  ///
  /// - Throws: `LearnedWordsError` for what holds no word vectors, `SafetensorsError` for a file that cannot be read.
  init(_ path: String) throws {
    let folder = RunFolder(path)
    if !folder.holdsCheckpoint && !path.hasSuffix(".safetensors") {
      throw folder.holdsRecord ? LearnedWordsError.noCheckpoint(path) : .noRun(path)
    }
    let file = try SafetensorsFile(path: folder.holdsCheckpoint ? folder.checkpoint : path).tensors
    guard let packed = file["task.\(WordVectorsTask.vocabularyName)"], packed.elementType == .int32,
      let vectors = ParameterStore.numbers(in: file, .averaged)[WordVectors.vectorsPath]?.tensor,
      vectors.elementType == .float32, vectors.shape.rank == 2
    else { throw LearnedWordsError.otherModel(path) }
    let words = PackedWords.unpacked(packed.integers)
    guard words.count == vectors.shape[0], words.count >= 2, vectors.shape[1] >= 1 else {
      throw LearnedWordsError.wrongCount(path, words: words.count, rows: vectors.shape[0])
    }
    if let problem = vectors.notFinite(allowsInfinity: false) { throw LearnedWordsError.notFinite(path, problem) }
    space = WordSpace(words: words, vectors: vectors)
    run = path
  }
}

/// What keeps a path from being word vectors.
enum LearnedWordsError: UsageError, Hashable, CustomStringConvertible {
  case noRun(String)
  case noCheckpoint(String)
  case otherModel(String)
  case wrongCount(String, words: Int, rows: Int)
  case notFinite(String, String)

  var isUsage: Bool {
    switch self {
    case .noRun, .otherModel: true
    case .noCheckpoint, .wrongCount, .notFinite: false
    }
  }

  var description: String {
    switch self {
    case .noRun(let path): "\(path) is no run; needs the folder that `recurve train word-vectors` has made"
    case .noCheckpoint(let path):
      "\(path) has no checkpoint yet; continue the run with `\(RunFolder(path).resumeCommand)`"
    case .otherModel(let path): "\(path) holds no word vectors; needs a run of `recurve train word-vectors`"
    case .wrongCount(let path, let words, let rows): "\(path) has \(words) words and \(rows) vectors, needs as many"
    case .notFinite(let path, let problem): "\(path): a vector \(problem)"
    }
  }
}

/// The argument that all commands about word vectors begin with.
struct RunArgument: ParsableArguments {
  @Argument(help: "Folder of `recurve train word-vectors`, or a checkpoint of it.") var run: String

  func learned() throws -> LearnedWords { try LearnedWords(run) }
}
