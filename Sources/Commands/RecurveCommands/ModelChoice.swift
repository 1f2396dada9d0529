import Foundation
import Modeling
import Operators
import Training

/// The model that a command works on: named, or what the record of a run says.
struct ModelChoice {
  let family: ModelFamily
  /// All of them; only the path of data may be missing.
  var options: ModelOptions
  /// Of the run, else the family's.
  let recipe: Recipe
  /// Of the run that filled in what was not given.
  let record: RunRecord?

  /// The model with its data, and its step as a graph.
  ///
  /// - Throws: what the family throws, and `CommandError.reach` when the model has fewer iterations than `last:K` names.
  func task(isTraining: Bool = true) throws -> (task: any TrainingTask, traced: TracedModel) {
    let task = try family.make(options)
    do {
      return (task, try task.model.traced(name: task.graphName, isTraining: isTraining))
    } catch let error as TraceError {
      throw ArgumentChecks.reach(of: options.gradient, error) ?? error
    }
  }
}

extension ModelChoice {
  /// The model with its data, and one of its programs as a graph.
  ///
  /// - Throws: what the family throws, `CommandError.unknownProgram`, and what the program throws.
  func program(_ name: String) throws -> (task: any TrainingTask, traced: TracedModel) {
    let task = try family.make(options)
    guard let program = task.programs.first(where: { $0.name == name }) else {
      throw CommandError.unknownProgram(name, known: task.programs.map(\.name))
    }
    return (task, try program.traced(over: task.model))
  }
}

extension ModelArguments {
  /// The folder of the run that MODEL is; nil where it is a model's name, which comes first.
  ///
  /// - Throws: `CommandError.noRecord` for the folder of a run that does not say what it is.
  func runFolder() throws -> RunFolder? {
    guard let model, !RecurveCommandLine.families.contains(where: { $0.name == model }) else { return nil }
    let folder = RunFolder(model)
    if folder.holdsRecord { return folder }
    if folder.holdsRun { throw CommandError.noRecord(model) }
    return nil
  }

  /// A name that is a model's and a run's means the model, which only whoever knows of both expects.
  ///
  /// - Parameter otherwise: what to do where the run is not meant.
  /// - Throws: `CommandError.twoMeanings`.
  func refuseTwoMeanings(otherwise: String) throws {
    guard let model, RunFolder(model).holdsRecord else { return }
    let isModel = RecurveCommandLine.families.contains { $0.name == model }
    if isModel { throw CommandError.twoMeanings(model, otherwise: otherwise) }
  }

  /// The model and its options, those not given filled in by a record, then by the preset.
  ///
  /// - Parameters:
  ///   - known: a record that the command has found elsewhere than in MODEL.
  ///   - files: what the command writes, each with its option; nil for an option that was not given.
  /// - Throws: `CommandError` for a name that leads nowhere, `RunRecordError` for a record that cannot be read,
  ///   `ModelFamilyError` for an unknown preset or variant, `ValidationError` where a file would replace the model's data.
  func choice(
    _ step: StepArguments? = nil, filledBy known: RunRecord? = nil, writing files: [(option: String, path: String?)]
  ) throws -> ModelChoice {
    let folder = try runFolder()
    // A run's own record says what is asked for, whatever lies beside a checkpoint from elsewhere.
    let record = try folder.map { try RunRecord(path: $0.record) } ?? known
    guard let name = folder == nil ? model ?? record?.family : record?.family else { throw CommandError.noModel }
    let family = try RecurveCommandLine.family(name)
    // Another model's sizes mean nothing here.
    var used = record.flatMap { $0.family == name ? $0 : nil }
    // Settings that there were not yet when the run began have had their standard values.
    if let own = used, let all = try? family.completed(own.options).settings, !all.isEmpty { used?.settings = all }
    let options = try family.completed(filled(step, by: used))
    for (option, path) in files { try ArgumentChecks.checkOutput(option, path, isNotOf: options.dataPath) }
    let recipe = try used.flatMap { try self.recipe(of: $0, family, options) } ?? family.recipe(for: options)
    return ModelChoice(family: family, options: options, recipe: recipe, record: used)
  }

  /// The recipe of a run, with as many steps as it takes if what decides that is another now; nil where the model has another
  /// preset or variant, to which recipes belong as sizes do.
  private func recipe(of record: RunRecord, _ family: ModelFamily, _ options: ModelOptions) throws -> Recipe? {
    guard record.preset == options.preset, variant == nil || variant == record.variant else { return nil }
    let isOtherData = data != nil && !record.data.isSame(as: DataSource(path: options.dataPath))
    let isSameWork =
      !isOtherData && options.batch == record.batch && options.settings == record.settings ?? options.settings
    guard family.fitsRecipes, !isSameWork else { return record.recipe }
    var recipe = record.recipe
    recipe.steps = try family.recipe(for: options).steps
    return recipe
  }

  private func filled(_ step: StepArguments?, by record: RunRecord?) throws -> ModelOptions {
    // Records come from anywhere; a device or a pipe may never end.
    if data == nil, let path = record?.data.path { try checkIsFile(path) }
    let isOwnPreset = preset == nil || preset == record?.preset
    var options = ModelOptions(
      preset: preset ?? record?.preset, variant: variant ?? (isOwnPreset ? record?.variant : nil), batch: batch,
      depth: step?.depth,
      gradient: try step?.gradient.map(GradientMode.init(argument:)), dataPath: data ?? record?.data.path,
      seed: seed ?? record?.seed ?? 0, settings: try givenSettings())
    // Sizes belong to their preset.
    guard let record, options.preset == record.preset else { return options }
    options.batch = options.batch ?? record.batch
    options.depth = options.depth ?? record.depth
    options.gradient = options.gradient ?? record.gradient
    options.settings.merge(record.settings ?? [:]) { given, _ in given }
    return options
  }

  private func checkIsFile(_ path: String) throws {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard FileManager.default.fileExists(atPath: target) else { return }
    let kind = try FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
    if kind != .typeRegular && kind != .typeDirectory { throw CommandError.noFile(path) }
  }

  /// The options about the model that were given.
  func given(_ step: StepArguments) -> Set<String> {
    let all: [(String, Any?)] = [
      ("--preset", preset), ("--variant", variant), ("--batch", batch), ("--seed", seed), ("--data", data),
      ("--depth", step.depth), ("--gradient", step.gradient),
    ]
    let own = ((try? givenSettings()) ?? [:]).keys.map { "--set \($0)" }
    return Set(all.compactMap { name, value in value == nil ? nil : name } + own)
  }
}
