import Recurve

/// Strings of bits without end, of which one in eight is never trained on.
final class MajorityTask: TrainingTask {
  let model: any Model
  let batchSize: Int
  let graphName = "majority"
  private let length: Int
  private let seed: UInt64
  private var step = 0

  init(_ model: Majority, seed: UInt64) {
    (self.model, batchSize, length, self.seed) = (model, model.batch, model.length, seed)
  }

  func inputs(after results: [String: HostTensor]?) -> [(name: String, tensor: HostTensor)] {
    defer { step += 1 }
    return strings(stream: 2 * UInt64(step), isHeldOut: false)
  }

  func freshInputs(_ number: Int) -> [(name: String, tensor: HostTensor)] {
    strings(stream: 2 * UInt64(number) + 1, isHeldOut: true)
  }

  /// A batch is a function of seed and stream alone, so that a run goes on where it stopped.
  private func strings(stream: UInt64, isHeldOut: Bool) -> [(name: String, tensor: HostTensor)] {
    var random = CounterRandom(seed: seed, stream: stream)
    let rows = (0..<batchSize).map { _ in
      while true {
        let bits = (0..<length).map { _ in random.index(below: 2) }
        let number = bits.reduce(UInt64(1)) { $0 &* 2 &+ UInt64($1) }
        if (CounterRandom.mixed(number) % 8 == 0) == isHeldOut { return bits }
      }
    }
    let labels = rows.map { Int32($0.reduce(0, +) * 2 > length ? 1 : 0) }
    return [
      ("bits", HostTensor([batchSize, length], rows.joined().map { Float($0) })),
      ("label", HostTensor([batchSize], labels)),
    ]
  }

  func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String {
    inputs[0].tensor.floats.prefix(length).map { $0 == 1 ? "1" : "0" }.joined()
  }

  var progress: [String: HostTensor] {
    get { ["step": HostTensor([1], [Int32(clamping: step)])] }
    set { step = max(newValue["step"].map { Int($0.integers[0]) } ?? 0, 0) }
  }
}
