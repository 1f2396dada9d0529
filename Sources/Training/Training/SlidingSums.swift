/// Sums over log entries, metrics weighted by what they are over.
struct EntrySums {
  private var count = 0
  private var loss = 0.0
  private var metrics: [String: (value: Double, weight: Double)] = [:]

  init() {}

  init(_ entry: TrainingLog.Entry) {
    count = 1
    loss = entry.loss
    for (name, value) in entry.metrics {
      let weight = Double(entry.counts?[name] ?? entry.sequences ?? 1)
      metrics[name] = (value * weight, weight)
    }
  }

  static func + (left: EntrySums, right: EntrySums) -> EntrySums {
    var sums = left
    sums.count += right.count
    sums.loss += right.loss
    sums.metrics.merge(right.metrics) { ($0.value + $1.value, $0.weight + $1.weight) }
    return sums
  }

  func mean(step: Int) -> TrainingLog.Entry {
    let measures = metrics.map { Measure(name: $0.key, value: $0.value.value / $0.value.weight, count: 1) }
    return TrainingLog.Entry(step: step, loss: loss / Double(max(count, 1)), measures: measures)
  }
}

/// The sums of the last entries, in constant time each.
///
/// Two stacks, each of sums from its bottom up: nothing is ever subtracted, so that a NaN or a huge loss is forgotten once
/// it has left the window.
struct SlidingSums {
  private let length: Int
  /// Older entries, the oldest on top: sums down to the newest of them.
  private var old: [EntrySums] = []
  private var new: [EntrySums] = []
  private var newSums = EntrySums()

  init(length: Int) { self.length = length }

  var sums: EntrySums { (old.last ?? EntrySums()) + newSums }

  mutating func append(_ entry: EntrySums) {
    new.append(entry)
    newSums = newSums + entry
    if old.count + new.count > length { removeOldest() }
  }

  private mutating func removeOldest() {
    if old.isEmpty {
      for entry in new.reversed() { old.append(entry + (old.last ?? EntrySums())) }
      (new, newSums) = ([], EntrySums())
    }
    old.removeLast()
  }
}
