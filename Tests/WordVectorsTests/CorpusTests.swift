import Foundation
import Recurve
import Testing

@testable import WordVectors

/// Texts as numbers of words, and texts that cannot be learned from.
@Suite struct CorpusTests {
  private func corpus(_ text: String, minimumCount: Int = 1) throws -> Corpus {
    try Corpus(TextFile(text: text, path: "text.txt"), minimumCount: minimumCount)
  }

  @Test func wordsAreLowerCasedAndCounted() throws {
    let corpus = try corpus("The cat\tsaw THE Dog\n\n  \nÄpfel äpfel the\r\n")
    #expect(corpus.vocabulary.words == ["the", "äpfel", "cat", "dog", "saw"])
    #expect(corpus.vocabulary.counts == [3, 2, 1, 1, 1])
    #expect(corpus.tokens == [0, 2, 4, 0, 3, 1, 1, 0])
    #expect(corpus.lineStarts == [0, 5, 8])
    #expect(corpus.vocabulary["dog"] == 3 && corpus.vocabulary["Dog"] == nil)
  }

  @Test func rareWordsAreLeftOut() throws {
    let corpus = try corpus("a b a\nc\nb b a d", minimumCount: 3)
    #expect(corpus.vocabulary.words == ["a", "b"])
    #expect(corpus.tokens == [0, 1, 0, 1, 1, 0])
    // The line that has nothing left is gone.
    #expect(corpus.lineStarts == [0, 3, 6])
    #expect(corpus.readCount == 8)
  }

  @Test func manyWordsFindTheirPlaces() throws {
    let words = (0..<20_000).map { "w\($0)" }
    let corpus = try corpus((words + words.reversed()).joined(separator: " "))
    #expect(corpus.vocabulary.count == 20_000 && corpus.vocabulary.counts.allSatisfy { $0 == 2 })
    #expect(corpus.tokens.map { corpus.vocabulary.words[Int($0)] } == words + words.reversed())
  }

  @Test func textsThatCannotBeAreRefused() throws {
    func message(_ text: String, minimumCount: Int = 1) -> String? {
      #expect(throws: CorpusError.self) { try corpus(text, minimumCount: minimumCount) }?.description
    }
    #expect(
      message("a b a", minimumCount: 2)
        == "text.txt: needed at least 2 words that are there 2 times, found 1 of 2 words, of which the most frequent "
        + "one is there 2 times; a lower minimum-count takes more")
    #expect(message(" \n\n")?.contains("found 0 of 0 words") == true)
  }

  @Test func checkpointsHoldWords() {
    let words = ["the", "äpfel", "<unk>", "x"]
    #expect(PackedWords.unpacked(PackedWords.packed(words)) == words)
    #expect(PackedWords.unpacked([]) == [])
  }

  /// Every word of the text of our own is there often enough to be learned.
  @Test func demonstrationTextIsAlwaysTheSame() throws {
    let corpus = try corpus(DemonstrationText.text)
    #expect((2_000...40_000).contains(corpus.tokens.count))
    #expect(corpus.vocabulary.counts.allSatisfy { $0 >= 10 })
    for word in ["king", "queen", "man", "woman", "paris", "france", "dog"] { #expect(corpus.vocabulary[word] != nil) }
  }
}
