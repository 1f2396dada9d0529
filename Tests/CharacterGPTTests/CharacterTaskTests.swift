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
    return try CharacterTask(sizes, try CharacterVocabulary(of: text), text: text, batch: batch, seed: 3)
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
    #expect(found.count == 32 && found.unit == "characters")
  }

  @Test func otherVocabulariesAreRefused() throws {
    let (task, other) = (try Self.task(Self.text), try Self.task(Self.text.replacingOccurrences(of: "a", with: "z")))
    #expect(task.problems(in: other.progress) == ["the vocabulary is another one: it has 'a', it lacks 'z'"])
  }

  @Test func openedModelsHaveNoText() throws {
    let sizes = GPT.Sizes(width: 16, layers: 1, heads: 2, inner: 32, vocabulary: 0, context: 8)
    let task = try CharacterTask(sizes, try CharacterVocabulary(of: Self.text), text: nil, batch: 2, seed: 3)
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
