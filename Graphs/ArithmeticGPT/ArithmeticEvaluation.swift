import DecoderTransformer
import Recurve

extension ArithmeticTask {
  /// Expressions that are tested, unless there are fewer.
  static let testCount: Int = 4096

  /// Unseen expressions, each answered by greedy decoding, and right where the answer is, whatever the steps before it.
  public func evaluation(
    of store: () throws -> ParameterStore, number: Int, _ options: CompilerOptions
  ) throws -> Evaluation? {
    let store = try fitting(store)
    let tested = try expressions.distinct(Self.testCount, of: .test, number: number)
    if tested.isEmpty { throw ArithmeticError.noExpressions("test") }
    let answers = try ArithmeticAnswers(self, store, batchSize: min(batchSize, tested.count), options)
    var judged: [JudgedExpression] = []
    for start in stride(from: 0, to: tested.count, by: answers.batchSize) {
      let part = Array(tested[start..<min(start + answers.batchSize, tested.count)])
      judged += zip(part, try answers.completions(of: part)).map { JudgedExpression($0, $1, notation) }
    }
    let accuracy = try tokenAccuracy(tested, store, options)
    return ArithmeticReport(judged, tokenAccuracy: accuracy, notation).evaluation
  }

  /// The store, whose refusal says what learned positions need where they are what does not fit.
  private func fitting(_ store: () throws -> ParameterStore) throws -> ParameterStore {
    do { return try store() } catch let error as CheckpointError {
      let isTable = error.problems.contains { $0.contains("positions.table") }
      guard gpt.sizes.positions == .learned, isTable else { throw error }
      let found = "learned positions have a vector for each of the \(context) tokens of the longest expression"
      let problem = "\(found), needs expressions as long as those that the weights were trained on"
      throw CheckpointError(path: error.path, problems: error.problems + [problem], hint: error.hint)
    }
  }

  /// Of the tokens of answers, each behind the right ones before it: the share that is the most probable one.
  private func tokenAccuracy(
    _ expressions: [ArithmeticExpression], _ store: ParameterStore, _ options: CompilerOptions
  ) throws -> Double {
    let program = try store.program("token_accuracy", weights: .averaged, options) { io in
      let scores = self.gpt.scores(io("tokens", [self.batchSize, self.gpt.sizes.context], .int32))
      return ["tokens_chosen": scores.argmax(axis: -1)]
    }
    var (right, asked) = (0, 0)
    for start in stride(from: 0, to: expressions.count, by: batchSize) {
      let part = Array(expressions[start..<min(start + batchSize, expressions.count)])
      // Rows beyond the last expression repeat it, and are not counted.
      let filled = part + Array(repeating: part[part.count - 1], count: batchSize - part.count)
      let inputs = Dictionary(uniqueKeysWithValues: try tensors(filled).map { ($0.name, $0.tensor) })
      let chosen = try program(["tokens": inputs["tokens"] ?? HostTensor([0], [Int32]())])["tokens_chosen"]?.integers
      let labels = inputs["labels"]?.integers.prefix(part.count * gpt.sizes.context) ?? []
      for (label, token) in zip(labels, chosen ?? []) where label != NextToken.unasked {
        asked += 1
        right += label == token ? 1 : 0
      }
    }
    return Double(right) / Double(max(asked, 1))
  }
}

/// Answers questions with a trained model.
final class ArithmeticAnswers {
  let batchSize: Int
  private let notation: ArithmeticNotation
  private let decoder: Decoder
  private let limit: Int

  init(
    _ task: ArithmeticTask, _ store: ParameterStore, batchSize: Int, _ options: CompilerOptions = CompilerOptions()
  ) throws {
    (notation, self.batchSize, limit) = (task.notation, batchSize, task.gpt.sizes.context)
    decoder = try Decoder(task.gpt, store, batchSize: batchSize, capacity: limit, options)
  }

  /// What the model writes behind each question, up to the end.
  ///
  /// - Throws: `ArithmeticError.context` for a question that leaves no room for its right answer.
  func completions(
    of expressions: [ArithmeticExpression], keepsProbabilities: Bool = false
  ) throws -> [Decoder.Completion] {
    let questions = try expressions.map { try notation.vocabulary.encode(notation.question($0)) }
    for (question, expression) in zip(questions, expressions) {
      let length = question.count + notation.response(expression).count
      if length > limit { throw ArithmeticError.context(expression.text, length, limit) }
    }
    let longest = questions.map(\.count).max() ?? 0
    return try decoder.complete(
      questions, atMost: limit - longest + 1, until: notation.end, keepsProbabilities: keepsProbabilities)
  }
}

/// An expression with what a model answered.
struct JudgedExpression {
  let expression: ArithmeticExpression
  let response: String
  /// As people write it; nil where the response has none, or no end.
  let answer: String?
  let needed: String

  init(
    _ expression: ArithmeticExpression, _ response: String, isEnded: Bool = true, _ notation: ArithmeticNotation
  ) {
    (self.expression, self.response) = (expression, response)
    answer = isEnded ? notation.plainAnswer(in: response) : nil
    needed = notation.plainAnswer(of: expression)
  }

  init(_ expression: ArithmeticExpression, _ completion: Decoder.Completion, _ notation: ArithmeticNotation) {
    let response = notation.vocabulary.decode(completion.tokens)
    self.init(expression, response, isEnded: completion.isEnded, notation)
  }

  var isRight: Bool { answer == needed }

  var digits: Int { expression.digits }

  /// Columns of a sum that carry into the next one, or borrow from it; nil for what is neither.
  var carries: Int? {
    guard expression.operands.count == 2, let operation = expression.operations.first,
      operation == .addition || operation == .subtraction
    else { return nil }
    var (a, b) = (expression.operands.max() ?? 0, expression.operands.min() ?? 0)
    var (carry, count) = (Int128(0), 0)
    while a > 0 || b > 0 {
      carry = operation == .addition ? (a % 10 + b % 10 + carry) / 10 : (a % 10 - b % 10 - carry < 0 ? 1 : 0)
      count += Int(carry)
      (a, b) = (a / 10, b / 10)
    }
    return count
  }
}
