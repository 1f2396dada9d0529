import Foundation
import Recurve
import TestSupport
import Testing

@testable import MaskedLanguageModel

/// Texts of several documents: what stands between them, what is asked for, and what stays as it is without.
@Suite struct DocumentsTests {
  private static let one = CompilerOptions(workerCount: 1)

  /// Documents of 27 characters, of which the last twenty are held out.
  private static let documents: [String] = (100..<300).map { "the cat \($0) sat on the mat\n" }

  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  private static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      for (number, text) in documents.enumerated() {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(number + 100).txt"))
      }
      return try body(folder)
    }
  }

  private static func options(_ path: String?, _ settings: [String: String]) throws -> ModelOptions {
    let all = ["vocabulary": "270"].merging(settings) { _, given in given }
    return try MaskedLanguageModel.family.completed(
      ModelOptions(preset: "demonstration", batch: 2, depth: 1, dataPath: path, settings: all))
  }

  private static func task(_ path: String?, _ settings: [String: String] = [:]) throws -> MaskedLanguageTask {
    try #require(try MaskedLanguageModel.family.make(options(path, settings)) as? MaskedLanguageTask)
  }

  @Test func filesOfAFolderStandBetweenEnds() throws {
    try Self.withFolder { folder in
      let task = try Self.task(folder)
      #expect(task.vocabulary.number(ofSpecial: "<end>") == 268)
      #expect(task.maskedModel.sizes.documentEnd == 268 && task.maskedModel.sizes.vocabulary == 270)
      #expect(task.maskedModel.sizes.summary.hasSuffix(", document end 268"))
      let held = try task.heldOutBatches().flatMap(\.integers)
      #expect(task.vocabulary.decode(held).hasPrefix("<end>the cat 280 sat on the mat\n<end>the cat 281"))
      let inputs = try task.inputs(after: nil)
      #expect(task.describe(inputs: inputs, results: [:]).contains("\n<end>the cat "))
      // Blanks may be filled by an end, and by all that there is.
      let store = try ParameterStore(task.model, seed: 1)
      let choices = try FilledText("the [MASK]", task, store, top: 1000, Self.one).blanks[0].choices
      #expect(choices.count == 270 && choices.count { $0.token == "<end>" } == 1)
    }
  }

  /// Ends stay where they are, none is asked for, and none comes up at random.
  @Test func endsAreNeitherMaskedNorDrawn() throws {
    try Self.withFolder { folder in
      let recipe = Recipe(steps: 8, learningRate: 0.01, warmUp: 2)
      let written = try MaskedBatches(Self.task(folder), recipe, ModelOptions()).tensors(
        steps: 8, heldOut: 2, Self.one)
      for part in ["inputs", "validation", "held_out"] {
        let labels = try #require(written["\(part).labels"]).integers
        #expect(!labels.contains(268) && !labels.contains(269), "\(part)")
      }
      let (again, masked) = (try Self.task(folder), try #require(written["inputs.tokens"]))
      for step in 0..<8 {
        let shown = try again.inputs(after: nil)[0].tensor.integers
        #expect(shown.contains(268))
        #expect(masked.slice(step).integers.map { $0 == 268 } == shown.map { $0 == 268 }, "step \(step)")
      }
    }
  }

  /// Frequencies are of what can be asked for, and of all of it that is held out.
  @Test func figuresSayWhatTheyAreOver() throws {
    try Self.withFolder { folder in
      let text = try MaskedLanguageModel.text(of: Self.options(folder, [:]))
      #expect(text.validation.count - text.heldOutCount == 21)
      let task = try Self.task(folder)
      let store = try ParameterStore(task.model, seed: 1)
      let found = try #require(try task.evaluation(of: { store }, number: 0, Self.one))
      let measures = Dictionary(uniqueKeysWithValues: found.measures.map { ($0.name, $0) })
      #expect(measures["unigram_loss"]?.count == text.heldOutCount && found.count >= 4096)
      #expect(measures["unigram_loss"]?.value == text.unigramLoss && measures["loss"]?.count == found.count)
    }
  }

  /// As every run has read its text before documents were told apart.
  @Test func oneTextIsWhatItWas() throws {
    try Self.withFolder { folder in
      let file = folder + "/text"
      try Data(Self.documents.joined().utf8).write(to: URL(fileURLWithPath: file))
      let joined = try TextDocuments(path: folder).text
      let texts: [(path: String?, settings: [String: String], text: String)] = [
        (file, [:], Self.documents.joined()), (folder, ["documents": "joined"], joined),
        (nil, [:], DemonstrationText.text),
      ]
      for (path, settings, text) in texts {
        let (task, bytePairs) = (try Self.task(path, settings), try BytePairText(text, tokens: 269))
        #expect(task.maskedModel.sizes.documentEnd == nil && task.vocabulary.special.isEmpty)
        #expect(!task.maskedModel.sizes.summary.contains("document"))
        let needed = try MaskedLanguageTask(task.maskedModel.sizes, bytePairs, batch: 2, seed: 0)
        #expect(task.progress == needed.progress)
        #expect(try task.inputs(after: nil).map(\.tensor) == needed.inputs(after: nil).map(\.tensor))
        #expect(try task.heldOutBatches() == needed.heldOutBatches())
      }
    }
  }

  @Test func whatCannotBeDividedIsRefused() throws {
    try Self.withFolder { folder in
      let file = folder + "/100.txt"
      #expect(
        error { try Self.task(file, ["documents": "---"]) }
          == "\(file): needed documents with lines '---' between them, found 1")
      #expect(
        error { try Self.task(file, ["documents": ""]) }
          == "setting documents is '', needs files, joined, blank-lines, or the line that stands between two documents")
      #expect(
        error { try Self.task(nil, ["documents": "blank-lines"]) }
          == "setting documents is 'blank-lines', needs files without --data, for the demonstration text is one document"
      )
      #expect(
        error { try Self.task(folder, ["vocabulary": "257"]) }
          == "setting vocabulary is '257', needs at least 258 for documents: 256 bytes, <end> and [MASK]")
      let (apart, joined) = (try Self.task(folder), try Self.task(folder, ["documents": "joined"]))
      #expect(apart.problems(in: joined.progress).first?.hasPrefix("the vocabulary is another one: ") == true)
    }
  }
}
