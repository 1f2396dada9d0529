import Foundation
import Reports

/// One table per workload.
struct ComparisonTables {
  let result: PeerComparison
  var expected = ExpectedResults()

  var text: String {
    ["w1", "w2", "w3", "w4"].compactMap { workload in
      let configurations = result.configurations.filter { $0.workload == workload }
      return configurations.isEmpty ? nil : table(workload, configurations)
    }.joined(separator: "\n\n")
  }

  private func table(_ workload: String, _ configurations: [Configuration]) -> String {
    switch workload {
    case "w2":
      TextTable.text(["w2 us/step", "system", "sync", "async", "fused", "loss error"], rows(configurations, w2))
    case "w4":
      TextTable.text(
        ["w4 ms (GB/s)", "system"] + MemoryBoundKernel.allCases.map(\.rawValue) + ["sample error"],
        rows(configurations, w4))
    default:
      TextTable.text(
        [
          workload, "system", "ms/step", "x fastest peer", "GF/s", "work MB", "peak MB", "latency s", "cold s",
          "warm s", "loss error",
        ], rows(configurations, training))
    }
  }

  private func rows(
    _ configurations: [Configuration], _ cells: (Configuration, String) -> [String]
  ) -> [[String]] {
    configurations.flatMap { configuration in
      result.systems(configuration).sorted(by: { isFaster($0, $1, configuration) }).enumerated().map { index, system in
        let measurements = result.measurements(configuration, system)
        let title = index == 0 ? configuration.title : ""
        guard measurements.contains(where: { $0.error == nil }) else { return [title, system, "failed"] }
        return [title, system + (measurements.contains(where: \.clean) ? "" : " (noisy)")]
          + cells(configuration, system)
      }
    }
  }

  private func isFaster(_ a: String, _ b: String, _ configuration: Configuration) -> Bool {
    let key = configuration.times[0].key
    return (result.figure(key, configuration, a) ?? .infinity) < (result.figure(key, configuration, b) ?? .infinity)
  }

  private func training(_ configuration: Configuration, _ system: String) -> [String] {
    func cell(_ key: String, _ scale: Double, _ digits: Int) -> String {
      number(result.figure(key, configuration, system).map { $0 * scale }, digits)
    }
    return [
      cell("step_seconds", 1e3, 1), number(result.ratio("step_seconds", configuration, system), 2),
      cell("gigaflops_per_second", 1, 0), cell("work_bytes", 1e-6, 0), cell("peak_bytes", 1e-6, 0),
      cell("latency_seconds", 1, 2), cell("cold_seconds", 1, 2), cell("warm_seconds", 1, 2),
      lossError(configuration, system),
    ]
  }

  private func w2(_ configuration: Configuration, _ system: String) -> [String] {
    configuration.times.map { time in
      timeCell(
        result.figure(time.key, configuration, system).map { number($0 * 1e6, 2) }, time.key, configuration, system)
    } + [lossError(configuration, system)]
  }

  private func w4(_ configuration: Configuration, _ system: String) -> [String] {
    let error = result.sampleError(configuration, system, expected: expected.samples)
    return MemoryBoundKernel.allCases.map { kernel in
      let key = "\(kernel.rawValue).step_seconds"
      let rate = result.figure("\(kernel.rawValue).gigabytes_per_second", configuration, system)
      let time = result.figure(key, configuration, system).map { "\(number($0 * 1e3, 2)) (\(number(rate, 0)))" }
      return timeCell(time, key, configuration, system)
    } + [error.map { String(format: "%.0e", $0) } ?? "-"]
  }

  /// A time with its ratio to the fastest peer.
  private func timeCell(_ time: String?, _ key: String, _ configuration: Configuration, _ system: String) -> String {
    guard let time else { return "-" }
    return time + (result.ratio(key, configuration, system).map { " \(number($0, 2))x" } ?? "")
  }

  private func lossError(_ configuration: Configuration, _ system: String) -> String {
    result.lossError(configuration, system, expected: expected.losses).map { String(format: "%.0e", $0) } ?? "-"
  }

  private func number(_ value: Double?, _ digits: Int) -> String {
    value.map { String(format: "%.\(digits)f", $0) } ?? "-"
  }
}

/// Columns of text, numbers to the right.
enum TextTable {
  static func text(_ header: [String], _ rows: [[String]]) -> String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).enumerated().map { column, pair in
        let space = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
        return column < 2 ? pair.0 + space : space + pair.0
      }
      return padded.joined(separator: "  ")
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
  }
}
