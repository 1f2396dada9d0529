import Foundation
import Recurve
import TestSupport
import Testing

/// Tokens that no text spells, and the one that stands for what a vocabulary has not.
@Suite struct SpecialTokenTests {
  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  /// There and back: what is known comes back as it was, what is not as what stands for it, wherever the vocabulary has been.
  @Test func unknownCharactersGoThereAndBack() throws {
    let text = "abcabcab é"
    let vocabulary = try CharacterVocabulary(of: [text], special: [SpecialToken.unknown], minimumCount: 2)
    #expect(vocabulary.characters == ["a", "b", "c"] && vocabulary.count == 4)
    let restored = try CharacterVocabulary(vocabulary.tensor)
    #expect(restored == vocabulary)
    for own in [vocabulary, restored] {
      let tokens = try own.encode("cab é\n")
      #expect(tokens == [2, 0, 1, 3, 3, 3] && own.decode(tokens) == "cab<unk><unk><unk>")
    }
    // The name spells characters, and not the token.
    #expect(try vocabulary.encode("<unk>") == [3, 3, 3, 3, 3])
    let plain = try CharacterVocabulary(of: "abc")
    #expect(error { try plain.encode("d") }.contains("is not among the 3 tokens of the vocabulary"))
    #expect(
      plain.problem(in: vocabulary.tensor)
        == "the vocabulary is another one: the checkpoint has '<unk>', which is not here")
  }

  @Test func lengthsCountWhatTextsHave() throws {
    let vocabulary = try CharacterVocabulary(of: ["aé "], special: [SpecialToken.unknown, SpecialToken.end])
    let (end, unknown) = (
      try #require(vocabulary.number(ofSpecial: "<end>")), try #require(vocabulary.number(ofSpecial: "<unk>"))
    )
    let tokens = try vocabulary.encode("aé a") + [end] + vocabulary.encode("a") + [unknown]
    let length = TextLength(of: tokens, in: vocabulary)
    #expect(length.tokens == 7 && length.bytes == 6 && length.characters == 5 && length.words == 3)
    #expect(length.unknown == 1)
    #expect(vocabulary.bytes(of: end).isEmpty && vocabulary.decode(tokens) == "aé a<end>a<unk>")
  }

  @Test func bytePairsHaveSpecialTokens() throws {
    let vocabulary = try BytePairVocabulary(of: "low low lower", count: 258, special: ["<end>", "<päd>"])
    #expect(vocabulary.count == 260 && vocabulary.number(ofSpecial: "<päd>") == 259)
    #expect(vocabulary.number(ofSpecial: "<unk>") == nil && vocabulary.bytes(of: 258).isEmpty)
    // Their names are spelled by bytes.
    #expect(vocabulary.encode("<end>").count == 5 && vocabulary.decode([258, 259]) == "<end><päd>")
    let restored = try BytePairVocabulary(vocabulary.tensor)
    #expect(restored.special == vocabulary.special && restored.merges == vocabulary.merges)
    #expect(vocabulary.problem(in: vocabulary.tensor) == nil)
    let plain = try BytePairVocabulary(of: "low low lower", count: 258)
    #expect(
      plain.problem(in: vocabulary.tensor)
        == "the vocabulary is another one: special tokens are <end> <päd> in the checkpoint and none here")
    #expect(
      plain.problem(in: HostTensor([2, 2], [-1, 60, 5, 60] as [Int32]))
        == "the vocabulary is none: got 5 60, needs -1 or -2 and a character of a special token")
    #expect(
      error { try BytePairVocabulary([], special: ["<end>", "<end>"]) }
        == "got special tokens [\"<end>\", \"<end>\"], needs names of one line, each once")
  }

  @Test func filesHoldSpecialTokens() throws {
    try withTemporaryFolder { (folder: String) throws in
      let path = folder + "/vocabulary.txt"
      let vocabulary = try BytePairVocabulary(of: "low low lower", count: 258, special: ["<end>", "< pad >"])
      try vocabulary.write(to: path)
      let restored = try BytePairVocabulary(path: path)
      #expect(restored.special == vocabulary.special && restored.merges == vocabulary.merges)
      func refusal(_ text: String) throws -> String {
        try Data("recurve byte pairs 1\n\(text)".utf8).write(to: URL(fileURLWithPath: path))
        return error { try BytePairVocabulary(path: path) }.replacingOccurrences(of: folder + "/", with: "")
      }
      #expect(
        try refusal("1 2\nspecial <end>\n3 4\n") == "vocabulary.txt:4: got '3 4', needs 'special ' and a name")
      #expect(
        try refusal("special a\nspecial a\n")
          == "vocabulary.txt: got special tokens [\"a\", \"a\"], needs names of one line, each once")
    }
  }
}
