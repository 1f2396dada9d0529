import Foundation
import Recurve

extension LearningPath {
  static let residuals = Experiment(
    name: "5b", title: "Residual connections",
    idea: """
      A layer that adds to what it reads, `h + f(h)`, passes the gradient on unchanged beside what f does to it. Without \
      the sum, every sigmoid layer shrinks the gradient by its slope, a quarter at most, and after ten layers nothing is \
      left for the first ones. With it the first layers learn as fast as the last ones, at any depth. The task is that of \
      example 5a; only depth, activation and the sum differ.
      """,
    promise: "6 layers: without residuals the gradient vanishes and training fails; with them 85 %", seedCount: 20
  ) { run in
    let cases = [Perceptron.Activation.sigmoid, .tanh].flatMap { activation in
      [6, 10, 16].flatMap { depth in
        [false, true].map { (activation: activation, depth: depth, hasResiduals: $0) }
      }
    }
    let all = try cases.map { kind in
      try run.overSeeds("\(kind.depth) \(kind.activation.rawValue)\(kind.hasResiduals ? ", residual" : "")") { seed in
        try trained(kind.depth, kind.activation, kind.hasResiduals, seed, run)
      }
    }
    var findings = Findings()
    findings.tables = [
      Findings.Table(
        "Hidden layers of 32 units, 40 epochs of Adam",
        header: ["", "gradient first / last layer", "test accuracy"],
        rows: zip(cases, all).map { kind, runs in
          [
            "\(kind.depth) \(kind.activation.rawValue)\(kind.hasResiduals ? ", residual" : "")",
            String(format: "%.2g", runs.map(\.ratio).median), percent(runs.map(\.accuracy).median),
          ]
        })
    ]
    findings.pictures = [try flowPicture(run)]
    func median(_ depth: Int, _ hasResiduals: Bool, _ value: (Outcome) -> Double) -> Double {
      let index = cases.firstIndex { $0 == (.sigmoid, depth, hasResiduals) } ?? 0
      return all[index].map(value).median
    }
    findings.check("6 sigmoid layers without residuals: test accuracy", median(6, false, \.accuracy), atMost: 0.3)
    findings.check("6 sigmoid layers with residuals: test accuracy", median(6, true, \.accuracy), atLeast: 0.85)
    findings.check("16 sigmoid layers with residuals: test accuracy", median(16, true, \.accuracy), atLeast: 0.85)
    findings.check(
      "6 sigmoid layers: gradient ratio first/last with residuals over without",
      median(6, true, \.ratio) / median(6, false, \.ratio), atLeast: 10)
    return findings
  }

  /// Gradient norms layer by layer, 16 sigmoid layers.
  private static func flowPicture(_ run: ExperimentRun) throws -> Findings.Picture {
    let series = try [false, true].map { hasResiduals in
      let norms = try run.overSeeds("gradients") { seed in
        try gradientNorms(depth: 16, activation: .sigmoid, hasResiduals: hasResiduals, seed: seed, run)
      }
      let points = norms[0].indices.map { layer in
        (x: Double(layer + 1), y: log10(norms.map { $0[layer] }.median))
      }
      return Chart.Series(name: hasResiduals ? "with residuals" : "without", points: points, hasMarks: true)
    }
    return try run.draw(
      Chart(
        title: "16 sigmoid layers: gradient of each layer's matrix in the first step", xLabel: "layer, from the input",
        yLabel: "log10 of the norm", series: series), as: "gradients",
      caption: "Without residuals each layer takes its share away; the first one gets nothing.")
  }

  private struct Outcome: Sendable {
    var ratio: Double
    var accuracy: Double
  }

  private static func trained(
    _ depth: Int, _ activation: Perceptron.Activation, _ hasResiduals: Bool, _ seed: UInt64, _ run: ExperimentRun
  ) throws -> Outcome {
    let norms = try gradientNorms(
      depth: depth, activation: activation, hasResiduals: hasResiduals, seed: seed, run)
    let (test, training) = DihedralGrids.all.split(640, seed: seed)
    let network = Classifier(
      inputs: 18, width: 32, depth: depth, classes: 8, batch: 64, activation: activation, hasResiduals: hasResiduals)
    let trainer = try Trainer(network, optimizer: .adam(), learningRate: 3e-3, seed: seed, run.options)
    try training.train(trainer, epochs: 40, batch: 64, seed: seed)
    return Outcome(ratio: norms[0] / norms[depth], accuracy: try test.mean("accuracy", trainer, batch: 64))
  }
}
