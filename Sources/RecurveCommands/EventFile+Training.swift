import EventFiles
import Training

extension EventFile {
  /// Adds what a training step gave: `train/...`, `validation/...` and the learning rate.
  func append(_ entry: TrainingLog.Entry) throws {
    var scalars = [(tag: "train/loss", value: entry.loss)]
    scalars += entry.metrics.sorted { $0.key < $1.key }.map { ("train/\($0.key)", $0.value) }
    scalars += (entry.validation ?? [:]).sorted { $0.key < $1.key }.map { ("validation/\($0.key)", $0.value) }
    if let rate = entry.rate { scalars.append(("learning_rate", rate)) }
    try append(step: entry.step, scalars: scalars)
  }
}
