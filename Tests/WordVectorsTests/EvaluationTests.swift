import Foundation
import Recurve
import TestSupport
import Testing

@testable import WordVectors

/// Neighbours, analogies, files of questions and pictures of a small space.
@Suite struct EvaluationTests {
  private static let space = WordSpace(
    words: ["man", "king", "woman", "queen", "stone"],
    vectors: HostTensor([5, 3], [Float(1), 0, 0, 2, 2, 0, 1, 0, 1, 2, 2, 2, 0, 0, -1]))

  @Test func ranksShareWhatIsEqual() {
    #expect(RankCorrelation.ranks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
    #expect(abs(RankCorrelation.spearman([1, 2, 3, 4], [10, 20, 40, 30]) - 0.8) < 1e-12)
    // scipy.stats.spearmanr([1, 2, 2, 3, 5], [5, 6, 7, 8, 7])
    #expect(abs(RankCorrelation.spearman([1, 2, 2, 3, 5], [5, 6, 7, 8, 7]) - 0.763_157_894_736_842) < 1e-9)
    #expect(RankCorrelation.spearman([1, 1], [1, 2]).isNaN && RankCorrelation.spearman([], []).isNaN)
  }

  @Test func neighboursAreTheNearestByAngle() throws {
    let found = try Self.space.neighbours(of: "King", count: 2)
    #expect(found.map(\.word) == ["queen", "man"])
    #expect(abs(found[0].cosine - 8 / (8.0.squareRoot() * 12.0.squareRoot())) < 1e-6)
    #expect(try Self.space.neighbours(of: "man", count: 100).count == 4)
    #expect(try Self.space.analogy("man", "king", "woman", count: 1).map(\.word) == ["queen"])
  }

  @Test func unknownWordsAreRefusedWithNearOnes() throws {
    func message(_ word: String) -> String? {
      #expect(throws: UnknownWordError.self) { try Self.space.neighbours(of: word, count: 1) }?.description
    }
    #expect(message("quene") == "the vocabulary has no word 'quene'; it has queen")
    #expect(message("wmoan") == "the vocabulary has no word 'wmoan'; it has woman")
    #expect(message("zzzzzz") == "the vocabulary has no word 'zzzzzz', nor one that is spelled like it")
    #expect(message("") == "the vocabulary has no word '', nor one that is spelled like it")
  }

  @Test func questionsAreRead() throws {
    let pairs = "# comment\nWord 1,Word 2,Human (mean)\nlove,sex,6.77\nTiger\tcat\t7.35\n\n"
    #expect(
      try QuestionFile(pairs, path: "f")
        == .similarities([
          .init(first: "love", second: "sex", score: 6.77), .init(first: "tiger", second: "cat", score: 7.35),
        ]))
    let analogies = ": capital world\nAthens Greece Oslo Norway\n: empty\n"
    #expect(
      try QuestionFile(analogies, path: "f")
        == .analogies([.init(name: "capital world", questions: [["athens", "greece", "oslo", "norway"]])]))
    #expect(
      try QuestionFile("man king woman queen", path: "f")
        == .analogies([.init(name: "all", questions: [["man", "king", "woman", "queen"]])]))
    #expect(
      try QuestionFile(": digits\none 1 two 2\n", path: "f")
        == .analogies([.init(name: "digits", questions: [["one", "1", "two", "2"]])]))
    // Of every file.
    try withTemporaryFolder { folder in
      let path = folder + "/pairs.txt"
      try "\u{FEFF}a b 1\n".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try QuestionFile(path: path) == .similarities([.init(first: "a", second: "b", score: 1)]))
      try "\u{FEFF}".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: TextFileError.self) { try TextFile(path: path) }
    }
  }

  @Test func questionsThatAreNoneAreRefused() throws {
    func message(_ text: String) -> String? {
      #expect(throws: QuestionFileError.self) { try QuestionFile(text, path: "f") }?.description
    }
    #expect(message("") == "f:1: needed pairs with scores or analogies, found none")
    #expect(message("a b 1\nc d\n") == "f:2: needed two words and a number, found 'c d'")
    #expect(message("a b 1\nc d nan\n") == "f:2: needed two words and a number, found 'c d nan'")
    #expect(message(": s\na b c\n") == "f:2: needed four words, found 'a b c'")
    #expect(message("a\tb\t1\nking\tqueen\t8,5\n") == "f:2: needed two words and a number, found 'king queen 8,5'")
    #expect(message("a b 1\nking queen 8,5\n") == "f:2: needed two words and a number, found 'king queen 8,5'")
    #expect(message("word1 word2 POS score\nold new A 1.58\n") == "f:2: needed four words, found 'old new a 1.58'")
    // The first line is no heading where it has a score.
    for (line, found) in [
      ("tiger\tcat\t7,35", "tiger cat 7,35"), ("tiger cat 7,35", "tiger cat 7,35"),
      ("New York\tcity\t7.0", "new york city 7.0"), ("New York\tcity\t7,0", "new york city 7,0"),
      ("tiger\tcat\tnan", "tiger cat nan"),
    ] {
      #expect(message(line + "\nc d 1\n") == "f:1: needed two words and a number, found '\(found)'")
    }
    #expect(message("a b 1\n: s\n") == "f:2: found a heading of analogies after pairs with scores")
    let missing = #expect(throws: TextFileError.self) { try QuestionFile(path: "/nonexistent") }
    #expect(missing?.description == "/nonexistent: needed a text, found no file")
  }

  @Test func spacesAnswerQuestions() throws {
    let pairs = QuestionFile.similarities([
      .init(first: "man", second: "woman", score: 9), .init(first: "man", second: "stone", score: 2),
      .init(first: "king", second: "man", score: 8), .init(first: "king", second: "castle", score: 5),
    ])
    let found = try Self.space.evaluated(on: pairs, name: "pairs")
    #expect(found == [QuestionScore(name: "pairs", asked: 3, total: 4, spearman: found[0].spearman)])
    #expect(abs((found[0].spearman ?? 0) - 0.866) < 0.001)  // man is as near to king as to woman
    let analogies = QuestionFile.analogies([
      .init(name: "sexes", questions: [["man", "king", "woman", "queen"], ["man", "king", "woman", "stone"]]),
      .init(name: "unknown", questions: [["man", "king", "girl", "queen"]]),
    ])
    #expect(
      try Self.space.evaluated(on: analogies, name: "all") == [
        QuestionScore(name: "sexes", asked: 2, total: 2, accuracy: 0.5),
        QuestionScore(name: "unknown", asked: 0, total: 1),
        QuestionScore(name: "all", asked: 2, total: 3, accuracy: 0.5),
      ])
  }

  @Test func componentsAreThoseOfTheLargestVariance() {
    // Far along (3, 4) / 5, a little across it.
    let rows = [-2.0, -1, 0, 1, 2].enumerated().map { index, far -> [Double] in
      let across = index % 2 == 0 ? 0.1 : -0.1
      return [1 + far * 3 - across * 0.8, 2 + far * 4 + across * 0.6]
    }
    let components = PrincipalComponents(of: rows, count: 2)
    #expect(abs(components.directions[0][0] - 0.6) < 0.01 && abs(components.directions[0][1] - 0.8) < 0.01)
    #expect(components.shares[0] > 0.99 && abs(components.shares.reduce(0, +) - 1) < 1e-9)
    #expect(abs(components.projected(components.mean)[0]) < 1e-12)
    #expect(PrincipalComponents(of: [[1, 1], [1, 1]], count: 2).shares == [0, 0])
  }

  /// Two words differ in one direction: what rounding adds is no second one.
  @Test func rowsOfOneDirectionHaveNoSecond() throws {
    let rows = [[0.1, 0.7, -0.3], [0.4, -0.2, 0.9], [0.25, 0.25, 0.3]]
    let components = PrincipalComponents(of: rows, count: 2)
    #expect(abs(components.shares[0] - 1) < 1e-9 && components.shares[1] == 0)
    #expect(components.directions[1] == [0, 0, 0])
    #expect(PrincipalComponents(of: Array(repeating: [0.1, 0.2, 0.3], count: 3), count: 2).shares == [0, 0])
    for groups in try [[["man", "woman"]], Self.space.surroundings(of: ["man"], count: 1)] {
      let map = try Self.space.map(of: groups)
      #expect(map.points.count == 2 && map.points.allSatisfy { $0.y == 0 && abs($0.x) > 0.1 })
      #expect(map.xLabel == "component 1, 100 % of the variance" && map.yLabel == "component 2, 0 % of the variance")
    }
  }

  @Test func mapsShowWords() throws {
    try withTemporaryFolder { folder in
      let map = try Self.space.map(of: [["king", "queen"], ["man", "king"]])
      #expect(map.points.map(\.name) == ["king", "queen", "man"] && map.points.map(\.group) == [0, 0, 1])
      try map.write(to: folder + "/map.svg")
      let picture = try String(contentsOfFile: folder + "/map.svg", encoding: .utf8)
      for word in ["king", "queen", "man"] { #expect(picture.contains(word)) }
    }
  }

  /// As `gensim.models.KeyedVectors.load_word2vec_format` needs it: how many and how wide, then a line for each word, its
  /// numbers parted from it and from each other by one space.
  @Test func vectorsAreWrittenAsText() {
    let words = ["<unk>", "äpfel", "a\u{A0}b"]
    let numbers: [Float] = [1e-30, 0, .greatestFiniteMagnitude, 0.1, -.leastNormalMagnitude, 1, 123_456.789, 1e10, -2]
    let text = WordSpace(words: words, vectors: HostTensor([3, 3], numbers)).text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 5 && lines[0] == "3 3" && lines[4].isEmpty)
    let rows = lines[1...3].map { $0.split(separator: " ", omittingEmptySubsequences: false) }
    #expect(rows.map { String($0[0]) } == words && rows.allSatisfy { $0.count == 4 })
    #expect(rows.flatMap { $0.dropFirst().compactMap { Float($0) } } == numbers)
    #expect(Self.space.text.contains("\nqueen 2.0 2.0 2.0\n"))
  }
}
