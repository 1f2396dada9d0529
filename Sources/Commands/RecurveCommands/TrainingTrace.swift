import Interchange
import TensorTypes
import Training

/// What steps of a trainer read and gave.
struct TrainingTrace {
  private let weights: [String: HostTensor]
  private var inputs: [String: [HostTensor]] = [:]
  private var rates: [Double] = []
  private(set) var losses: [Double] = []
  private(set) var seconds: [Double] = []
  private var results: [String: HostTensor]?
  /// By part and name.
  private var judged: [String: [String: [HostTensor]]] = [:]
  private var judgedLosses: [String: [Double]] = [:]

  init(_ weights: [String: HostTensor]) { self.weights = weights }

  mutating func step(_ trainer: Trainer, _ task: any TrainingTask) throws {
    let given = try task.inputs(after: results)
    add(given, rate: trainer.nextRate)
    let start = ContinuousClock.now
    let results = try trainer.step(Dictionary(given.map { ($0.name, $0.tensor) }) { _, last in last })
    seconds.append((ContinuousClock.now - start) / .seconds(1))
    losses.append(results["loss"]?.doubles[0] ?? .nan)
    self.results = results
  }

  /// A batch whose step nobody takes.
  mutating func add(_ given: [(name: String, tensor: HostTensor)], rate: Double) {
    rates.append(rate)
    for (name, tensor) in given { inputs[name, default: []].append(tensor) }
  }

  /// Batches that judge the last weights, by random numbers that go on from one to the next as in the validations of a run;
  /// without a trainer there are none, and no losses.
  mutating func judge(
    _ batches: [[(name: String, tensor: HostTensor)]], as part: String, _ trainer: Trainer?
  ) throws {
    for (index, batch) in batches.enumerated() {
      for (name, tensor) in batch { judged[part, default: [:]][name, default: []].append(tensor) }
      guard let trainer else { continue }
      let inputs = Dictionary(batch.map { ($0.name, $0.tensor) }) { _, last in last }
      let results = try trainer.evaluate(inputs, continuing: false, drawingOn: index > 0)
      judgedLosses[part, default: []].append(results["loss"]?.doubles[0] ?? .nan)
    }
  }

  func file(_ notes: [String: String]) -> SafetensorsFile {
    var tensors: [String: HostTensor] = [:]
    for (name, tensor) in weights { tensors["weights.\(name)"] = tensor }
    for (part, batches) in judged.merging(["inputs": inputs], uniquingKeysWith: { first, _ in first }) {
      for (name, all) in batches { tensors["\(part).\(name)"] = Self.stacked(all) }
    }
    let numbers =
      [("rates", rates), ("losses", losses), ("seconds", seconds)] + judgedLosses.map { ($0.key + "_losses", $0.value) }
    for (name, own) in numbers where !own.isEmpty { tensors[name] = HostTensor([own.count], .float64(own)) }
    return SafetensorsFile(tensors: tensors, metadata: notes)
  }

  private static func stacked(_ all: [HostTensor]) -> HostTensor {
    HostTensor(stacking: all, as: all[0].type.with(Shape([all.count] + all[0].shape.extents)))
  }
}
