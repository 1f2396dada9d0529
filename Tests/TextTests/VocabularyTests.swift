import Recurve
import Testing

@Suite struct VocabularyTests {
  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  @Test func textsGoThereAndBack() throws {
    let vocabulary = try CharacterVocabulary(of: "naïve\ncafé 👍🏽", special: ["<end>"])
    let text = "café\nvae 👍🏽"
    #expect(vocabulary.decode(try vocabulary.encode(text)) == text)
    let end = try #require(vocabulary.number(ofSpecial: "<end>"))
    #expect(Int(end) == vocabulary.count - 1 && vocabulary.decode([end, 99]) == "<end>\u{FFFD}")
    #expect(vocabulary.number(ofSpecial: "<pad>") == nil)
  }

  @Test func checkpointsHoldIt() throws {
    let vocabulary = try CharacterVocabulary(of: "0123=", special: ["<end>", "<pad>"])
    #expect(try CharacterVocabulary(vocabulary.tensor) == vocabulary)
    let other = try CharacterVocabulary(of: "0123+=", special: ["<end>"])
    #expect(vocabulary.difference(from: vocabulary) == nil)
    #expect(
      vocabulary.difference(from: other)
        == "the checkpoint has '+', which is not here; '<pad>' is not in the checkpoint")
    let letters = try CharacterVocabulary(of: "abcdefghij=")
    #expect(
      letters.problem(in: vocabulary.tensor)
        == "the vocabulary is another one: the checkpoint has '0' '1' '2' '3' '<end>' '<pad>', which are not here; "
        + "'a' 'b' 'c' 'd' 'e' 'f' 'g' 'h' and 2 more are not in the checkpoint")
    let turned = try CharacterVocabulary(["1", "0"])
    #expect(
      try turned.difference(from: CharacterVocabulary(["0", "1"])) == "the checkpoint has its tokens in another order")
    #expect(
      error { try CharacterVocabulary(HostTensor([1], [-4] as [Int32])) }
        == "a vocabulary's characters are Unicode scalars, got -4")
    #expect(
      error { try CharacterVocabulary(HostTensor([2], [48, 49.5] as [Float])) }
        == "got f32[2], needs i32[n], the characters' code points")
    #expect(
      vocabulary.problem(in: HostTensor([1, 1], [48] as [Int32]))
        == "the vocabulary is none: got i32[1, 1], needs i32[n], the characters' code points")
  }

  @Test func unknownCharactersAreNamedWithTheirPlace() throws {
    let vocabulary = try CharacterVocabulary(of: "abc\n")
    #expect(
      error { try vocabulary.encode("ab\nxc") }
        == "line 2, column 1: 'x' (U+0078) is not among the 4 tokens of the vocabulary")
    #expect(
      error { try vocabulary.encode("aB") }
        == "line 1, column 2: 'B' (U+0042) is not among the 4 tokens of the vocabulary; there is 'b' (U+0062)")
    #expect(error { try vocabulary.encode("\t") }.hasPrefix("line 1, column 1: U+0009 is not among"))
  }

  @Test func whatIsNoVocabularyIsRefused() {
    #expect(error { try CharacterVocabulary(of: "") } == "a vocabulary needs at least one character, got none")
    #expect(error { try CharacterVocabulary(["a", "a"]) } == "a vocabulary has each token once, got 'a' again")
    #expect(error { try CharacterVocabulary(of: "a\0") } == "a vocabulary cannot have the character U+0000")
  }
}
