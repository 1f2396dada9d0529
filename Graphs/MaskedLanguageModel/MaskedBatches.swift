import Recurve

/// What another program needs to train the same model on the same data: first weights, and what every step of training shows
/// the model and asks of it.
struct MaskedBatches {
  private let task: MaskedLanguageTask
  private let store: ParameterStore

  /// - Parameter seed: of the weights and of the masks, as of a run.
  init(_ task: MaskedLanguageTask, seed: UInt64) throws {
    self.task = task
    store = try ParameterStore(task.model, seed: seed)
  }

  /// - Parameters:
  ///   - steps: of training, from the first on.
  ///   - heldOut: batches of the held-out text at most, the first that evaluation judges; all of them without it.
  ///   - observe: told how many batches are made.
  /// - Returns: weights as `weight.` and their path; `train.tokens`, `i32[n, B, L]` with the masks, `train.places` and
  ///   `train.labels`, `i32[n, B K]`; the same of `held_out`, as evaluation has it.
  func tensors(
    steps: Int, heldOut: Int?, _ options: CompilerOptions, _ observe: (Int) -> Void = { _ in }
  ) throws -> [String: HostTensor] {
    let training = Session()
    // As the trainer of a run begins: its masks are these.
    try training.set(TracedModel.randomState, store.firstRandomState(of: "train"))
    let judged = try HeldOutText(task, store, options).batches
    var made = 0
    let shown = try (0..<steps).map { _ in
      made += 1
      observe(made)
      return try task.inputs(after: nil)[0].tensor
    }
    let parts = [
      "train": try masked(shown, training, options),
      "held_out": try masked(Array(judged.prefix(heldOut ?? .max)), Session(seed: 0), options),
    ]
    var tensors = Dictionary(uniqueKeysWithValues: store.tensors.map { ("weight." + $0.key, $0.value) })
    for (part, own) in parts { for (name, tensor) in own { tensors["\(part).\(name)"] = tensor } }
    return tensors
  }

  private func masked(
    _ batches: [HostTensor], _ session: Session, _ options: CompilerOptions
  ) throws -> [String: HostTensor] {
    guard let first = batches.first else { return [:] }
    let masking = task.maskedModel.sizes.masking
    let program = try store.program("masked", options) { io in
      let masked = masking(io("shown", first.shape, .int32))
      return ["tokens": masked.tokens, "places": masked.places, "labels": masked.labels]
    }
    let results = try batches.map { try program(["shown": $0], in: session) }
    return Dictionary(
      uniqueKeysWithValues: ["tokens", "places", "labels"].map { name in
        let own = results.compactMap { $0[name] }
        return (name, HostTensor(Shape([own.count] + own[0].shape.extents), own.flatMap(\.integers)))
      })
  }
}
