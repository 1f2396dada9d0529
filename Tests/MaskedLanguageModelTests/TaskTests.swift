import Foundation
import Recurve
import TestSupport
import Testing

@testable import MaskedLanguageModel

/// Texts, what is held out of them, and what is refused.
@Suite struct TaskTests {
  static let text: BytePairText = {
    do { return try BytePairText(String(DemonstrationText.text.prefix(20_000)), tokens: 300) } catch {
      preconditionFailure("\(error)")
    }
  }()

  static func task(batch: Int = 4, seed: UInt64 = 3, _ text: BytePairText = text) throws -> MaskedLanguageTask {
    let sizes = MaskedLanguageModel.Sizes(
      width: 8, heads: 2, inner: 8, depth: 1, vocabulary: text.vocabulary.count + 1, context: 16)
    return try MaskedLanguageTask(sizes, text, batch: batch, seed: seed)
  }

  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  /// Windows of training are pieces of the first part, those of evaluation the second part, each token once.
  @Test func heldOutTextIsNeverTrained() throws {
    let task = try Self.task()
    func contains(_ tokens: [Int32], _ window: ArraySlice<Int32>) -> Bool {
      tokens.indices.dropLast(window.count - 1).contains {
        tokens[$0] == window.first && tokens[$0..<$0 + window.count] == window
      }
    }
    for number in 0..<5 {
      let (shown, held) = (try task.inputs(after: nil)[0].tensor, try task.freshInputs(number)[0].tensor)
      #expect(shown.shape == [4, 16] && held.shape == [4, 16])
      for row in 0..<4 {
        #expect(contains(Self.text.training, shown.integers[row * 16..<(row + 1) * 16]))
        #expect(contains(Self.text.validation, held.integers[row * 16..<(row + 1) * 16]))
      }
    }
    let judged = try task.heldOutBatches().flatMap(\.integers)
    #expect(judged == Array(Self.text.validation.prefix(judged.count)) && judged.count >= 1000)
    let batches = try task.heldOutBatches()
    #expect(try task.heldOutBatches(atMost: 1).count == 1 && batches.allSatisfy { $0.shape == batches[0].shape })
    // No batch's worth is left out.
    #expect(batches[0].shape[0] <= 32 && Self.text.validation.count - judged.count <= 16 * (batches.count + 1))
  }

  @Test func heldOutTextIsJudged() throws {
    let task = try Self.task()
    let store = try ParameterStore(task.model, seed: 1)
    let options = CompilerOptions(workerCount: 1)
    let found = try #require(try task.evaluation(of: { store }, number: 0, options))
    let means = Dictionary(uniqueKeysWithValues: found.measures.map { ($0.name, $0.value) })
    let loss = try #require(means["loss"])
    #expect(abs(loss - log(301)) < 0.2 && abs((means["perplexity"] ?? 0) - exp(loss)) < 1e-9)
    #expect(found.unit == "masked_tokens" && found.count >= 4096)
    #expect(means["unigram_loss"] == Self.text.unigramLoss && Self.text.unigramLoss < log(300))
    // The same masks each time.
    #expect(try task.evaluation(of: { store }, number: 0, options) == found)
    // Nor do they follow from how many sequences a step has.
    let other = try Self.task(batch: 7)
    let same = try ParameterStore(other.model, seed: 1)
    #expect(try other.evaluation(of: { same }, number: 0, options) == found)
  }

  @Test func tasksGoOnFromTheirProgress() throws {
    let (task, again) = (try Self.task(), try Self.task())
    _ = try task.inputs(after: nil)
    again.progress = task.progress
    #expect(try task.inputs(after: nil).map(\.tensor) == again.inputs(after: nil).map(\.tensor))
    #expect(task.problems(in: task.progress).isEmpty)
  }

  @Test func otherVocabulariesAreRefused() throws {
    let task = try Self.task()
    let other = try Self.task(try BytePairText(String(repeating: "low lower lowest ", count: 60), tokens: 300))
    let problem = try #require(task.problems(in: other.progress).first)
    #expect(problem.hasPrefix("the vocabulary is another one: token 256 is '"))
    #expect(problem.contains(": token 256 is 'lo' in the checkpoint and '"))
    let broken = ["batch": HostTensor([1], [-1] as [Int32]), "vocabulary": HostTensor([1, 2], [300, 0] as [Int32])]
    #expect(
      task.problems(in: broken) == [
        "batch is -1, needs at least 0", "the vocabulary is none: got 300 0, needs two of the tokens 0..<256",
      ])
  }

  @Test func textsThatAreTooShortAreRefused() throws {
    try withTemporaryFolder { (folder: String) throws in
      func refusal(_ text: String) throws -> String {
        let path = folder + "/text.txt"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return error { try MaskedLanguageModel.family.make(ModelOptions(dataPath: path)) }
          .replacingOccurrences(of: folder + "/", with: "")
      }
      #expect(try refusal("") == "text.txt: is empty; needs text")
      #expect(
        try refusal("a b")
          == "text.txt: what is not held out of the text has 3 tokens, needs at least 129 for a sequence")
      let letters = (0..<200).map { "\($0)" }.joined(separator: " ")
      #expect(
        try refusal(letters).contains(
          #/^text.txt: the tenth of the text that is held out has \d+ tokens, needs at least 129 for a sequence$/#))
    }
    #expect(
      error { try MaskedLanguageModel.family.make(ModelOptions(settings: ["vocabulary": "256"])) }
        == "setting vocabulary is '256', needs a whole number from 257 to 1000000")
    #expect(
      error { try MaskedLanguageModel.Sizes(ModelOptions(preset: "text", depth: 5000), Self.text.vocabulary) }
        == "setting depth is '5000', needs a whole number from 1 to 1000")
    #expect(
      error { try MaskedLanguageModel.family.make(ModelOptions(variant: "bert", gradient: .last(1))) }
        == "setting gradient is 'last(1)', needs none, since bert repeats nothing")
  }

  // MARK: Blanks

  @Test func blanksAreFilled() throws {
    let (task, options) = (try Self.task(), CompilerOptions(workerCount: 1))
    let store = try ParameterStore(task.model, seed: 1)
    let filled = try FilledText("the [MASK] is [MASK]", task, store, top: 3, options)
    #expect(filled.blanks.count == 2 && filled.blanks.allSatisfy { $0.choices.count == 3 })
    for blank in filled.blanks {
      let numbers = blank.choices.map(\.probability)
      #expect(numbers == numbers.sorted(by: >) && numbers.allSatisfy { (0...1).contains($0) })
    }
    let all = try FilledText("the [MASK]", task, store, top: 1000, options).blanks[0].choices
    #expect(all.count == 301 && abs(all.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
    #expect(all.count { $0.token == "[MASK]" } == 1)
  }

  /// The space before a blank is its token's.
  @Test func blanksAreTokens() throws {
    let vocabulary = Self.text.vocabulary
    let mask = [Int32(vocabulary.count)]
    let tokens = FilledText.tokens(of: "the [MASK] of [MASK][MASK].", vocabulary)
    #expect(tokens == vocabulary.encode("the") + mask + vocabulary.encode(" of") + mask + mask + vocabulary.encode("."))
  }

  @Test func textsThatCannotBeFilledAreRefused() throws {
    let (task, options) = (try Self.task(), CompilerOptions(workerCount: 1))
    let store = try ParameterStore(task.model, seed: 1)
    func refusal(_ text: String) -> String { error { try FilledText(text, task, store, top: 5, options) } }
    #expect(refusal("the king") == "'the king' has no [MASK], needs one at least: a place to be filled")
    #expect(
      refusal(String(repeating: "[MASK]", count: 17)) == "the text has 17 tokens, the model sees at most 16")
  }
}
