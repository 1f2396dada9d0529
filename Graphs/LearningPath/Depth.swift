import Foundation
import Recurve

extension LearningPath {
  static let depth = Experiment(
    name: "5a", title: "Deeper networks",
    idea: """
      A second hidden layer can combine what the first one found, which one wide layer has to enumerate. The task: two 3x3 \
      grids, the second is the first one turned or reflected; which of the eight maps was it? Every layer that a gradient \
      passes multiplies it by weights and by slopes. With sigmoids the product shrinks, with rectified units it keeps its \
      size. So the norms of the gradients are shown, layer by layer, in the first step.
      """,
    promise: "3 layers 60 %, 4 layers 78 % on an ARC-like pattern", seedCount: 20
  ) { run in
    let (testCount, batch, widths) = (640, 64, [6, 8, 12, 32])
    let kinds: [(name: String, depth: Int)] = [("3 layers", 1), ("4 layers", 2), ("5 layers", 3)]
    let all = try kinds.map { kind in
      try widths.map { width in
        try run.overSeeds("\(kind.name), width \(width)") { seed in
          let (test, training) = DihedralGrids.all.split(testCount, seed: seed)
          let network = Classifier(
            inputs: 18, width: width, depth: kind.depth, classes: 8, batch: batch, activation: .relu)
          let trainer = try Trainer(network, optimizer: .adam(), learningRate: 3e-3, seed: seed, run.options)
          try training.train(trainer, epochs: 60, batch: batch, seed: seed)
          return try test.mean("accuracy", trainer, batch: batch)
        }.median
      }
    }
    var findings = Findings()
    findings.tables = [
      Findings.Table(
        "Test accuracy: \(DihedralGrids.all.count) pairs, \(testCount) of them for the test; 60 epochs of Adam",
        header: ["hidden units per layer"] + widths.map { "\($0)" },
        rows: zip(kinds, all).map { kind, medians in [kind.name] + medians.map(percent) })
    ]
    findings.tables.append(try flowTable(run))
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Test accuracy by width and depth", xLabel: "hidden units per layer", yLabel: "test accuracy",
          series: zip(kinds, all).map { kind, medians in
            let points = zip(widths, medians).map { (x: Double($0), y: $1) }
            return Chart.Series(name: kind.name, points: points, hasMarks: true)
          }), as: "accuracy", caption: "Narrow layers need depth, wide ones do not.")
    ]
    findings.check("test accuracy of 4 layers of 32 units", all[1][3], atLeast: 0.78)
    findings.check("test accuracy of 4 layers of 8 units minus that of 3 layers", all[1][1] - all[0][1], atLeast: 0.01)
    findings.check("test accuracy of 5 layers of 8 units minus that of 3 layers", all[2][1] - all[0][1], atLeast: 0.02)
    findings.remarks = [
      "Only \(DihedralGrids.all.count / 8) of the 512 grids have no symmetry of their own, which makes "
        + "\(DihedralGrids.all.count) pairs with one right answer."
    ]
    if all[1][3] - all[0][3] < 0.01 {
      findings.remarks.append("With 32 units per layer 3 layers solve the task as well as 4.")
    }
    let gain = (all[1][1] - all[0][1]) * 100
    findings.remarks.append(
      "With 8 units per layer the fourth layer brings \(String(format: "%.1f", gain)) points; the document's eighteen are those "
        + "of an illustration.")
    return findings
  }

  /// Norms of the gradients of every layer's matrix, at the start of training.
  private static func flowTable(_ run: ExperimentRun) throws -> Findings.Table {
    let rows = try [Perceptron.Activation.sigmoid, .tanh, .relu].map { activation in
      let norms = try run.overSeeds("gradients, \(activation.rawValue)") { seed in
        try gradientNorms(depth: 5, activation: activation, seed: seed, run)
      }
      let medians = norms[0].indices.map { layer in norms.map { $0[layer] }.median }
      return [activation.rawValue] + medians.map { String(format: "%.2g", $0) }
    }
    return Findings.Table(
      "Gradient norms of the matrices of 7 layers in the first step, from the input to the output",
      header: ["", "1", "2", "3", "4", "5", "6"], rows: rows)
  }

  /// Norms of the gradients of all matrices in the first step, first layer first.
  static func gradientNorms(
    depth: Int, activation: Perceptron.Activation, hasResiduals: Bool = false, seed: UInt64, _ run: ExperimentRun
  ) throws -> [Double] {
    let network = Classifier(
      inputs: 18, width: 32, depth: depth, classes: 8, batch: 64, activation: activation, hasResiduals: hasResiduals)
    let trainer = try Trainer(
      network, optimizer: .adam().reportingGradientNorms(), learningRate: 1e-3, seed: seed, run.options)
    let results = try trainer.step(DihedralGrids.all.split(64, seed: seed).first.tensors(0..<64))
    let names = ["first"] + (0..<depth - 1).map { "hidden.\($0)" } + ["last"]
    return names.map { results["gradient_norm.\($0).weight"]?.doubles[0] ?? .nan }
  }

  static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
