import EventFiles
import StandardStreams
import Training

extension EventFile {
  /// Adds what a training step gave: `train/...`, `validation/...` and the learning rate. A model names its metrics as it
  /// likes, and those who show events take tags for plain lines.
  func append(_ entry: TrainingLog.Entry) throws {
    var scalars = [(tag: "train/loss", value: entry.loss)]
    scalars += entry.metrics.sorted { $0.key < $1.key }.map { (Quoting.line("train/\($0.key)"), $0.value) }
    scalars += (entry.validation ?? [:]).sorted { $0.key < $1.key }.map {
      (Quoting.line("validation/\($0.key)"), $0.value)
    }
    if let rate = entry.rate { scalars.append(("learning_rate", rate)) }
    try append(step: entry.step, scalars: scalars)
  }
}

/// The events of a run, which trains on without them where they cannot be written.
final class TrainingEvents {
  private var file: EventFile?
  /// Why there are no more of them.
  private(set) var problem: (any Error)?

  init(folder: String, firstStep: Int) { saying { file = try EventFile(folder: folder, firstStep: firstStep) } }

  func append(_ entry: TrainingLog.Entry) { saying { try file?.append(entry) } }

  func close() { saying { try file?.close() } }

  private func saying(_ write: () throws -> Void) {
    do { try write() } catch {
      file = nil
      problem = error
      Output.progress("\(error); training goes on without events")
    }
  }
}
