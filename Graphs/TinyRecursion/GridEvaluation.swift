import Recurve

extension [(value: Double, count: Int)] {
  /// The mean of means of batches, each weighing as the sequences that it is over.
  func weightedMean(named name: String) -> Measure {
    let count = reduce(0) { $0 + $1.count }
    let sum = reduce(0) { $0 + $1.value * Double($1.count) }
    return Measure(name: name, value: sum / Double(Swift.max(count, 1)), count: count)
  }
}

/// Collects what a model answers after every supervision step of held-out puzzles, and judges it.
struct GridEvaluation {
  let kind: GridKind
  let cells: Int
  private var outcomes: [Outcome] = []
  private var losses: [(value: Double, count: Int)] = []

  /// One puzzle.
  struct Outcome {
    let difficulty: Int
    /// After each supervision step, how many cells are right.
    var rightCells: [Int] = []
    /// After each supervision step, the logit of the answer being right.
    var scores: [Float] = []

    /// Steps until the score says that the answer is right, all of them if it never does.
    var haltingStep: Int { (scores.firstIndex { $0 > 0 } ?? scores.count - 1) + 1 }
  }

  init(kind: GridKind, cells: Int) { (self.kind, self.cells) = (kind, cells) }

  /// Adds a batch: its grids and the results of each supervision step.
  mutating func add(_ grids: TinyRecursionTask.Grids, _ steps: [[String: HostTensor]]) {
    let ranges = (0..<grids.questions.count / cells).map { $0 * cells..<($0 + 1) * cells }
    var batch = ranges.map { Outcome(difficulty: kind.difficulty(grids.questions[$0], grids.answers[$0])) }
    for results in steps {
      guard let given = results["answer_tokens"]?.integers, let scores = results["halting_score"]?.floats else {
        continue
      }
      for (place, range) in ranges.enumerated() {
        batch[place].rightCells.append(range.count { given[$0] == grids.answers[$0] })
        batch[place].scores.append(scores[place])
      }
    }
    outcomes += batch.filter { !$0.scores.isEmpty }
    if let loss = steps.last?["loss"]?.doubles[0] { losses.append((loss, ranges.count)) }
  }

  /// Leaves out all puzzles but the first; a batch that holds some of both weighs as those that stay.
  mutating func keep(_ count: Int) {
    outcomes = Array(outcomes.prefix(count))
    var rest = count
    for place in losses.indices {
      losses[place].count = min(losses[place].count, rest)
      rest -= losses[place].count
    }
  }

  var evaluation: Evaluation {
    Evaluation(
      unit: "puzzles", count: outcomes.count, measures: [losses.weightedMean(named: "loss")] + measures,
      tables: [byStep, byDifficulty])
  }

  // MARK: Means

  private typealias Value = (Outcome) -> Double

  private func mean(_ outcomes: [Outcome], _ value: Value) -> Double {
    outcomes.reduce(0) { $0 + value($1) } / Double(max(outcomes.count, 1))
  }

  private func isExact(_ outcome: Outcome, after step: Int) -> Double { outcome.rightCells[step - 1] == cells ? 1 : 0 }

  /// After all steps, as published; and where the model says itself that it is done.
  private var values: [(name: String, value: Value)] {
    [
      ("exact_accuracy", { isExact($0, after: $0.scores.count) }),
      ("cell_accuracy", { Double($0.rightCells[$0.scores.count - 1]) / Double(cells) }),
      ("halted_exact_accuracy", { isExact($0, after: $0.haltingStep) }),
      ("halting_steps", { Double($0.haltingStep) }),
    ]
  }

  private var measures: [Measure] {
    values.map { Measure(name: $0.name, value: mean(outcomes, $0.value), count: outcomes.count) }
      + (kind.measuresDifficulties ? measuresByDifficulty : [])
  }

  /// Accuracies of about four ranges of difficulty, as `difficulty_0-2_exact_accuracy`: few enough for a line and for curves.
  /// The same puzzles have the same ranges.
  private var measuresByDifficulty: [Measure] {
    let beginning = kind.difficultyName.replacing(" ", with: "_")
    return ranges(atMost: 4).flatMap { range, outcomes in
      values.filter { $0.name == "exact_accuracy" || $0.name == "cell_accuracy" }.map { name, value in
        Measure(name: "\(beginning)_\(key(range))_\(name)", value: mean(outcomes, value), count: outcomes.count)
      }
    }
  }

  private var byStep: Evaluation.Table {
    let count = outcomes.map(\.scores.count).min() ?? 0
    let rows = (0..<count).map { step in
      Evaluation.Row(
        key: "\(step + 1)", count: outcomes.count,
        values: [
          mean(outcomes) { isExact($0, after: step + 1) },
          mean(outcomes) { Double($0.rightCells[step]) / Double(cells) },
          mean(outcomes) { $0.haltingStep <= step + 1 && $0.scores[$0.haltingStep - 1] > 0 ? 1 : 0 },
        ])
    }
    return Evaluation.Table(
      key: "supervision step", columns: ["exact_accuracy", "cell_accuracy", "halted_share"], rows: rows)
  }

  private var byDifficulty: Evaluation.Table {
    let rows = ranges(atMost: 10).map { range, outcomes in
      Evaluation.Row(key: key(range), count: outcomes.count, values: values.map { mean(outcomes, $0.value) })
    }
    return Evaluation.Table(key: kind.difficultyName, columns: values.map(\.name), rows: rows)
  }

  /// Each difficulty, or ranges of it with about as many puzzles each: where most are easy, ranges of one width would hold all
  /// of them in one.
  private func ranges(atMost count: Int) -> [(range: ClosedRange<Int>, outcomes: [Outcome])] {
    let groups = Dictionary(grouping: outcomes, by: \.difficulty).sorted { $0.key < $1.key }
    let share = groups.count <= count ? 1 : (outcomes.count + count - 1) / count
    return groups.reduce(into: []) { ranges, group in
      if let last = ranges.last, last.outcomes.count < share {
        ranges[ranges.count - 1] = (last.range.lowerBound...group.key, last.outcomes + group.value)
      } else {
        ranges.append((group.key...group.key, group.value))
      }
    }
  }

  private func key(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : range.boundsText
  }
}

extension TinyRecursionTask {
  /// As many as make 1,024 puzzles where a processor answers these in a minute or two; fewer for the large sizes.
  public var evaluationBatches: Int {
    if let arc { return (arc.questionCount + sizes.batch - 1) / sizes.batch }
    let puzzles = min(sizes.width >= 256 ? 64 : sizes.length > 64 ? 256 : 1024, heldOutCount ?? .max)
    return max(1, puzzles / sizes.batch + (puzzles % sizes.batch > 0 ? 1 : 0))
  }

  public func evaluation(batches: Int, _ answer: Answer) throws -> Evaluation {
    let batches = evaluatedBatches(of: batches)
    if let arc {
      var evaluation = ARCEvaluation(arc)
      for number in 0..<batches {
        var last: [String: HostTensor] = [:]
        for (index, inputs) in try validationSteps(number).enumerated() { last = try answer(inputs, index == 0) }
        evaluation.add(number, batch: sizes.batch, last)
      }
      return evaluation.evaluation
    }
    var evaluation = GridEvaluation(kind: kind, cells: sizes.cells)
    for number in 0..<batches {
      let results = try validationSteps(number).enumerated().map { try answer($0.element, $0.offset == 0) }
      evaluation.add(heldOutGrids(number), results)
    }
    // Batches begin anew with the first puzzle where there are no more.
    if let heldOutCount { evaluation.keep(heldOutCount) }
    return evaluation.evaluation
  }
}
