import Foundation
import Recurve
import TestSupport
import Testing

@Suite struct BytePairTests {
  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  private static let text =
    "low low low low low lower lower newest newest newest newest newest newest widest widest widest"

  /// The example of Sennrich et al. 2016, section 3.2, whose pairs this finds in the same order of frequency.
  @Test func pairsComeByFrequency() throws {
    let vocabulary = try BytePairVocabulary(of: Self.text, count: 262)
    let tokens = (256..<262).map { vocabulary.decode([Int32($0)]) }
    #expect(tokens == ["es", "est", "lo", "low", " n", " low"])
  }

  /// Against counting every pair of the whole text again for each token; without white space the text is one word, in which
  /// places of one sign overlap.
  @Test(arguments: [" ", "", "aaa", "abab"]) func countsAreThoseOfTheWholeText(_ separator: String) throws {
    let text = (0..<300).map { "ab\(($0 * 7) % 23)c\($0 % 5)d" }.joined(separator: separator)
    var words = text.split(separator: " ").enumerated().map { index, word in
      (index == 0 ? "" : " ").utf8.map(Int32.init) + word.utf8.map(Int32.init)
    }
    let vocabulary = try BytePairVocabulary(of: text, count: 300)
    for (index, merge) in vocabulary.merges.enumerated() {
      var counts: [[Int32]: Int] = [:]
      for word in words {
        for place in word.indices.dropLast() { counts[[word[place], word[place + 1]], default: 0] += 1 }
      }
      let most = counts.values.max() ?? 0
      let best = counts.filter { $0.value == most }.keys.min { ($0[0], $0[1]) < ($1[0], $1[1]) }
      #expect(best == [merge.first, merge.second] && most >= 2, "token \(256 + index)")
      words = words.map { word in
        var merged: [Int32] = []
        var place = 0
        while place < word.count {
          let isPair = place + 1 < word.count && word[place] == merge.first && word[place + 1] == merge.second
          merged.append(isPair ? Int32(256 + index) : word[place])
          place += isPair ? 2 : 1
        }
        return merged
      }
    }
    #expect(vocabulary.encode(text) == words.flatMap { $0 })
  }

  /// A text without white space is one word. Time that grew with the tokens as well as with the bytes would be minutes here.
  @Test func longWordsTakeNoLonger() throws {
    var state: UInt64 = 1
    let letters = (0..<1_000_000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(ascii: "a") + UInt8(state >> 60)
    }
    let text = String(decoding: letters, as: UTF8.self)
    let start = ContinuousClock.now
    let vocabulary = try BytePairVocabulary(of: text, count: 2000)
    let tokens = vocabulary.encode(text)
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(vocabulary.count == 2000 && tokens.count < 500_000 && vocabulary.decode(tokens) == text)
  }

  @Test func whoeverWaitsMayStop() throws {
    let text = Self.text
    var counts: [Int] = []
    let few = try BytePairVocabulary(of: text, count: 270) { count in
      counts.append(count)
      return count < 260
    }
    #expect(few.count == 260 && Set(counts) == Set(256...260))
    let vocabulary = try BytePairVocabulary(of: text, count: 270)
    #expect(vocabulary.encode(text) { false } == nil)
    #expect(vocabulary.encode(text) { true } == vocabulary.encode(text))
  }

  @Test func anyTextComesBack() throws {
    let vocabulary = try BytePairVocabulary(of: Self.text, count: 270)
    for text in ["", " ", "\n\n  a\tb\r\n", "lowest 👍🏽 naïve", "  low  lower ", String(repeating: "low ", count: 50)] {
      #expect(vocabulary.decode(vocabulary.encode(text)) == text)
    }
    #expect(vocabulary.encode("low low").count < 4)
    // No pair is there twice any more.
    #expect(try BytePairVocabulary(of: "abc", count: 300).count == 256)
  }

  @Test func filesReadBackAndOthersAreRefused() throws {
    try withTemporaryFolder { (folder: String) throws in
      let path = folder + "/vocabulary.txt"
      let vocabulary = try BytePairVocabulary(of: Self.text, count: 270)
      try vocabulary.write(to: path)
      #expect(try BytePairVocabulary(path: path).merges == vocabulary.merges)
      func refusal(_ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return error { try BytePairVocabulary(path: path) }.replacingOccurrences(of: folder + "/", with: "")
      }
      let header = "recurve byte pairs 1\n"
      let first = try refusal("abc")
      #expect(first == "vocabulary.txt:1: needs 'recurve byte pairs 1', the first line of a vocabulary")
      let words = try refusal(header + "1 x\n")
      #expect(words == "vocabulary.txt:2: got '1 x', needs the numbers of two tokens")
      let later = try refusal(header + "1 2\n3 257\n")
      #expect(later == "vocabulary.txt:3: got 3 257, needs two of the tokens 0..<257")
      let again = try refusal(header + "1 2\n1 2\n")
      #expect(again == "vocabulary.txt:3: got 1 2 again, needs each pair once")
      // A file of a few lines must not fill the memory.
      let doubled = (255..<290).map { "\($0) \($0)\n" }.joined()
      #expect(try refusal(header + doubled) == "vocabulary.txt:18: got a token of 131072 bytes, needs at most 65536")
    }
    #expect(error { try BytePairVocabulary(of: "a", count: 255) } == "got 255 tokens, needs 256 at least")
  }

  @Test func checkpointsHoldThem() throws {
    let vocabulary = try BytePairVocabulary(of: Self.text, count: 270)
    #expect(try BytePairVocabulary(vocabulary.tensor).merges == vocabulary.merges)
    #expect(vocabulary.tensor.shape == [vocabulary.count - 256, 2] && vocabulary.problem(in: vocabulary.tensor) == nil)
    let fewer = try BytePairVocabulary(of: Self.text, count: 260)
    #expect(
      vocabulary.problem(in: fewer.tensor)
        == "the vocabulary is another one: the checkpoint has 260 tokens, here are 270")
    let other = try BytePairVocabulary(of: "abab", count: 257)
    #expect(
      vocabulary.problem(in: other.tensor)
        == "the vocabulary is another one: token 256 is 'ab' in the checkpoint and 'es' here")
    #expect(
      vocabulary.problem(in: HostTensor([2], [1, 2] as [Int32]))
        == "the vocabulary is none: got i32[2], needs i32[n, 2], the two tokens that each is made of")
    #expect(
      vocabulary.problem(in: HostTensor([1, 2], [1, 256] as [Int32]))
        == "the vocabulary is none: got 1 256, needs two of the tokens 0..<256")
  }

  /// Nothing of the held-out tenth is known to the vocabulary, and no word is cut.
  @Test func textsAreCutBeforeTheyBecomeTokens() throws {
    let text = String(repeating: "low lower lowest ", count: 50) + String(repeating: "xyz ", count: 20)
    let parts = try BytePairText(text, tokens: 300)
    let (first, last) = (parts.vocabulary.decode(parts.training), parts.vocabulary.decode(parts.validation))
    #expect(first + last == text && last.utf8.count <= text.utf8.count / 10 && last.hasPrefix(" "))
    #expect(!(256..<parts.vocabulary.count).contains { parts.vocabulary.decode([Int32($0)]).contains("xy") })
    // No white space is left to cut at.
    #expect(try BytePairText("abcabcabcabc", tokens: 256).validation.isEmpty)
  }

  /// By hand: tokens that were never there have one chance in 18 + 256 each.
  @Test func unigramLossCountsTokens() throws {
    let longer = try BytePairText(String(repeating: "a", count: 18) + " b", tokens: 256)
    #expect(longer.training.count == 18 && longer.validation == [32, 98])
    #expect(abs(longer.unigramLoss - log(Double(18 + 256))) < 1e-12)
  }

  @Test func partsThatAreTooShortAreRefused() throws {
    let text = try BytePairText(String(repeating: "a b ", count: 50), tokens: 256)
    let counts = (text.training.count, text.validation.count)
    #expect(error { try TokenWindows(text, length: 9, seed: 0) } == "")
    #expect(
      error { try TokenWindows(text, length: 60, seed: 0) }
        == "the tenth of the text that is held out has \(counts.1) tokens, needs at least 61 for a sequence")
    #expect(
      error { try TokenWindows(text, length: 500, seed: 0) }
        == "what is not held out of the text has \(counts.0) tokens, needs at least 501 for a sequence")
  }
}
