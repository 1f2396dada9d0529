import Foundation
import StandardStreams

/// One line on standard error that is redrawn on terminals, and printed now and then elsewhere.
public struct ProgressBar {
  private let total: Int
  private let start: Int
  private let isTerminal: Bool
  private let begin = ContinuousClock.now
  private var lastPrint: ContinuousClock.Instant?

  public init(total: Int, start: Int) {
    self.total = total
    self.start = start
    isTerminal = isatty(2) == 1
  }

  /// - Parameter text: what is told beside the count, for example the loss.
  public mutating func show(_ step: Int, examplesPerStep: Int? = nil, _ text: String) {
    let now = ContinuousClock.now
    let isLast = step == total
    let interval = isTerminal ? Duration.milliseconds(100) : .seconds(5)
    if let lastPrint, now - lastPrint < interval, !isLast { return }
    lastPrint = now
    let seconds = (now - begin) / .seconds(1)
    let rate = Double(step - start) / max(seconds, 1e-9)
    // Before the first one nobody knows.
    let left = step == start ? "" : "\(Self.time(Double(total - step) / max(rate, 1e-9))) left"
    let width = 24
    let filled = width * step / max(total, 1)
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
    let speed = examplesPerStep.map { String(format: "%.0f examples/s  ", rate * Double($0)) } ?? ""
    let line = "[\(bar)] \(step)/\(total)  \(text)  \(speed)\(left)"
    StandardStreams.redraw(line, isLast: isLast)
  }

  /// Writes a line that stays, in place of the bar until that is shown again.
  public func note(_ line: String) { StandardStreams.redraw(line, isLast: true) }

  private static func time(_ seconds: Double) -> String {
    seconds >= 3600
      ? String(format: "%d h %02d min", Int(seconds) / 3600, Int(seconds) / 60 % 60)
      : seconds >= 60
        ? String(format: "%d min %02d s", Int(seconds) / 60, Int(seconds) % 60) : String(format: "%.0f s", seconds)
  }
}
