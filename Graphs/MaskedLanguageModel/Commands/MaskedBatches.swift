import Recurve
import RecurveCommands

/// What another program needs to train the same model on the same data: first weights, what every step of training shows the
/// model and asks of it, and what judges both.
struct MaskedBatches {
  let task: MaskedLanguageTask
  let recipe: Recipe
  private let modelOptions: ModelOptions
  private let store: ParameterStore
  /// The file or folder of texts; nil for the demonstration text.
  var dataPath: String? { modelOptions.dataPath }

  /// - Parameter options: whose seed is that of the weights and of the masks, as of a run.
  init(_ task: MaskedLanguageTask, _ recipe: Recipe, _ options: ModelOptions) throws {
    (self.task, self.recipe, modelOptions) = (task, recipe, options)
    store = try ParameterStore(task.model, seed: options.seed)
  }

  /// - Parameter options: complete.
  init(_ options: ModelOptions, _ recipe: Recipe) throws {
    try self.init(MaskedLanguageTask(options, text: MaskedLanguageModel.text(of: options)), recipe, options)
  }

  /// Those of a run: a record is enough, no step need have run.
  ///
  /// - Throws: `TrainedRunError` where there is no run of the family, `MaskedBatchesError` for one that was not the same
  ///   throughout, what `RunRecord.checkData` throws, `CheckpointError` where the text is made of other tokens than the run's.
  init(run path: String) throws {
    let (folder, family) = (RunFolder(path), MaskedLanguageModel.family)
    guard folder.holdsRecord else { throw TrainedRunError.noRun(path) }
    let record = try RunRecord(path: folder.record)
    guard record.family == family.name else {
      throw TrainedRunError.otherModel(path, found: record.family, needed: family.name)
    }
    guard record.trainedOnOtherData != true else { throw MaskedBatchesError.exchangedData }
    guard record.isChanged != true else { throw MaskedBatchesError.changedRun }
    try record.checkData()
    try self.init(family.completed(record.options), record.recipe)
    guard folder.holdsCheckpoint else { return }
    let problems = task.problems(in: try TrainedRun(path, of: family).progress)
    if !problems.isEmpty { throw CheckpointError(path: folder.checkpoint, problems: problems) }
  }

  /// - Parameters:
  ///   - steps: of training, from the first on.
  ///   - heldOut: batches of the held-out text at most, the first that evaluation judges; all of them without it.
  ///   - observe: told how many batches are made.
  /// - Returns: weights as `weights.` and their path; `inputs.tokens`, `i32[n, B, L]` with the masks, `inputs.places` and
  ///   `inputs.labels`, `i32[n, B K]`, and `rates`, `f64[n]`; the same three of `validation`, as each validation of the run
  ///   has them, and of `held_out`, as evaluation has them.
  func tensors(
    steps: Int, heldOut: Int?, _ options: CompilerOptions, _ observe: (Int) -> Void = { _ in }
  ) throws -> [String: HostTensor] {
    var made = 0
    let shown = try (0..<steps).map { _ in
      made += 1
      observe(made)
      return try task.inputs(after: nil)[0].tensor
    }
    let judged = try HeldOutText.batches(of: task)
    let parts = [
      "inputs": try masked(shown, try training(), options),
      // As the trainer of a run evaluates: each validation begins to draw anew.
      "validation": try masked(try validation(), Session(), options),
      "held_out": try masked(Array(judged.prefix(heldOut ?? .max)), HeldOutText.session, options),
    ]
    var tensors = Dictionary(uniqueKeysWithValues: store.tensors.map { ("weights." + $0.key, $0.value) })
    for (part, own) in parts { for (name, tensor) in own { tensors["\(part).\(name)"] = tensor } }
    let rates = (0..<steps).map { recipe.rate.rate(at: $0 / recipe.accumulatedSteps) }
    tensors["rates"] = HostTensor([steps], .float64(rates))
    return tensors
  }

  /// What is not in the shapes of the tensors, by the names that `recurve export training` has for it.
  func notes() throws -> [String: String] {
    let options = modelOptions
    var notes = options.settings.merging(task.hiddenSizes.mapValues { "\($0)" }) { setting, _ in setting }
    let sizes = task.maskedModel.sizes
    (notes["model"], notes["recipe"]) = (MaskedLanguageModel.family.name, try Output.jsonText(recipe))
    (notes["preset"], notes["variant"]) = (options.preset, sizes.variant.rawValue)
    (notes["batch"], notes["depth"]) = ("\(task.batchSize)", "\(sizes.depth)")
    (notes["gradient"], notes["seed"]) = ("\(task.maskedModel.gradient)", "\(options.seed)")
    return notes
  }

  /// As the trainer of a run begins: its masks are these.
  private func training() throws -> Session {
    let session = Session()
    try session.set(TracedModel.randomState, store.firstRandomState(of: "train"))
    return session
  }

  /// The batches that a validation of the run reads.
  private func validation() throws -> [HostTensor] {
    var shown: [HostTensor] = []
    _ = try task.evaluation(batches: recipe.validationBatches) { inputs, _ in
      shown += inputs.map(\.tensor)
      return [:]
    }
    return shown
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

/// Runs whose batches are not known.
enum MaskedBatchesError: Error, Hashable, CustomStringConvertible {
  case exchangedData
  case changedRun

  var description: String {
    switch self {
    case .exchangedData:
      "masked-batches needs a run whose data were the same throughout; those of this one were exchanged"
    case .changedRun:
      "masked-batches needs a run that was the same throughout; this one was changed on the way by --accept-changes"
    }
  }
}
