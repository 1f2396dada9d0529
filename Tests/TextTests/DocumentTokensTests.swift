import Foundation
import Recurve
import TestSupport
import Testing

/// Documents as tokens: nothing is joined, lost or there twice.
@Suite struct DocumentTokensTests {
  /// Documents of so many letters each, `a` for the first.
  private static func text(_ sizes: [Int], letters: String = "abcdefghijklmnopqrstuvwxyz") throws -> TextDocuments {
    try withTemporaryFolder { folder in
      for (number, size) in sizes.enumerated() {
        let letter = letters[letters.index(letters.startIndex, offsetBy: number)]
        let name = String(repeating: "0", count: number < 10 ? 1 : 0) + "\(number)"
        try Data(String(repeating: letter, count: size).utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).txt"))
      }
      return try TextDocuments(path: folder)
    }
  }

  /// Each document begins with an end, and the last before another one.
  @Test func documentsStandBetweenEnds() throws {
    let tokens = try DocumentTokens(Self.text([6, 3, 1]), minimumCount: 0)
    #expect(tokens.vocabulary.decode(tokens.training) == "<end>aaaaaa<end>bbb<end>")
    #expect(tokens.vocabulary.decode(tokens.validation) == "<end>c<end>")
    let pairs = try DocumentTokens(Self.text([8, 9, 2]), pairs: 258)
    #expect(pairs.vocabulary.count == 259 && pairs.vocabulary.number(ofSpecial: "<end>") == 258)
    #expect(pairs.vocabulary.decode(pairs.training) == "<end>aaaaaaaa<end>bbbbbbbbb<end>")
    #expect(pairs.vocabulary.decode(pairs.validation) == "<end>cc<end>")
    // One alone has no ends.
    let one = try DocumentTokens(Self.text([20]), minimumCount: 1)
    #expect(one.vocabulary.count == 2 && one.training.count + one.validation.count == 20)
  }

  /// Whole documents are held out where one begins near the border, parts elsewhere.
  @Test func aTenthIsHeldOut() throws {
    func counts(_ sizes: [Int]) throws -> [Int] {
      let tokens = try DocumentTokens(Self.text(sizes), minimumCount: 0)
      return [tokens.training.count, tokens.validation.count]
    }
    // The last document; the end behind each part is one token more.
    #expect(try counts([85, 15]) == [85 + 2, 15 + 2])
    #expect(try counts([40, 52, 4, 4]) == [40 + 52 + 3, 4 + 4 + 3])
    // No white space lies behind the border of the last document, which is trained on then.
    #expect(try counts([20, 80]) == [20 + 80 + 3, 0])
    let words = try withTemporaryFolder { (folder: String) throws in
      let path = folder + "/text.txt"
      let text = String(repeating: "ab ", count: 20) + "\n\n" + String(repeating: "cd ", count: 80)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return try DocumentTokens(TextDocuments(path: path, .blankLines), minimumCount: 0)
    }
    let (training, validation) = (words.vocabulary.decode(words.training), words.vocabulary.decode(words.validation))
    #expect(training.hasPrefix("<end>ab ab") && training.hasSuffix("cd cd") && training.contains("<end>cd cd"))
    #expect(validation.hasPrefix(" cd cd") && validation.hasSuffix("cd <end>") && validation.count >= 20)
  }

  /// The law of packing: windows side by side hold each token once, in its place.
  @Test(arguments: [3, 8, 21]) func windowsSideBySideHoldEachTokenOnce(_ length: Int) throws {
    let tokens = try DocumentTokens(Self.text([70, 40, 90, 60, 30, 40]), minimumCount: 0)
    let windows = try TokenWindows(tokens, length: length, seed: 1)
    for (part, own) in [(TokenWindows.Part.training, tokens.training), (.validation, tokens.validation)] {
      let found = windows.windows(from: windows.places(in: part))
      let count = (own.count - 1) / length * length
      #expect(found.tokens.integers == Array(own.prefix(count)))
      #expect(found.labels.integers == Array(own.dropFirst().prefix(count)))
      #expect(found.tokens.shape == [count / length, length] && count > own.count - 1 - length)
    }
  }

  /// Byte pairs of one document are those of its text, of several those between ends.
  @Test func bytePairsAreOfDocuments() throws {
    let text = String(repeating: "low lower lowest ", count: 30)
    let one = try BytePairText(TextDocuments(TextFile(text: text, path: "text")), tokens: 262)
    let same = try BytePairText(text, tokens: 262)
    #expect(one.training == same.training && one.validation == same.validation && one.hash == same.hash)
    #expect(one.vocabulary.merges == same.vocabulary.merges && one.vocabulary.special.isEmpty)
    #expect(one.heldOutCount == one.validation.count && one.unigramLoss == same.unigramLoss)
    let three = try BytePairText(Self.text([8, 9, 2]), tokens: 256)
    #expect(three.vocabulary.decode(three.training) == "<end>aaaaaaaa<end>bbbbbbbbb<end>")
    // Ends are neither counted nor asked for: one of 17 bytes and 256 tokens.
    #expect(three.validation.count == 4 && three.heldOutCount == 2)
    #expect(abs(three.unigramLoss - log(273)) < 1e-12)
  }

  /// Words of several texts are the words of each.
  @Test func textsAreEncodedApart() throws {
    let vocabulary = try BytePairVocabulary(of: "low low lower lower newest", count: 262, special: ["<end>"])
    let texts = ["low low", "", "er lower", " low\n"]
    #expect(vocabulary.encode(texts) == texts.map { vocabulary.encode($0) })
    #expect(vocabulary.encode(texts).map { vocabulary.decode($0) } == texts)
  }
}
