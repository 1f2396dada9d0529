import Foundation
import Training

/// What `recurve train` says in the end.
struct TrainingSummary: Codable {
  var model: String
  var steps: Int
  var first_loss: Double
  /// Loss and accuracies are means over the last thirtieth of the run.
  var last_loss: Double
  var cell_accuracy: Double?
  var puzzle_accuracy: Double?
  var metrics: [String: Double]
  var validation: [String: Double]?
  var planned_bytes: Int
  var output: String

  init(_ loop: TrainingLoop, model: String, output: String) {
    let entries = loop.log.entries
    let last = TrainingCurves.mean(entries.suffix(max(1, entries.count / 30)))
    self.model = model
    self.output = output
    steps = loop.session.stepCount
    first_loss = entries.first?.loss ?? .nan
    last_loss = entries.isEmpty ? .nan : last.loss
    metrics = last.metrics
    cell_accuracy = metrics["cell_accuracy"]
    puzzle_accuracy = metrics["puzzle_accuracy"]
    validation = entries.last { $0.validation != nil }?.validation
    planned_bytes = loop.session.program.plan.memory.arenaByteCount
  }

  func show(asJSON: Bool) throws {
    if asJSON { return try Output.json(self) }
    var entry = TrainingLog.Entry(step: steps, loss: last_loss, measures: [])
    entry.metrics = metrics
    try Output.result(String(format: "first loss %.4f; last steps: %@", first_loss, entry.text))
    if let validation {
      entry.loss = validation["loss"] ?? .nan
      entry.metrics = validation.filter { $0.key != "loss" }
      try Output.result("last validation: \(entry.text)")
    }
    // Without a step in the log there are no curves.
    let curves = first_loss.isNaN ? "" : "curve.svg, curve.png, "
    try Output.result("wrote \(output)/\(curves)log.jsonl, checkpoint.safetensors and events for TensorBoard")
  }
}
