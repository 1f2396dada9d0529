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
