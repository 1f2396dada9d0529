import EventFiles
import Files
import StandardStreams
import Training

/// A run of `recurve train` from its first step to its summary.
struct TrainingRun {
  let folder: RunFolder
  let lock: RunLock
  let record: RunRecord
  /// What the folder's record says.
  let known: RunRecord?
  let resumes: Bool
  /// Of the summary.
  let printsJSON: Bool

  func train(_ session: TrainingSession) throws {
    if resumes && !folder.holdsCheckpoint {
      Output.progress("\(folder.checkpoint) does not exist yet; starting anew")
    }
    // A run that goes on must have shown first that it can.
    var isKept = resumes || keepRecord()
    let loop = try CheckpointError.namingOrigins {
      try TrainingLoop(session, record.plan, in: folder, resumes: resumes, lock: lock)
    }
    if resumes { isKept = keepRecord() }
    let training = Result { try steps(loop) }
    // However the steps ended, the folder says what it holds.
    let recording = Result { if !isKept { try write() } }
    let eventProblem = try training.get()
    let drawing = Result { try drawCurves(loop, title: "\(record.family), \(session.stepCount) steps") }
    // Whoever closed the terminal does not read the summary; the run is whole without.
    do {
      try TrainingSummary(loop, model: record.family, output: folder.path).show(asJSON: printsJSON)
    } catch is StandardStreamError {}
    try recording.get()
    try drawing.get()
    if let eventProblem { throw eventProblem }
  }

  /// Writes what the run is, where the folder does not say so yet; a full disk does not end training.
  ///
  /// - Returns: whether it is there.
  private func keepRecord() -> Bool {
    if record == known { return true }
    do { try write() } catch {
      Output.progress("\(error); training goes on")
      return false
    }
    return true
  }

  private func write() throws {
    try lock.check()
    try record.write(to: folder.record)
  }

  /// - Returns: what kept events from being written, without which a run is whole.
  private func steps(_ loop: TrainingLoop) throws -> (any Error)? {
    Interruption.listen()
    let (session, start) = (loop.session, loop.session.stepCount)
    let events = TrainingEvents(folder: folder.path, firstStep: start + 1)
    var bar = ProgressBar(total: record.recipe.steps, start: start)
    let outcome = try loop.run(isStopRequested: { Interruption.isRequested }, say: Output.progress) { entry in
      events.append(entry)
      if let validation = entry.validationText { bar.note("step \(entry.step), \(validation)") }
      bar.show(
        entry.step, examplesPerStep: session.task.batchSize, TrainingCurves.mean(loop.log.entries.suffix(20)).text)
    }
    events.close()
    say(outcome, after: session.stepCount)
    return events.problem
  }

  private func say(_ outcome: TrainingLoop.Outcome, after step: Int) {
    switch outcome {
    case .finished: break
    case .interrupted:
      Output.progress(
        "\nstopped after step \(step); continue with the same command and --resume, or with "
          + "`\(folder.resumeCommand)`")
    case .stoppedEarly:
      Output.progress("\nstopped after step \(step): \(record.recipe.patience) validations without a lower loss")
    }
  }

  /// Nothing where a run that was finished already has lost its log.
  private func drawCurves(_ loop: TrainingLoop, title: String) throws {
    if loop.log.entries.isEmpty { return }
    let run = TrainingCurves.Run(name: folder.path, entries: loop.log.entries)
    let chart = TrainingCurves([run]).chart(title: title)
    try lock.check()
    for path in folder.curves { try chart.write(to: path) }
  }
}
