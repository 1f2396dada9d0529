import ArgumentParser
import Compilation
import EventFiles
import Foundation
import StandardStreams
import TensorTypes
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a model; writes a log, checkpoints and curves.")

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var stepArguments: StepArguments
  @OptionGroup var optimizerArguments: OptimizerArguments

  @Option(help: "Steps to run, those of a resumed run included.") var steps: Int = 300
  @Option(name: .shortAndLong, help: "Folder for log, checkpoint and curves; a new recurve-run-N without it.")
  var output: String?
  @Option(help: "Steps between checkpoints.") var checkpointEvery: Int = 100
  @Option(help: "Checkpoints to keep, the older ones under the numbers of their steps.") var keep: Int = 1
  @Option(help: "Steps between validations on held-out data; 0 for none.") var validateEvery: Int = 0
  @Option(help: "Batches of a validation.") var validationBatches: Int = 4
  @Option(help: "Stops after so many validations without a lower loss; 0 for never.") var patience: Int = 0
  @Flag(help: "Continues from the folder's checkpoint, bit for bit.") var resume = false
  @Flag(help: "Prints a summary as JSON.") var json = false

  func validate() throws {
    try ArgumentChecks.check("steps", steps, ArgumentChecks.steps)
    for (name, value) in [
      ("checkpoint-every", checkpointEvery), ("keep", keep), ("validation-batches", validationBatches),
      ("drop-every", optimizerArguments.dropEvery),
    ] {
      try ArgumentChecks.check(name, value, ArgumentChecks.steps)
    }
    try ArgumentChecks.check("accumulate", optimizerArguments.accumulate, 1...Optimizer.mostAccumulated)
    for (name, value) in [
      ("validate-every", validateEvery), ("patience", patience), ("warm-up", optimizerArguments.warmUp),
    ] {
      try ArgumentChecks.check(name, value, 0...TrainingPlan.largestStepCount)
    }
    if patience > 0 && validateEvery == 0 { throw ValidationError("--patience needs --validate-every") }
    try ArgumentChecks.asUsage {
      try plan.check()
      try optimizerArguments.chosen.check()
      try optimizerArguments.rate(steps: steps).check()
    }
  }

  func run() throws {
    let family = try arguments.family
    let (task, _) = try arguments.task(stepArguments)
    let (folder, lock) = try lockedFolder()
    defer { withExtendedLifetime(lock) {} }
    let session: TrainingSession
    do { session = try self.session(task) } catch {
      lock.abandon()
      throw error
    }
    if resume && !folder.holdsCheckpoint { Output.progress("\(folder.checkpoint) does not exist yet; starting anew") }
    let loop = try TrainingLoop(session, plan, in: folder, resumes: resume)
    try train(loop, folder)
    let drawing = Result { try drawCurves(loop, folder, title: "\(family.name), \(session.stepCount) steps") }
    // Whoever closed the terminal does not read the summary; the run is whole without.
    do {
      try TrainingSummary(loop, model: family.name, output: folder.path).show(asJSON: json)
    } catch is StandardStreamError {}
    try drawing.get()
    if let code = Interruption.exitCode { throw ExitCode(code) }
  }

  private func session(_ task: any TrainingTask) throws -> TrainingSession {
    let session = try TrainingSession(
      task, optimizer: optimizerArguments.chosen, learningRate: optimizerArguments.rate(steps: steps),
      seed: arguments.seed, arguments.compilerOptions)
    if !session.program.isNative { Output.progress(DoctorReport.noCompiler) }
    if arguments.verify { Output.verification(session.program) }
    if !session.disconnectedWeights.isEmpty {
      Output.progress("these weights get no gradient: \(session.disconnectedWeights.joined(separator: ", "))")
    }
    return session
  }

  private var plan: TrainingPlan {
    var plan = TrainingPlan(steps: steps)
    plan.checkpointEvery = checkpointEvery
    plan.keptCheckpoints = keep
    plan.validateEvery = validateEvery
    plan.validationBatches = validationBatches
    plan.patience = patience
    return plan
  }

  /// The folder of the run, locked: one that holds no other run, or with `--resume` the one to continue.
  private func lockedFolder() throws -> (RunFolder, RunLock) {
    let folder = try chosenFolder()
    let lock = try RunLock(folder, isNew: output == nil && !resume)
    if !resume && folder.holdsRun { throw CommandError.runExists(folder.path) }
    return (folder, lock)
  }

  private func chosenFolder() throws -> RunFolder {
    if let output {
      if resume && !FileManager.default.fileExists(atPath: output) { throw CommandError.noRun(output) }
      return RunFolder(output)
    }
    guard resume else { return try RunFolder.makeNext("recurve-run") }
    guard let last = RunFolder.last("recurve-run") else { throw CommandError.noRun("recurve-run-1") }
    return last
  }

  private func train(_ loop: TrainingLoop, _ folder: RunFolder) throws {
    Interruption.listen()
    let (session, start) = (loop.session, loop.session.stepCount)
    let events = try EventFile(folder: folder.path, firstStep: start + 1)
    var eventProblem: EventFileError?
    var bar = ProgressBar(total: steps, start: start)
    let outcome = try loop.run(isStopRequested: { Interruption.isRequested }, say: Output.progress) { entry in
      if eventProblem == nil {
        do { try events.append(entry) } catch let error as EventFileError {
          eventProblem = error
          Output.progress("\(error); training goes on without events")
        }
      }
      bar.show(
        entry.step, examplesPerStep: session.task.batchSize, TrainingCurves.mean(loop.log.entries.suffix(20)).text)
    }
    try events.close()
    switch outcome {
    case .finished: break
    case .interrupted:
      Output.progress("\nstopped after step \(session.stepCount); continue with the same command and --resume")
    case .stoppedEarly:
      Output.progress("\nstopped after step \(session.stepCount): \(patience) validations without a lower loss")
    }
    if let eventProblem { throw eventProblem }
  }

  /// Nothing where a run that was finished already has lost its log.
  private func drawCurves(_ loop: TrainingLoop, _ folder: RunFolder, title: String) throws {
    if loop.log.entries.isEmpty { return }
    let run = TrainingCurves.Run(name: folder.path, entries: loop.log.entries)
    let chart = TrainingCurves([run]).chart(title: title)
    for format in ["svg", "png"] { try chart.write(to: "\(folder.path)/curve.\(format)") }
  }
}
