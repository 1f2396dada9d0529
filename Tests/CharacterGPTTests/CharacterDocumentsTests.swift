import Foundation
import Recurve
import TestSupport
import Testing

@testable import CharacterGPT

/// A text of documents, and one with characters that are unknown, as commands ask for them.
@Suite struct CharacterDocumentsTests {
  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  private static func task(_ path: String, _ settings: [String: String]) throws -> CharacterTask {
    let options = ModelOptions(batch: 2, depth: 1, dataPath: path, settings: settings)
    return try #require(try Characters.family.make(options) as? CharacterTask)
  }

  private static let options = CompilerOptions(workerCount: 1)

  private static func evaluation(_ task: CharacterTask) throws -> Evaluation {
    let store = try ParameterStore(task.model, seed: 1)
    return try #require(try task.evaluation(of: { store }, number: 0, options))
  }

  /// Documents of 27 characters, of which the last twenty are held out.
  private static let documents: [String] = (100..<300).map { "the cat \($0) sat on the mat\n" }

  private static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      for (number, text) in documents.enumerated() {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(number + 100).txt"))
      }
      return try body(folder)
    }
  }

  @Test(arguments: ["characters", "270"]) func foldersAreDocuments(_ vocabulary: String) throws {
    try Self.withFolder { folder in
      let settings = ["vocabulary": vocabulary, "attention": "document"]
      let task = try Self.task(folder, settings)
      let end = try #require(task.vocabulary.number(ofSpecial: "<end>"))
      #expect(task.training.gpt.sizes.documentStart == end && task.hiddenSizes["document_start"] == Int(end))
      let inputs = try task.inputs(after: nil)
      #expect(inputs[0].tensor.integers.contains(end))
      #expect(task.describe(inputs: inputs, results: [:]).contains("<end>the cat"))
      let held = try task.heldOutInputs().flatMap { $0[0].tensor.integers }
      #expect(task.vocabulary.decode(held).hasPrefix("<end>the cat 280 sat on the mat\n<end>the cat 281"))
      let names = try Self.evaluation(task).measures.map(\.name)
      #expect(names.contains("perplexity_per_word") && names.contains("bits_per_byte"))
      // Positions look at all of the sequence where nothing else is asked for.
      let sequence = try Self.task(folder, ["vocabulary": vocabulary])
      #expect(sequence.training.gpt.sizes.documentStart == nil && sequence.hiddenSizes.count == 1)
      #expect(sequence.vocabulary.number(ofSpecial: "<end>") == end)
      #expect(task.problems(in: sequence.progress).isEmpty)
      // One text where that is asked for.
      let joined = try Self.task(folder, ["vocabulary": vocabulary, "documents": "joined"])
      #expect(joined.vocabulary.number(ofSpecial: "<end>") == nil)
      let text = joined.vocabulary.decode(try joined.heldOutInputs().flatMap { $0[0].tensor.integers })
      #expect(text.contains("sat on the mat\n\nthe cat 29"))
    }
  }

  @Test func filesAreDivided() throws {
    try withTemporaryFolder { (folder: String) throws in
      let path = folder + "/text.txt"
      try Data(Self.documents.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
      let task = try Self.task(path, ["documents": "blank-lines"])
      let held = try task.heldOutInputs().flatMap { $0[0].tensor.integers }
      #expect(task.vocabulary.decode(held).hasPrefix("<end>the cat 280 sat on the mat<end>the cat 281"))
      #expect(try Self.task(path, [:]).vocabulary.number(ofSpecial: "<end>") == nil)
      #expect(
        error { try Self.task(path, ["documents": "---"]) }
          == "\(path): needed documents with lines '---' between them, found 1")
      #expect(
        error { try Self.task(path, ["documents": ""]) }
          == "setting documents is '', needs files, joined, blank-lines, or the line that stands between two documents")
      #expect(
        error { try Self.task(path, ["attention": "document"]) }
          == "setting attention is 'document', needs a text of more than one document: a folder of files, or the "
          + "setting documents")
    }
  }

  @Test func unknownCharactersAreOneToken() throws {
    try withTemporaryFolder { (folder: String) throws in
      let path = folder + "/text.txt"
      let text = String(repeating: "the cat sat\n", count: 100) + "Z" + String(repeating: " a mat, é", count: 40)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let task = try Self.task(path, ["unknown": "2"])
      let (vocabulary, unknown) = (task.vocabulary, try #require(task.vocabulary.number(ofSpecial: "<unk>")))
      #expect(try vocabulary.encode("Z?t").prefix(2) == [unknown, unknown])
      #expect(vocabulary.decode(try vocabulary.encode("a Z")) == "a <unk>")
      // Those of the held-out tenth, which has characters of its own, are told of, and are not judged as if they were known.
      let rare = try Self.task(path, ["unknown": "50"])
      let found = try Self.evaluation(rare)
      let names = found.measures.map(\.name)
      #expect(names == ["loss", "token_accuracy", "perplexity", "unknown_share"])
      let note = "there are no figures per word, byte and character, which would be of another text"
      #expect(found.notes.hasSuffix(" tokens are <unk>, characters that the vocabulary has not: \(note)"))
      #expect(rare.problems(in: task.progress).first?.hasPrefix("the vocabulary is another one: ") == true)
      let plain = try Self.task(path, [:])
      #expect(error { try plain.vocabulary.encode("?") }.contains("'?' (U+003F) is not among the"))
      #expect(
        error { try Self.task(path, ["unknown": "1", "vocabulary": "270"]) }
          == "setting unknown is '1', needs 0 where tokens are byte pairs, for bytes spell every character")
    }
  }
}
