import Foundation
import Recurve
import TinyRecursion

extension LearningPath {
  static let detachedRecursion = Experiment(
    name: "8b", title: "Detached recursion",
    idea: """
      Back-propagation through ten recursions keeps the inner values of all ten. If only the last one carries a gradient, \
      the nine before are mere computation: they improve the state, and nothing of them is kept. Checkpointing keeps the \
      states and computes the rest again, at the same gradient, bit for bit; revolve keeps even fewer states. So the \
      question is what each mode costs, in bytes and in time, and what it gives, in accuracy. The model is a small Tiny \
      Recursive Model that solves 4x4 Sudokus with 2 to 5 blanks in one go of ten recursions, each of six latent updates \
      and one of the answer.
      """,
    promise: "10 recursions: 2.4 GB with full back-propagation, 0.3 GB detached, same accuracy", seedCount: 5
  ) { run in
    let trained: [GradientMode] = [.full, .last(1), .last(2)]
    let exact: [GradientMode] = [.checkpointed(every: 1), .revolve(slots: 3)]
    let depths = try depthTable([.full, .last(1), .last(2), .last(5)] + exact, [1, 2, 5, 10, 20, 40], run.options)
    let all = try run.overSeeds(of: trained, "\(stepCount) steps") { mode, seed in
      try outcome(mode, steps: stepCount, seed, run)
    }
    // Exact modes need no long training: their weights are those of full back-propagation, which is checked.
    let few = try run.overSeeds(of: [.full] + exact, "\(fewSteps) steps") { mode, seed in
      try outcome(mode, steps: fewSteps, seed, run)
    }
    var findings = Findings()
    let rows = zip(trained, all).map { ($0, $1, all[0]) } + zip(exact, few.dropFirst()).map { ($0, $1, few[0]) }
    findings.tables = [
      Findings.Table(
        "10 recursions, batch \(sizes(depth: 10).batch), width \(sizes(depth: 10).width), \(stepCount) steps",
        header: ["gradient", "planned", "highest", "values", "full / this", "time / full", "puzzles solved"],
        rows: rows.map { mode, runs, full in
          let isExact = exact.contains(mode)
          return [
            "\(mode)", TextTable.bytes(runs[0].planned), TextTable.bytes(runs[0].highest),
            TextTable.bytes(runs[0].valueBytes),
            String(format: "%.1fx", Double(full[0].valueBytes) / Double(runs[0].valueBytes)),
            String(format: "%.2f", runs.map(\.seconds).median / full.map(\.seconds).median),
            isExact ? "that of full" : percent(runs.map(\.accuracy).median),
          ]
        }), depths,
    ]
    let full = all[0]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Held-out Sudokus solved by the gradient mode of ten recursions", xLabel: "training step",
          yLabel: "share solved",
          series: zip(trained, all).map { mode, runs in
            let points = runs[0].curve.indices.map { index in
              (x: runs[0].curve[index].x, y: runs.map { $0.curve[index].y }.median)
            }
            return Chart.Series(name: "\(mode)", points: points, hasMarks: true)
          }), as: "solved",
        caption:
          "Medians over the seeds. Exact modes would give the curve of full: after \(fewSteps) steps their weights are "
          + "its, bit for bit.")
    ]
    findings.check(
      "values of full over values of last(1)", Double(full[0].valueBytes) / Double(all[1][0].valueBytes), atLeast: 8)
    let apart = (all + few).joined().map { abs($0.planned - $0.highest) }
    findings.check("planned bytes and the highest address written, apart", Double(apart.max() ?? 0), atMost: 0)
    for (mode, runs) in zip(exact, few.dropFirst()) {
      findings.check(
        "values of full over values of \(mode)", Double(full[0].valueBytes) / Double(runs[0].valueBytes), atLeast: 8)
      let different = zip(runs, few[0]).count { $0.weightBits != $1.weightBits }
      findings.check(
        "seeds whose weights differ from full's after \(fewSteps) steps of \(mode)", Double(different), atMost: 0)
    }
    for (mode, runs) in zip(trained, all).dropFirst() {
      let gap = runs.map(\.accuracy).median - full.map(\.accuracy).median
      findings.check("shares solved with \(mode) and with full, apart", abs(gap), atMost: 0.01)
    }
    if full.map(\.accuracy).median < all[1].map(\.accuracy).median {
      findings.remarks.append(
        "The gradient through all ten recursions is exact and learns later than the truncated one: it passes 70 layers, "
          + "and the last recursion alone is the better teacher here.")
    }
    findings.remarks += [
      "last(k) keeps k frames, so its bytes lie between those of last(1) and full. The document's 2.4 GB and 0.3 GB fit a "
        + "law of a constant and a share per recursion inside the gradient; so do ours."
    ]
    return findings
  }

  private static let (stepCount, fewSteps) = (1000, 20)

  private static func sizes(depth: Int) -> TinyRecursion.Sizes {
    var sizes = TinyRecursion.Sizes(batch: 16, side: 4, width: 32, heads: 2, inner: 128, registers: 1)
    sizes.variant = .mixer
    sizes.layers = 1
    sizes.cycles = depth
    sizes.updates = 6
    sizes.supervisionSteps = 1
    return sizes
  }

  private struct RecursionOutcome: Sendable {
    var planned: Int
    /// Without scratch and panels.
    var valueBytes: Int
    /// Up to the highest address that a run writes.
    var highest: Int
    var seconds: Double
    var accuracy: Double
    var weightBits: [String: [UInt32]]
    /// Held-out puzzles solved, over the steps.
    var curve: [(x: Double, y: Double)]
  }

  private static func outcome(
    _ mode: GradientMode, steps: Int, _ seed: UInt64, _ run: ExperimentRun
  ) throws -> RecursionOutcome {
    let puzzles = try GridPuzzles.sudokus(blanks: 2...5, training: 4096, test: 256, seed: seed)
    let training = try GridTraining(
      sizes(depth: 10), puzzles, gradient: mode, optimizer: .adamW(decay: 0.1).clipping(globalNorm: 1),
      rate: LearningRate(3e-3, warmUp: 30, decay: .cosine(until: stepCount)), seed: seed, run.options)
    var seconds: [Double] = []
    var curve: [(x: Double, y: Double)] = []
    for step in 1...steps {
      let start = ContinuousClock.now
      try training.train(1)
      seconds.append((ContinuousClock.now - start) / .seconds(1))
      if step % 100 == 0 { curve.append((Double(step), try training.outcomes().map { $0.isSolved[0] ? 1 : 0 }.mean)) }
    }
    let program = training.session.program
    return RecursionOutcome(
      planned: program.plannedByteCount, valueBytes: program.valueByteCount,
      highest: try program.measureMemory(countsBuffers: false)?.highestByteCount ?? 0,
      seconds: seconds.median, accuracy: curve.last?.y ?? .nan,
      weightBits: training.session.trainer.weights.mapValues { $0.floats.map(\.bitPattern) }, curve: curve)
  }

  /// Planned bytes of the modes at other depths: no run is needed to know them.
  static func depthTable(
    _ modes: [GradientMode], _ depths: [Int], _ options: CompilerOptions
  ) throws -> Findings.Table {
    let rows = try modes.map { mode in
      try depths.map { depth in
        let trainer = try Trainer(
          TinyRecursion(sizes(depth: depth), gradient: mode.within(depth)),
          optimizer: .adamW(decay: 0.1).clipping(globalNorm: 1), seed: 1, options)
        return TextTable.bytes(trainer.program.plannedByteCount)
      }
    }
    return Findings.Table(
      "Planned bytes by the number of recursions", header: ["gradient"] + depths.map { "\($0)" },
      rows: zip(modes, rows).map { ["\($0)"] + $1 })
  }
}

extension GradientMode {
  /// The last of fewer iterations are all of them.
  fileprivate func within(_ iterations: Int) -> GradientMode {
    if case .last(let count) = self, count > iterations { .full } else { self }
  }
}
