import Foundation
import TestSupport
import Testing
import Training

/// Means over steps, and pictures of one or several runs.
@Suite struct TrainingCurvesTests {
  private static func entry(_ step: Int, _ loss: Double, accuracy: Double? = nil, count: Int = 1) -> TrainingLog.Entry {
    let measures = accuracy.map { [Measure(name: "cell_accuracy", value: $0, count: count)] } ?? []
    return TrainingLog.Entry(step: step, loss: loss, measures: measures)
  }

  @Test func meansWeighSequences() {
    let entries = [
      Self.entry(1, 4, accuracy: 1, count: 1), Self.entry(2, 2), Self.entry(3, 3, accuracy: 0.5, count: 3),
    ]
    let mean = TrainingCurves.mean(entries)
    #expect(mean.step == 3 && mean.loss == 3 && mean.metrics == ["cell_accuracy": 0.625])
    #expect(mean.text == "loss 3.0000  cell accuracy 62.5 %")
    #expect(TrainingCurves.mean([Self.entry(2, 2)]).metrics.isEmpty)
  }

  /// What has left the window is forgotten, even where it was no number or far too large.
  @Test func windowsForgetWhatLeavesThem() {
    var entries = (1...90).map { Self.entry($0, Double($0), accuracy: 0.5) }
    entries[10].loss = .nan
    entries[20].loss = 1e300
    let smooth = TrainingCurves.smoothed(entries)
    #expect(smooth.map(\.step) == Array(1...90))
    #expect(smooth[0].loss == 1 && smooth[1].loss == 1.5 && smooth[2].loss == 2)
    #expect((10...12).allSatisfy { smooth[$0].loss.isNaN } && (20...22).allSatisfy { smooth[$0].loss > 1e299 })
    for index in [13, 23, 60, 89] {
      #expect(smooth[index].loss == Double(index) && smooth[index].metrics == ["cell_accuracy": 0.5])
    }
  }

  /// A window of a thirtieth of the run: work in its length for each entry would take hours here.
  @Test(.timeLimit(.minutes(1))) func longRunsAreSmoothedAtOnce() {
    let smooth = TrainingCurves.smoothed((1...200_000).map { Self.entry($0, 2) })
    #expect(smooth.count == 200_000 && smooth.allSatisfy { $0.loss == 2 })
  }

  @Test func severalRunsShareOnePicture() throws {
    let entries = (1...40).map { Self.entry($0, 1 / Double($0), accuracy: $0 % 2 == 0 ? 0.5 : nil, count: 2) }
    var validated = entries
    validated[19].validation = ["loss": 0.5, "cell_accuracy": 0.25, "supervision_steps": 3]
    let curves = TrainingCurves([.init(name: "a", entries: entries), .init(name: "b's \"best\"", entries: validated)])
    let chart = curves.chart(title: "it's a title")
    #expect(
      chart.series.map(\.name) == [
        "a: loss", "a: cell accuracy", "b's \"best\": loss", "b's \"best\": validation loss",
        "b's \"best\": cell accuracy", "b's \"best\": validation cell accuracy",
      ])
    #expect(chart.series.map(\.axis) == [1, 2, 1, 1, 2, 2])
    try withTemporaryFolder { folder in
      for ending in ["svg", "png"] {
        let path = folder + "/curves." + ending
        try chart.write(to: path)
        let start = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8)
        #expect(
          ending == "png" ? start.dropFirst().starts(with: Data("PNG".utf8)) : start.starts(with: Data("<?xml".utf8)))
      }
    }
  }
}
