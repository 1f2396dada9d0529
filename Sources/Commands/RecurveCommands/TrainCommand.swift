import ArgumentParser
import Compilation
import Foundation
import StandardStreams
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a model; writes a log, checkpoints and curves.",
    discussion: """
      Without options the model is trained by its own recipe, which `recurve list MODEL` shows; an option replaces one part of \
      it. The run's folder records all of this in run.json, so that `recurve train RUN --resume` needs no other option.
      """)

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var stepArguments: StepArguments
  @OptionGroup var engineArguments: EngineArguments
  @OptionGroup(title: "Options that replace a part of the recipe") var recipeArguments: RecipeArguments

  @Option(name: .shortAndLong, help: "Folder for log, checkpoint and curves; a new recurve-run-N without it.")
  var output: String?
  @Option(help: "Steps between checkpoints; 100 without it.") var checkpointEvery: Int?
  @Option(help: "Checkpoints to keep, the older ones under the numbers of their steps; 1 without it.") var keep: Int?
  @Flag(help: "Continues the run of MODEL, --output or the last recurve-run-N from its checkpoint, bit for bit.")
  var resume = false
  @Flag(help: "With --resume: continues with options or data that the run was not made with.")
  var acceptChanges = false
  @Flag(help: "Prints a summary as JSON.") var json = false

  func validate() throws {
    for (name, value) in [("checkpoint-every", checkpointEvery), ("keep", keep)] {
      try ArgumentChecks.check(name, value, ArgumentChecks.steps)
    }
    if acceptChanges && !resume { throw ValidationError("--accept-changes needs --resume") }
  }

  func run() throws {
    let resumed = try resumedFolder()
    let known = try resumed.flatMap { $0.holdsRecord ? try RunRecord(path: $0.record) : nil }
    let choice = try arguments.choice(stepArguments, filledBy: known, writing: [])
    if let folder = resumed ?? output.map({ RunFolder($0) }) {
      try ArgumentChecks.checkData(choice.options.dataPath, areNotOf: folder)
    }
    let recipe = try recipeArguments.applied(to: choice.recipe)
    var record = try self.record(choice, recipe)
    if let known, let resumed, !acceptChanges { try check(record, against: choice.record ?? known, resumed) }
    let (task, traced) = try choice.task()
    let graph = traced.graph
    record.weightCount = graph.parameters(.weight).reduce(0) { $0 + graph.type(of: $1).shape.elementCount }
    let options = try engineArguments.applied(to: arguments.compilerOptions)
    let (folder, lock) = try lockedFolder(resumed)
    // Nobody has said where; whoever looks for it in an hour wants to know.
    if output == nil && resumed == nil { Output.progress("the run goes into \(folder.path)") }
    defer { withExtendedLifetime(lock) {} }
    let session: TrainingSession
    do { session = try self.session(task, recipe, seed: record.seed, options) } catch {
      lock.abandon()
      throw error
    }
    try TrainingRun(folder: folder, lock: lock, record: record, known: known, resumes: resume, printsJSON: json)
      .train(session)
    if let code = Interruption.exitCode { throw ExitCode(code) }
  }

  private func record(_ choice: ModelChoice, _ recipe: Recipe) throws -> RunRecord {
    var record = try RunRecord(choice.family, choice.options, recipe)
    record.checkpointEvery = checkpointEvery ?? choice.record?.checkpointEvery ?? record.checkpointEvery
    record.keptCheckpoints = keep ?? choice.record?.keptCheckpoints ?? record.keptCheckpoints
    if let known = choice.record, resume, known.trainedOnOtherData == true || !known.data.isSame(as: record.data) {
      record.trainedOnOtherData = true
    }
    if let known = choice.record, resume, known.isChanged == true || !known.differences(to: record).isEmpty {
      record.isChanged = true
    }
    return record
  }

  /// - Throws: `RunChangedError` when the run would go on as another one.
  private func check(_ record: RunRecord, against known: RunRecord, _ folder: RunFolder) throws {
    let differences = known.differences(to: record)
    if differences.isEmpty { return }
    throw RunChangedError(
      path: folder.record, differences: differences,
      given: arguments.given(stepArguments).union(recipeArguments.given))
  }

  private func session(
    _ task: any TrainingTask, _ recipe: Recipe, seed: UInt64, _ options: CompilerOptions
  ) throws -> TrainingSession {
    let session = try TrainingSession(
      task, optimizer: task.optimizer(recipe.optimizer), learningRate: recipe.rate, seed: seed, options)
    if options.engine == nil && !session.program.isNative { Output.progress(DoctorReport.noCompiler) }
    if arguments.verify { Output.verification(session.program) }
    if recipe.validateEvery > 0, !task.holdsOutData {
      Output.progress("validations are on the training data: no others are held out")
    }
    let rest = recipe.steps % recipe.accumulatedSteps
    if rest > 0 {
      Output.progress(
        "the last \(rest) of \(recipe.steps) steps train nothing: the gradients of \(recipe.accumulatedSteps) make one update"
      )
    }
    if !session.disconnectedWeights.isEmpty {
      Output.progress("these weights get no gradient: \(session.disconnectedWeights.joined(separator: ", "))")
    }
    return session
  }

  // MARK: Folders

  /// The folder of the run to continue; nil without `--resume`.
  private func resumedFolder() throws -> RunFolder? {
    guard resume else { return nil }
    let run = try arguments.runFolder()
    if let output {
      if let run, !run.isSame(as: RunFolder(output)) { throw CommandError.twoRuns(model: run.path, output: output) }
      if !FileManager.default.fileExists(atPath: output) { throw CommandError.noRun(output) }
      return RunFolder(output)
    }
    try arguments.refuseTwoMeanings(otherwise: "name a run with --output")
    guard let folder = run ?? RunFolder.last("recurve-run") else { throw CommandError.noRun("recurve-run-1") }
    return folder
  }

  /// The folder of the run, locked: one that holds no other run, or the one to continue.
  private func lockedFolder(_ resumed: RunFolder?) throws -> (RunFolder, RunLock) {
    let folder = try resumed ?? output.map { RunFolder($0) } ?? RunFolder.makeNext("recurve-run")
    let lock = try RunLock(folder, isNew: output == nil && resumed == nil)
    if resumed == nil && folder.holdsRun {
      lock.abandon()
      throw CommandError.runExists(folder.path)
    }
    return (folder, lock)
  }
}
