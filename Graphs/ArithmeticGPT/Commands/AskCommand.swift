import ArgumentParser
import Foundation
import Recurve
import RecurveCommands

/// Asks a trained model, in the notation of people.
public struct AskCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Asks a trained arithmetic model a question; without one, as many as are typed.",
    discussion: "recurve ask RUN \"345+678=\" prints the answer. An answer of a division is 3r2: 3, and 2 left.")

  @Argument(help: ArgumentHelp("Folder of `recurve train arithmetic`.", valueName: "run")) var path: String
  @Argument(help: "Numbers with + - x / between them; = behind them may be left out.") var question: String?
  @Flag(help: "Shows for every token of the answer the five most probable ones.") var probabilities = false
  @Option(help: "Shows so many of the most probable ones.") var top: Int?
  @Option(help: "Draws what each token looks at, in every layer and head, into a picture, .svg or .png.")
  var attention: String?
  @Flag(help: "Prints answers as JSON.") var json = false

  public init() {}

  public func validate() throws {
    if let top, !(1...17).contains(top) { throw ValidationError("--top is \(top), needs 1 to 17") }
    try ArgumentChecks.checkPicture("attention", attention, ["svg", "png"])
    if attention != nil, question == nil { throw ValidationError("--attention draws one question; none is given") }
  }

  /// How many of the most probable tokens are shown; nil for none.
  private var shown: Int? { top ?? (probabilities ? 5 : nil) }

  public func run() throws {
    let run = try TrainedRun(path, of: Arithmetic.family)
    let model = try ArithmeticModel(run)
    if let question {
      let answer = try model.answer(question, top: shown ?? 1)
      try show(answer)
      if let attention { try model.attention(answer).write(to: attention) }
      return
    }
    let isTerminal = isatty(STDIN_FILENO) == 1
    if isTerminal { Output.progress("numbers with + - x / between them; an empty line ends") }
    while let line = readLine(), !(isTerminal && line.isEmpty) {
      if line.allSatisfy(\.isWhitespace) { continue }
      do { try show(try model.answer(line, top: shown ?? 1)) } catch let error as ArithmeticError {
        Output.progress("\(error)")
      }
    }
  }

  private func show(_ answer: ArithmeticAnswer) throws {
    if let breakOff = answer.breakOff { Output.progress(breakOff) }
    if json { return try Output.json(answer) }
    try Output.result(answer.answer ?? "no answer: \(answer.response)")
    if let note = answer.note { Output.progress(note) }
    guard shown != nil else { return }
    let rows = answer.tokens.map { token in
      [token.token] + token.choices.map { String(format: "%@ %.4f", $0.token, $0.probability) }
    }
    let header = ["token"] + (answer.tokens.first?.choices.indices.map { "\($0 + 1)" } ?? [])
    try Output.result(TextTable.aligned([header] + rows, leftColumns: Set(header.indices)))
  }
}

/// A model with the weights of a run.
final class ArithmeticModel {
  private let task: ArithmeticTask
  private let answers: ArithmeticAnswers
  private let store: ParameterStore

  /// - Throws: `CheckpointError` where the checkpoint's tokens mean something else.
  init(_ run: TrainedRun, _ options: CompilerOptions = CompilerOptions()) throws {
    task = try Arithmetic.task(run.record.options)
    guard let tensor = run.progress["vocabulary"] else {
      throw CheckpointError(path: run.folder.checkpoint, problems: ["it holds no vocabulary"])
    }
    if let problem = task.vocabulary.problem(in: tensor) {
      throw CheckpointError(path: run.folder.checkpoint, problems: [problem])
    }
    store = try run.store(of: task.model)
    answers = try ArithmeticAnswers(task, store, batchSize: 1, options)
  }

  /// - Throws: `ArithmeticError` for what is no question, or one that the model cannot read.
  func answer(_ question: String, top count: Int) throws -> ArithmeticAnswer {
    let expression = try ArithmeticExpression(question: question)
    let notation = task.notation
    if let operation = expression.operations.first(where: { !notation.settings.operations.contains($0) }) {
      let known = notation.settings.operations.map(\.rawValue).joined(separator: " ")
      throw ArithmeticError.unlearned(question, operation.rawValue, known: known)
    }
    let completion = try answers.completions(of: [expression], keepsProbabilities: true)[0]
    let judged = JudgedExpression(expression, completion, notation)
    let chosen = completion.tokens + (completion.isEnded ? [notation.end] : [])
    let tokens = zip(chosen, completion.probabilities).map { token, probabilities in
      ArithmeticAnswer.Token(
        token: notation.vocabulary.name(of: token),
        choices: probabilities.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }.prefix(count)
          .map { .init(token: notation.vocabulary.name(of: Int32($0.offset)), probability: Double($0.element)) })
    }
    return ArithmeticAnswer(
      question: notation.question(expression), answer: judged.answer, needed: judged.needed,
      response: judged.response, is_ended: completion.isEnded,
      part: ArithmeticExpressions.Part.of(expression).rawValue, note: notation.settings.note(on: expression),
      tokens: tokens)
  }

  /// What each token of a question and its answer looks at: a panel for each head, a line of them for each layer.
  func attention(_ answer: ArithmeticAnswer) throws -> HeatMap {
    // The last token of an answer without an end lies behind what the model sees.
    let tokens = Array(
      try task.notation.vocabulary.encode(answer.question + answer.response).prefix(task.gpt.sizes.context))
    let program = try store.program("attention", weights: .averaged) { io in
      let layers = self.task.gpt.attention(io("tokens", [1, tokens.count], .int32))
      return Dictionary(uniqueKeysWithValues: layers.enumerated().map { ("layer\($0)", $1) })
    }
    let found = try program(["tokens": HostTensor([1, tokens.count], tokens)])
    let (heads, length) = (task.gpt.sizes.heads, tokens.count)
    let panels = (0..<task.gpt.sizes.layers).flatMap { layer in
      (0..<heads).map { head in
        let all = found["layer\(layer)"]?.doubles ?? []
        let rows = (0..<length).map { row in
          let start = (head * length + row) * length
          // What comes later is not seen, which is not the same as a share of 0.
          return (0..<length).map { $0 <= row ? all[start + $0] : .nan }
        }
        return HeatMap.Panel(title: "layer \(layer), head \(head)", values: rows)
      }
    }
    let names = tokens.map { task.notation.vocabulary.name(of: $0) }
    return HeatMap(
      title: "What each token of \(answer.question)\(answer.response) looks at", xLabel: "looked at", yLabel: "token",
      columns: names, rows: names, panels: panels, panelsPerLine: heads)
  }
}

/// What a model answered.
struct ArithmeticAnswer: Codable, Sendable {
  struct Choice: Codable, Sendable {
    var token: String
    var probability: Double
  }

  struct Token: Codable, Sendable {
    var token: String
    /// The most probable ones in its place, the first of which it is.
    var choices: [Choice]
  }

  var question: String
  /// As people write it; absent where the response has none, or no end.
  var answer: String?
  /// What is right.
  var needed: String
  /// As the model writes it.
  var response: String
  /// Whether the model ended it; else what it sees is full.
  var is_ended: Bool
  /// Which expressions this one is among: training, validation or test.
  var part: String
  /// Why the answer is worth little; absent where there is no reason.
  var note: String?
  var tokens: [Token]

  /// What is said of a response without an end; nil where it has one.
  var breakOff: String? {
    if is_ended { return nil }
    return "'\(response)' breaks off behind \(response.count) tokens, where the model sees no further; needs the end"
  }
}
