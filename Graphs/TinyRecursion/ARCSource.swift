import Foundation
import Puzzles
import Recurve

/// Tasks of the Abstraction and Reasoning Corpus in many forms, each of which is a puzzle with a vector of its own.
///
/// The demonstrations of a task are what a model learns from, in every form; its tests are held out.
struct ARCSource: Sendable {
  let tasks: [ARCTask]
  /// Of each task; those of few colours may have fewer.
  let forms: [[ARCAugmentation]]
  /// Of each task, the number of its first form among all puzzles.
  private let firstPuzzles: [Int]
  let canvas: ARCCanvas
  private let seed: UInt64

  /// A test of a task in one form.
  struct Question {
    let task: Int
    let test: Int
    let form: Int
  }

  /// - Parameter path: of a file, or of a folder whose files that end with `.json` are tasks, in the order of their names.
  /// - Throws: `ARCTaskError` for what is no task, `TaskError` when a grid is larger than the canvas or there is no task.
  init(path: String, side: Int, forms count: Int, seed: UInt64) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw TaskError.noTasks(path) }
    var paths = [path]
    if isFolder.boolValue {
      paths = try FileManager.default.contentsOfDirectory(atPath: path).filter {
        $0.hasSuffix(".json") && !$0.hasPrefix(".")
      }.sorted()
        .map { path + "/" + $0 }
    }
    if paths.isEmpty { throw TaskError.noTasks(path) }
    tasks = try paths.map { path in
      let task = try ARCTask.read(path: path)
      if task.side > side { throw TaskError.tooLarge(path, found: task.side, side: side) }
      return task
    }
    forms = tasks.enumerated().map { number, task in
      ARCAugmentation.forms(count, of: task, seed: seed &+ UInt64(number) &* 0x9E37_79B9)
    }
    firstPuzzles = forms.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    canvas = ARCCanvas(side: side)
    self.seed = seed
  }

  /// One for each form of each task.
  var puzzleCount: Int { firstPuzzles[tasks.count] }

  /// A number for each task with its forms, which differs where either does.
  var identities: [Int32] {
    tasks.indices.map { task in
      let text = tasks[task].name + forms[task].map { "\($0)" }.joined()
      return Int32(truncatingIfNeeded: CounterRandom.mixed(ByteHash.of(text.utf8)))
    }
  }

  /// Every test in every form: forms, then tasks, then tests, so that the first few batches ask as many tests as they can.
  var questions: [Question] {
    (0..<(forms.map(\.count).max() ?? 0)).flatMap { form in
      tasks.indices.filter { form < forms[$0].count }.flatMap { task in
        tasks[task].tests.indices.map { Question(task: task, test: $0, form: form) }
      }
    }
  }

  var questionCount: Int { zip(tasks, forms).reduce(0) { $0 + $1.0.tests.count * $1.1.count } }

  func training(batch: Int) -> TinyRecursionTask.GridRows {
    { number, rows in grids(rows.map { example(number * batch + $0) }) }
  }

  /// The questions in order, from the first again after the last.
  func heldOut(batch: Int) -> TinyRecursionTask.GridRows {
    let questions = questions
    return { number, rows in
      grids(
        rows.map { row in
          let question = questions[(number * batch + row) % questions.count]
          return (question.task, question.form, tasks[question.task].tests[question.test], 0, 0)
        })
    }
  }

  typealias Example = (task: Int, form: Int, pair: ARCTask.Pair, row: Int, column: Int)

  /// A demonstration of some task in some form, anywhere on the canvas; one of each puzzle stays in the corner, where tests are.
  private func example(_ position: Int) -> Example {
    var random = CounterRandom(seed: seed, stream: UInt64(position))
    let task = random.index(below: tasks.count)
    let form = random.index(below: forms[task].count)
    let pairs = tasks[task].demonstrations
    let index = random.index(below: pairs.count)
    let pair = pairs[index]
    if index == (task + form) % pairs.count { return (task, form, pair, 0, 0) }
    let turned = [pair.input, pair.output].map(forms[task][form].applied)
    func offset(_ extents: [Int]) -> Int { random.index(below: canvas.side - (extents.max() ?? 0) + 1) }
    return (task, form, pair, offset(turned.map(\.rows)), offset(turned.map(\.columns)))
  }

  private func grids(_ examples: [Example]) -> TinyRecursionTask.Grids {
    func tokens(_ part: (ARCTask.Pair) -> ARCGrid) -> [Int32] {
      examples.flatMap { example in
        canvas.tokens(
          forms[example.task][example.form].applied(to: part(example.pair)), row: example.row, column: example.column)
      }
    }
    return TinyRecursionTask.Grids(
      questions: tokens(\.input), answers: tokens(\.output),
      puzzles: examples.map { Int32(firstPuzzles[$0.task] + $0.form) })
  }
}
