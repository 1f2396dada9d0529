import Foundation
import Recurve
import TestSupport
import Testing

@testable import WordVectors

/// The family's options, and what a checkpoint keeps of the data.
@Suite struct TaskTests {
  @Test func stepsFollowFromTheText() throws {
    let family = WordVectors.family
    let all = try family.recipe(for: ModelOptions())
    let tenth = try family.recipe(for: ModelOptions(settings: ["epochs": "2"]))
    #expect(all.rule == .adagrad && (9...11).contains(Double(all.steps) / Double(tenth.steps)))
    let task = try #require(try family.make(ModelOptions(batch: 8)) as? WordVectorsTask)
    #expect(task.sizes.segments == 8 && task.sizes.width == 64 && task.vocabulary.count > 150)
    #expect(try task.freshInputs(0).map(\.tensor) == task.freshInputs(0).map(\.tensor))
    #expect(try family.completed(ModelOptions(dataPath: "any.txt")).preset == "text")
  }

  @Test func textsThatFillNoStepAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/short.txt"
      let words = (0..<800).map { "word\($0 % 20)" }.joined(separator: " ")
      try words.write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: SparseTextError.self) {
        try WordVectors.family.recipe(for: ModelOptions(dataPath: path))
      }
      #expect(
        error?.description
          == "\(path): 15 passes keep about \(error?.kept ?? 0) words, needs the 1024 that a step reads; take a longer text, a "
          + "smaller --batch, more epochs, a larger threshold or subsampling=none")
      let whole = ModelOptions(dataPath: path, settings: ["subsampling": "none"])
      #expect(try WordVectors.family.recipe(for: whole).steps == 12)
    }
  }

  /// Nothing but the border of two files parts their words, which have no lines.
  @Test func windowsStayWithinDocuments() throws {
    try withTemporaryFolder { (folder: String) throws in
      for letter in ["a", "b", "c"] {
        let words = (0..<400).map { "\(letter)\($0 % 20)" }.joined(separator: " ")
        try words.write(toFile: "\(folder)/\(letter).txt", atomically: true, encoding: .utf8)
      }
      #expect(try Corpus(TextDocuments(path: folder).file, minimumCount: 1).lineStarts == [0, 400, 800, 1200])
      let options = ModelOptions(batch: 4, dataPath: folder, settings: ["minimum-count": "1", "subsampling": "none"])
      let task = try #require(try WordVectors.family.make(options) as? WordVectorsTask)
      var (within, across) = (0, 0)
      for _ in 0..<20 {
        for pair in try Self.pairs(task) {
          if pair.centre.first == pair.context.first { within += 1 } else { across += 1 }
        }
      }
      #expect(within > 1000 && across == 0)
    }
  }

  /// The words of the pairs of the next batch.
  private static func pairs(_ task: WordVectorsTask) throws -> [(centre: String, context: String)] {
    let tensors = try task.inputs(after: nil).map { ($0.name, $0.tensor.integers) }
    let (batch, words, sizes) = (Dictionary(uniqueKeysWithValues: tensors), task.vocabulary.words, task.sizes)
    let (tokens, back) = (try #require(batch["tokens"]), try #require(batch["reach_back"]))
    let ahead = try #require(batch["reach_ahead"])
    return back.indices.flatMap { centre -> [(centre: String, context: String)] in
      let (segment, place) = centre.quotientAndRemainder(dividingBy: sizes.segmentLength)
      let slot = segment * sizes.slots + place + sizes.window
      let window = (slot - Int(back[centre])...slot + Int(ahead[centre])).filter { $0 != slot }
      return window.map { (centre: words[Int(tokens[slot])], context: words[Int(tokens[$0])]) }
    }
  }

  @Test func progressIsCheckedAndRestored() throws {
    let task = try WordVectorsTask(StreamTests.corpus(), StreamTests.sizes, seed: 1)
    for _ in 0..<9 { _ = try task.inputs(after: nil) }
    let progress = task.progress
    let next = try task.inputs(after: nil)
    let other = try WordVectorsTask(StreamTests.corpus(), StreamTests.sizes, seed: 1)
    #expect(other.problems(in: progress).isEmpty)
    other.progress = progress
    #expect(try other.inputs(after: nil).map(\.tensor) == next.map(\.tensor))
    var wrong = progress
    wrong["place"] = HostTensor([2], [Int32(-1), 0])
    #expect(other.problems(in: wrong) == ["place holds -1, needs at least 0"])
    wrong = progress
    wrong["vocabulary"]?.storage = .int32((progress["vocabulary"]?.integers ?? []).map { $0 ^ 1 })
    #expect(other.problems(in: wrong) == ["vocabulary has other words than the text"])
  }
}
