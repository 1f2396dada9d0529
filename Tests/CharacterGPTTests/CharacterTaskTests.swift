import DecoderTransformer
import Foundation
import Recurve
import TestSupport
import Testing

@testable import CharacterGPT

@Suite struct CharacterTaskTests {
  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  private static func task(_ text: String, context: Int = 8, batch: Int = 2) throws -> CharacterTask {
    let sizes = GPT.Sizes(width: 16, layers: 1, heads: 2, inner: 32, vocabulary: 0, context: context)
    let vocabulary = try CharacterVocabulary(of: text)
    let windows = try TokenWindows(try vocabulary.encode(text), length: context, seed: 3)
    return CharacterTask(sizes, vocabulary, windows, batch: batch)
  }

  private static let text = String((0..<400).map { "abcdefgh\n"["abcdefgh\n".index("a".startIndex, offsetBy: $0 % 9)] })

  @Test func labelsAreWhatFollows() throws {
    let task = try Self.task(Self.text)
    let inputs = try task.inputs(after: nil)
    let (tokens, labels) = (inputs[0].tensor.integers, inputs[1].tensor.integers)
    #expect(inputs[0].tensor.shape == [2, 8])
    for row in 0..<2 { #expect(tokens[row * 8 + 1..<row * 8 + 8] == labels[row * 8..<row * 8 + 7]) }
    let again = try Self.task(Self.text)
    again.progress = task.progress
    #expect(try again.inputs(after: nil).map(\.tensor) == task.inputs(after: nil).map(\.tensor))
    #expect(try again.freshInputs(1).map(\.tensor) == task.freshInputs(1).map(\.tensor))
  }

  @Test func theLastTenthIsHeldOut() throws {
    let windows = try TokenWindows((0..<200).map { Int32($0) }, length: 4, seed: 1)
    #expect(windows.range(.training) == 0..<180 && windows.range(.validation) == 180..<200)
    for number in 0..<50 {
      let training = windows.batch(number, of: .training, count: 8)
      #expect(training.labels.integers.max() ?? 200 < 180)
      #expect(windows.batch(number, of: .validation, count: 8).tokens.integers.min() ?? 0 >= 180)
    }
    #expect(windows.places(in: .validation) == [180, 184, 188, 192])
  }

  @Test func heldOutTextIsJudged() throws {
    let task = try Self.task(Self.text)
    let store = try ParameterStore(task.model, seed: 1)
    let found = try #require(try task.evaluation(of: { store }, number: 0, CompilerOptions(workerCount: 1)))
    let means = Dictionary(uniqueKeysWithValues: found.measures.map { ($0.name, $0.value) })
    let loss = try #require(means["loss"])
    #expect(abs(loss - log(9)) < 1 && abs((means["perplexity"] ?? 0) - exp(loss)) < 1e-9)
    #expect(found.count == 32 && found.unit == "tokens")
    // Of one byte each; of nine the last ends a line and a word, and three such lie among 32.
    let (bits, byte) = (try #require(means["bits_per_byte"]), try #require(means["perplexity_per_byte"]))
    #expect(means["bits_per_character"] == bits && abs(bits - loss / log(2)) < 1e-9 && abs(byte - exp(loss)) < 1e-9)
    #expect(found.measures.first { $0.name == "perplexity_per_word" }?.count == 4)
  }

  /// Tokens of several bytes: the loss per byte stays comparable, the text and the checkpoint say which they are.
  @Test func bytePairsAreTokens() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/text.txt"
      try Data(String(repeating: "the cat sat on the mat, äh\n", count: 300).utf8).write(to: URL(fileURLWithPath: path))
      func task(_ vocabulary: String) throws -> CharacterTask {
        let options = ModelOptions(batch: 2, depth: 1, dataPath: path, settings: ["vocabulary": vocabulary])
        return try #require(try Characters.family.make(options) as? CharacterTask)
      }
      let (pairs, fewer) = (try task("270"), try task("262"))
      #expect(pairs.vocabulary.count == 270)
      let inputs = try pairs.inputs(after: nil)
      #expect(pairs.describe(inputs: inputs, results: [:]).contains("cat"))
      #expect(pairs.vocabulary.decode(try pairs.vocabulary.encode("the äh")) == "the äh")
      let store = try ParameterStore(pairs.model, seed: 1)
      let found = try #require(try pairs.evaluation(of: { store }, number: 0, CompilerOptions(workerCount: 1)))
      let counts = Dictionary(uniqueKeysWithValues: found.measures.map { ($0.name, $0.count) })
      let (bytes, characters) = (try #require(counts["bits_per_byte"]), try #require(counts["bits_per_character"]))
      #expect(found.count < characters && characters < bytes && counts["perplexity_per_word"] ?? 0 > 20)
      #expect(
        pairs.problems(in: fewer.progress)
          == ["the vocabulary is another one: the checkpoint has 262 tokens, here are 270"])
      #expect(
        error { try task("100") }
          == "setting vocabulary is '100', needs characters, or a number of byte pairs and bytes from 256 to 65536")
    }
  }

  @Test func otherVocabulariesAreRefused() throws {
    let (task, other) = (try Self.task(Self.text), try Self.task(Self.text.replacingOccurrences(of: "a", with: "z")))
    #expect(
      task.problems(in: other.progress) == [
        "the vocabulary is another one: the checkpoint has 'z', which is not here; 'a' is not in the checkpoint"
      ])
  }

  @Test func openedModelsHaveNoText() throws {
    let sizes = GPT.Sizes(width: 16, layers: 1, heads: 2, inner: 32, vocabulary: 0, context: 8)
    let task = CharacterTask(sizes, try CharacterVocabulary(of: Self.text), nil, batch: 2)
    #expect(
      error { try task.inputs(after: nil) } == "the model was opened without its text; needs its file with --data")
  }

  @Test func filesThatHoldNoTextAreRefused() throws {
    try withTemporaryFolder { (folder: String) throws in
      func make(_ bytes: [UInt8]) throws -> String {
        let path = folder + "/text.txt"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return error { try Characters.family.make(ModelOptions(dataPath: path)) }.replacingOccurrences(
          of: folder + "/", with: "")
      }
      #expect(try make([]) == "text.txt: is empty; needs text")
      #expect(
        try make(Array("ab\ncd".utf8) + [0xFF]) == "text.txt:2: byte 3 of the line is not UTF-8; needs text in UTF-8")
      #expect(try make([0xC3]) == "text.txt:1: byte 1 of the line is not UTF-8; needs text in UTF-8")
      #expect(
        try make(Array("short".utf8))
          == "text.txt: the text has 5 tokens, needs at least 650, so that the tenth that is held out has a sequence")
      #expect(try make(Array(repeating: 0, count: 2000)) == "text.txt: a vocabulary cannot have the character U+0000")
    }
    #expect(
      error { try Characters.family.make(ModelOptions(dataPath: "/nowhere/x")) }
        == "/nowhere/x: needed a text, found no file")
    #expect(
      error { try Characters.family.make(ModelOptions()) }
        == "character-gpt learns a text of yours; needs its file with --data")
  }
}
