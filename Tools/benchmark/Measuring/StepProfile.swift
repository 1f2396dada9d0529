import Foundation
import Recurve

/// Where the time of one run goes: its kernels, the slowest first.
struct StepProfile {
  struct Entry {
    var label: String
    var launches: Int
    var seconds: Double
  }

  let entries: [Entry]

  /// Runs a few times and adds up what has the same label.
  init(_ program: CompiledProgram, runs: Int = 3) {
    var entries: [String: Entry] = [:]
    for _ in 0..<runs {
      for step in program.runTimed() where step.launches > 0 {
        entries[step.label, default: Entry(label: step.label, launches: 0, seconds: 0)].launches += step.launches
        entries[step.label]?.seconds += step.seconds
      }
    }
    self.entries = entries.values.map {
      Entry(label: $0.label, launches: $0.launches / runs, seconds: $0.seconds / Double(runs))
    }.sorted { $0.seconds > $1.seconds }
  }

  /// A table of the slowest labels.
  func text(rows: Int = 25) -> String {
    let total = entries.reduce(0) { $0 + $1.seconds }
    let lines = entries.prefix(rows).map { entry in
      [
        entry.label, "\(entry.launches)", String(format: "%.3f", entry.seconds * 1e3),
        String(format: "%.1f", 100 * entry.seconds / total),
      ]
    }
    return TextTable.text(["step", "launches", "ms", "%"], lines)
  }

  func show() { FileHandle.standardError.write(Data((text() + "\n").utf8)) }
}
