import DecoderTransformer
import Recurve
import Testing

@testable import ArithmeticGPT

@Suite struct ArithmeticTaskTests {
  private static let sizes = GPT.Sizes(width: 16, layers: 1, heads: 2, inner: 32, vocabulary: 0, context: 0)

  private static func task(_ variant: Arithmetic.Variant = .sums, batch: Int = 4) throws -> ArithmeticTask {
    try ArithmeticTask(sizes, variant.settings, batch: batch, seed: 1)
  }

  private func error(_ body: () throws -> some Any) -> String {
    do { _ = try body() } catch { return "\(error)" }
    return ""
  }

  @Test func questionsAreNotAskedFor() throws {
    let task = try Self.task()
    let questions = ["345+678", "1+2"]
    let inputs = try task.tensors(try questions.map { try ArithmeticExpression(question: $0) })
    let (tokens, labels) = (inputs[0].tensor.integers, inputs[1].tensor.integers)
    #expect(inputs[0].tensor.shape == [2, 12] && task.gpt.sizes.vocabulary == 17)
    #expect(task.notation.vocabulary.decode(tokens.prefix(12)) == "345+678=3201")
    let none = NextToken.unasked
    #expect(Array(labels.prefix(12)) == Array(repeating: none, count: 7) + [3, 2, 0, 1, 16])
    let (before, behind) = (Array(repeating: none, count: 3), Array(repeating: none, count: 7))
    #expect(Array(labels.dropFirst(12)) == before + [3, 16] + behind)
  }

  /// A run that goes on gets the batch that the unbroken one would, and no other vocabulary.
  @Test func progressIsTheBatchAndTheVocabulary() throws {
    let (first, second) = (try Self.task(), try Self.task())
    _ = try first.inputs(after: nil)
    let progress = first.progress
    #expect(second.problems(in: progress).isEmpty)
    second.progress = progress
    #expect(try first.inputs(after: nil).map(\.tensor) == second.inputs(after: nil).map(\.tensor))
    #expect(first.meanings == ["vocabulary"] && progress["vocabulary"] != nil)
    var other = progress
    other["vocabulary"] = try CharacterVocabulary(of: "0123456789+-*/=r", special: ["<end>"]).tensor
    other["batch"] = HostTensor([1], [-2] as [Int32])
    #expect(
      second.problems(in: other) == [
        "batch is -2, needs at least 0",
        "the vocabulary is another one: the checkpoint has '*', which is not here; 'x' is not in the checkpoint",
      ])
  }

  @Test func weightsOfNoWorthAreEvaluated() throws {
    let task = try Self.task(.scratchpad, batch: 64)
    let store = try ParameterStore(task.model, seed: 1)
    let evaluation = try #require(
      try task.evaluation(of: { store }, number: 0, CompilerOptions(workerCount: 1)))
    let means = Dictionary(uniqueKeysWithValues: evaluation.measures.map { ($0.name, $0.value) })
    #expect(means["exact_match"] ?? 1 < 0.1 && means["token_accuracy"] ?? 1 < 0.5)
    #expect(evaluation.unit == "expressions" && evaluation.count > 500)
    let digits = try #require(evaluation.tables.first { $0.key == "digits" })
    #expect(digits.rows.contains { $0.key == "2" } && digits.rows.reduce(0) { $0 + $1.count } == evaluation.count)
    #expect(evaluation.notes.contains("as written"))
  }

  /// Steps of two long operands are longer than those of three short ones.
  @Test func stepsOfAnyNumberOfOperandsFit() throws {
    let task = try Arithmetic.task(
      ModelOptions(
        variant: "scratchpad", batch: 256, settings: ["digits": "1-3", "operands": "2-3"]))
    for _ in 0..<4 { _ = try task.inputs(after: nil) }
  }

  @Test func answersAreJudgedByWhatTheySay() throws {
    let notation = try ArithmeticNotation(Arithmetic.Variant.sums.settings)
    let expression = try ArithmeticExpression(question: "95+7")
    let right = JudgedExpression(expression, "201", notation)
    #expect(right.isRight && right.answer == "102" && right.digits == 2 && right.carries == 2)
    for wrong in ["102", "", "2010"] { #expect(!JudgedExpression(expression, wrong, notation).isRight) }
    let difference = try ArithmeticExpression(question: "5-100")
    #expect(JudgedExpression(difference, "-59", notation).isRight)
    #expect(JudgedExpression(difference, "-59", notation).carries == 2)
    #expect(JudgedExpression(try ArithmeticExpression(question: "5x6"), "03", notation).carries == nil)
  }

  /// What breaks off answers nothing, and what could not be answered is not asked.
  @Test func answersHaveAnEnd() throws {
    let task = try Self.task()
    let expression = try ArithmeticExpression(question: "95+7")
    #expect(JudgedExpression(expression, "201", isEnded: false, task.notation).answer == nil)
    let answer = ArithmeticAnswer(
      question: "95+7=", answer: nil, needed: "102", response: "20111", is_ended: false, part: "test", note: nil,
      tokens: [])
    #expect(answer.breakOff == "'20111' breaks off behind 5 tokens, where the model sees no further; needs the end")
    let answers = try ArithmeticAnswers(
      task, try ParameterStore(task.model, seed: 1), batchSize: 1, CompilerOptions(workerCount: 1))
    func completions(_ question: String) throws -> [Decoder.Completion] {
      try answers.completions(of: [try ArithmeticExpression(question: question)])
    }
    #expect(
      error { try completions("9999+9999=") }
        == "'9999+9999' is 15 tokens long with its answer, needs at most 12, which the model sees")
    #expect(try completions("999+999=").count == 1)
  }

  @Test func presetsHaveTheirSizes() throws {
    let needed = ["nano": 0.79, "small": 2.1, "medium": 4.7, "large": 9.8]
    #expect(Arithmetic.family.presets.map(\.name) == ["nano", "small", "medium", "large"])
    for (preset, millions) in needed {
      let task = try Arithmetic.task(ModelOptions(preset: preset))
      let count = try task.model.traced(name: "sizes").weights.reduce(0) { $0 + $1.weight.shape.elementCount }
      #expect(abs(Double(count) / 1e6 - millions) < 0.06, "\(preset) has \(count)")
    }
  }

  @Test func familyRefusesWhatItDoesNotKnow() {
    func message(_ options: ModelOptions) -> String { error { try Arithmetic.family.make(options) } }
    let unknown = message(ModelOptions(settings: ["digit": "3"]))
    #expect(unknown.hasPrefix("no setting is called 'digit'; there are operations, digits,"))
    #expect(
      message(ModelOptions(settings: ["positions": "none"]))
        == "setting positions is 'none', needs one of rotary, sinusoidal, learned, alibi, t5, places")
    #expect(
      message(ModelOptions(settings: ["order": "up"]))
        == "setting order is 'up', needs one of usual, reversed, both, plain")
    #expect(
      message(ModelOptions(settings: ["positions": "places", "order": "plain"]))
        == "setting order is 'plain', needs both, where positions are places of digits")
    #expect(
      message(ModelOptions(variant: "products", settings: ["positions": "places", "digits": "18"]))
        == "setting digits is '18', needs numbers of at most 32 digits with positions=places")
    #expect(
      message(ModelOptions(gradient: .last(1)))
        == "setting gradient is 'last(1)', needs none, since sums repeats nothing")
    #expect(message(ModelOptions(batch: 0)) == "setting batch is '0', needs at least 1")
    #expect(message(ModelOptions(variant: "roots")).hasPrefix("no variant is called 'roots'; there are sums,"))
    let large = ModelOptions(settings: ["digits": "10"])
    #expect(error { try Arithmetic.family.make(large) }.isEmpty)
  }
}
