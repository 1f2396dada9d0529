import Recurve

/// Judges weights by the text that training never sees.
struct HeldOutText {
  /// In the order in which they are judged: short texts again and again, each time with masks of its own.
  let batches: [HostTensor]
  private let program: ModelProgram
  /// Of each sequence.
  private let maskedCount: Int

  /// Fewer would say little: short texts are masked again and again.
  static let fewestTokens = 4096

  struct Figures: Sendable, Hashable {
    /// Nats per masked token.
    var loss = 0.0
    var accuracy = 0.0
    /// Masked tokens.
    var count = 0
  }

  /// - Parameters:
  ///   - store: the weights of the task's model.
  ///   - tokens: masked ones at least, from as much of the text as they need; without it all of the text.
  /// - Throws: what the compiler throws.
  init(
    _ task: MaskedLanguageTask, _ store: ParameterStore, tokens: Int? = nil, _ options: CompilerOptions
  ) throws {
    maskedCount = task.maskedModel.sizes.maskedCount
    batches = try Self.batches(of: task, tokens: tokens)
    let model = task.maskedModel
    let batch = batches.first?.shape[0] ?? 1
    program = try store.program("held_out", weights: .averaged, options) { io in
      let found = model.losses(io("tokens", [batch, model.sizes.context], .int32))
      return ["loss": found.loss, "accuracy": found.isRight.mean()]
    }
  }

  /// The batches of the held-out text in the order in which they are judged.
  ///
  /// - Parameter tokens: masked ones at least, from as much of the text as they need; without it all of the text.
  static func batches(of task: MaskedLanguageTask, tokens: Int? = nil) throws -> [HostTensor] {
    let maskedCount = task.maskedModel.sizes.maskedCount
    let perBatch = (try task.heldOutBatches(atMost: 1).first?.shape[0] ?? 1) * maskedCount
    let text = try task.heldOutBatches(atMost: tokens.map { ($0 + perBatch - 1) / perBatch })
    let inText = text.reduce(0) { $0 + $1.shape[0] * maskedCount }
    let passes = ((tokens ?? fewestTokens) + inText - 1) / inText
    return (0..<passes).flatMap { _ in text }
  }

  /// Where each evaluation begins to draw its masks.
  static var session: Session { Session(seed: 0) }

  /// Each batch has masks of its own, and the same ones whatever the weights.
  func judged() throws -> Figures {
    let session = Self.session
    var figures = Figures(count: batches.reduce(0) { $0 + $1.shape[0] * maskedCount })
    let runs = Double(batches.count)
    for batch in batches {
      let results = try program(["tokens": batch], in: session)
      figures.loss += (results["loss"]?.doubles[0] ?? .nan) / runs
      figures.accuracy += (results["accuracy"]?.doubles[0] ?? .nan) / runs
    }
    return figures
  }
}
