import Recurve

/// How well vectors answer a file of questions.
public struct QuestionScore: Sendable, Hashable, Codable {
  public var name: String
  /// Questions whose words the vocabulary has, and all.
  public var asked: Int
  public var total: Int
  /// Spearman's rank correlation with what people said; nil for analogies, and where too few were asked.
  public var spearman: Double?
  /// The share of the analogies whose answer is the nearest word; nil for similarities, and where none was asked.
  public var accuracy: Double?
}

extension WordSpace {
  /// Answers all questions whose words the vocabulary has: one line for similarities, one for each section of analogies and
  /// one for all.
  ///
  /// - Throws: what the compiler throws.
  public func evaluated(on file: QuestionFile, name: String) throws -> [QuestionScore] {
    switch file {
    case .similarities(let pairs): return [evaluated(on: pairs, name: name)]
    case .analogies(let sections):
      let answers = try AnalogySolver(self).evaluated(sections)
      let (asked, right) = (answers.reduce(0) { $0 + $1.asked }, answers.reduce(0) { $0 + $1.right })
      let total = sections.reduce(0) { $0 + $1.questions.count }
      let rows = zip(sections, answers).map { section, answer in
        QuestionScore(
          name: section.name, asked: answer.asked, total: section.questions.count,
          accuracy: answer.asked == 0 ? nil : Double(answer.right) / Double(answer.asked))
      }
      let accuracy = asked == 0 ? nil : Double(right) / Double(asked)
      return rows + [QuestionScore(name: name, asked: asked, total: total, accuracy: accuracy)]
    }
  }

  private func evaluated(on pairs: [QuestionFile.Similarity], name: String) -> QuestionScore {
    let known = pairs.compactMap { pair -> (cosine: Double, score: Double)? in
      guard let a = self[pair.first], let b = self[pair.second] else { return nil }
      return (cosine(a, b), pair.score)
    }
    let correlation = RankCorrelation.spearman(known.map(\.cosine), known.map(\.score))
    return QuestionScore(
      name: name, asked: known.count, total: pairs.count, spearman: correlation.isFinite ? correlation : nil)
  }
}

/// Answers analogies in batches: the cosines of a batch with all words are one matrix product, a program over the vectors.
private struct AnalogySolver {
  let space: WordSpace
  private static let batch = 256

  private struct Directions: Model {
    let table: Weight
    func step(_ inputs: Inputs) -> Step { Step(loss: table.tensor.sum()) }
  }

  init(_ space: WordSpace) { self.space = space }

  func evaluated(_ sections: [QuestionFile.Section]) throws -> [(asked: Int, right: Int)] {
    let known = sections.map { section in
      section.questions.map { $0.compactMap { space[$0] } }.filter { $0.count == 4 }
    }
    let questions = known.flatMap { $0 }
    let answers = try answers(to: questions)
    var start = 0
    return known.map { own in
      let range = start..<start + own.count
      start = range.upperBound
      return (own.count, range.count { answers[$0] == questions[$0][3] })
    }
  }

  private func answers(to questions: [[Int]]) throws -> [Int] {
    if questions.isEmpty { return [] }
    let shape = Shape([space.words.count, space.width])
    let directions = Directions(table: Weight(shape, .values(space.directions)))
    let store = try ParameterStore(directions)
    let program = try store.program("cosines") { io in
      ["cosines": linear(io("targets", Shape([Self.batch, space.width])), directions.table.tensor)]
    }
    return try stride(from: 0, to: questions.count, by: Self.batch).flatMap { start in
      let part = questions[start..<min(start + Self.batch, questions.count)]
      var targets = part.flatMap { space.target($0[0], $0[1], $0[2]) }
      targets += Array(repeating: 0, count: Self.batch * space.width - targets.count)
      let results = try program(["targets": HostTensor(Shape([Self.batch, space.width]), targets)])
      guard let cosines = results["cosines"]?.floats else { return [Int]() }
      return part.enumerated().map { row, question in nearest(cosines, row, except: question.prefix(3)) }
    }
  }

  private func nearest(_ cosines: [Float], _ row: Int, except excluded: ArraySlice<Int>) -> Int {
    let start = row * space.words.count
    var (best, bestCosine) = (-1, -Float.infinity)
    for number in space.words.indices where cosines[start + number] > bestCosine && !excluded.contains(number) {
      (best, bestCosine) = (number, cosines[start + number])
    }
    return best
  }
}
