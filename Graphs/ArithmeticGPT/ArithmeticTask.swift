import DecoderTransformer
import Recurve

/// A transformer that learns to compute, with expressions that never end.
public final class ArithmeticTask: TextTask {
  public let notation: ArithmeticNotation
  public let training: NextToken
  public let batchSize: Int
  let expressions: ArithmeticExpressions
  private var batch = 0

  public var model: any Model { training }
  public var hiddenSizes: [String: Int] { ["heads": training.gpt.sizes.heads] }
  public var gpt: GPT { training.gpt }
  public var languageModel: any LanguageModel { gpt }
  public var vocabulary: any TextVocabulary { notation.vocabulary }
  public var context: Int { gpt.sizes.context }
  public var graphName: String { "arithmetic" }
  public var judgesItself: Bool { true }
  public var preparesInputsAhead: Bool { true }

  /// - Parameter sizes: their vocabulary and context are the notation's.
  /// - Throws: `ModelFamilyError.setting`.
  public init(_ sizes: GPT.Sizes, _ settings: ArithmeticSettings, batch: Int, seed: UInt64) throws {
    notation = try ArithmeticNotation(settings)
    expressions = ArithmeticExpressions(settings, seed: seed)
    batchSize = batch
    var sizes = sizes
    sizes.vocabulary = notation.vocabulary.count
    sizes.longestNumber = settings.longestNumber
    // Behind the last token nothing is asked for.
    sizes.context = settings.longestQuestion + settings.longestResponse(notation)
    training = NextToken(GPT(sizes), batch: batch)
  }

  public func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
    defer { batch += 1 }
    return try tensors(try expressions.batch(batch, of: .training, count: batchSize))
  }

  public func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
    try tensors(try expressions.batch(number, of: .validation, count: batchSize))
  }

  /// Tokens and what follows each, `i32[B, L]` both: questions are not asked for, nor is what is behind the end.
  func tensors(_ expressions: [ArithmeticExpression]) throws -> [(name: String, tensor: HostTensor)] {
    let length = gpt.sizes.context
    var (tokens, labels): ([Int32], [Int32]) = ([], [])
    for expression in expressions {
      let question = try notation.vocabulary.encode(notation.question(expression))
      let text = question + (try notation.vocabulary.encode(notation.response(expression))) + [notation.end]
      if text.count > length + 1 { throw ArithmeticError.context(expression.text, text.count - 1, length) }
      let asked = text.indices.dropFirst().map { $0 < question.count ? NextToken.unasked : text[$0] }
      tokens += text.dropLast() + Array(repeating: notation.end, count: length + 1 - text.count)
      labels += asked + Array(repeating: NextToken.unasked, count: length + 1 - text.count)
    }
    let shape = Shape([expressions.count, length])
    return [("tokens", HostTensor(shape, tokens)), ("labels", HostTensor(shape, labels))]
  }

  public func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    guard let tokens = inputs.first(where: { $0.name == "tokens" })?.tensor.integers else { return "" }
    let first = tokens.prefix(gpt.sizes.context).prefix { $0 != notation.end }
    return notation.vocabulary.decode(first)
  }

  // MARK: Checkpoints

  /// The next batch, and the vocabulary: a checkpoint says what its tokens mean.
  public var progress: [String: HostTensor] {
    get { ["batch": HostTensor([1], [Int32(clamping: batch)]), "vocabulary": notation.vocabulary.tensor] }
    set { batch = newValue["batch"].map { Int($0.integers[0]) } ?? 0 }
  }

  public var meanings: [String] { ["vocabulary"] }

  public func problems(in progress: [String: HostTensor]) -> [String] {
    let batch = progress["batch"].flatMap { $0.integers[0] < 0 ? "batch is \($0.integers[0]), needs at least 0" : nil }
    return [batch, progress["vocabulary"].flatMap { notation.vocabulary.problem(in: $0) }].compactMap { $0 }
  }
}
