import Foundation
import Puzzles
import Recurve

/// Answers to every test in many forms: each is undone, and the forms vote.
struct ARCEvaluation {
  private let source: ARCSource
  private let questions: [ARCSource.Question]
  private var votes: [[ARCVote]]
  /// By task, the tests of which at least one question was asked: a few batches may not reach the others.
  private var asked: [Int: Set<Int>] = [:]
  private var exact = 0
  private var losses: [(value: Double, count: Int)] = []
  private var count = 0

  init(_ source: ARCSource) {
    self.source = source
    questions = source.questions
    votes = source.tasks.map { Array(repeating: ARCVote(), count: $0.tests.count) }
  }

  /// Adds the results of the last supervision step of a batch of questions; those after the last question are left out.
  mutating func add(_ number: Int, batch: Int, _ results: [String: HostTensor]) {
    guard let tokens = results["answer_tokens"]?.integers, let scores = results["halting_score"]?.floats else { return }
    let cells = source.canvas.side * source.canvas.side
    if let loss = results["loss"]?.doubles[0] {
      losses.append((loss, max(0, min(batch, questions.count - number * batch))))
    }
    for place in 0..<batch where number * batch + place < questions.count {
      let question = questions[number * batch + place]
      let form = source.forms[question.task][question.form]
      count += 1
      asked[question.task, default: []].insert(question.test)
      guard let grid = source.canvas.grid(Array(tokens[place * cells..<(place + 1) * cells])) else { continue }
      let answer = form.inverse.applied(to: grid)
      if answer == source.tasks[question.task].tests[question.test].output { exact += 1 }
      votes[question.task][question.test].add(answer, certainty: 1 / (1 + exp(-Double(scores[place]))))
    }
  }

  /// Shares of a task's asked tests that the first guess solves, and one of the first two.
  private func solved(_ task: Int) -> (first: Double, two: Double) {
    let (tests, asked) = (source.tasks[task].tests, asked[task] ?? [])
    func share(_ guesses: Int) -> Double {
      let right = asked.count { votes[task][$0].ranking(guesses).contains(tests[$0].output) }
      return Double(right) / Double(max(asked.count, 1))
    }
    return (share(1), share(2))
  }

  var evaluation: Evaluation {
    let tasks = asked.keys.sorted()
    let all = tasks.map(solved)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
    let measures = [
      losses.weightedMean(named: "loss"),
      Measure(name: "exact_accuracy", value: Double(exact) / Double(max(count, 1)), count: count),
      Measure(name: "first_guess_accuracy", value: mean(all.map(\.first)), count: all.count),
      Measure(name: "two_guesses_accuracy", value: mean(all.map(\.two)), count: all.count),
    ]
    let rows = zip(tasks, all).map { task, share in
      Evaluation.Row(
        key: source.tasks[task].name, count: asked[task]?.count ?? 0, values: [share.first, share.two])
    }
    return Evaluation(
      unit: "tasks", count: tasks.count, measures: measures,
      tables: [.init(key: "task", columns: ["first_guess_accuracy", "two_guesses_accuracy"], rows: rows)],
      notes: count < questions.count
        ? "\(count) of \(questions.count) questions were asked: not every form of every test has voted" : "")
  }
}
