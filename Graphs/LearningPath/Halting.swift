import Foundation
import Recurve

/// Solves 4x4 Sudokus cell by cell: in each step every cell hears from its row, its column and its box, and thinks again.
///
/// After every step the answer is read and a score says whether it is right; all steps are trained, with the state
/// detached between them. Tokens `i32[B, 16]`: 1 blank, n + 1 for the number n.
struct CellNetwork: Model {
  let embedding: Embedding
  /// `[48, 16]`: for each cell the others of its row, its column, its box; fixed.
  let neighbours: Weight
  let hear: Linear
  let think: SwiGLU
  let readout: Linear
  let doubt: Linear
  let batch: Int
  let steps: Int

  static let (cells, vocabulary) = (16, 6)

  init(width: Int, batch: Int, steps: Int) {
    embedding = Embedding(count: Self.vocabulary, width: width)
    neighbours = .constant([3 * Self.cells, Self.cells], .values(Self.adjacency))
    hear = Linear(4 * width, width, hasBias: true)
    think = SwiGLU(width: width, inner: 2 * width)
    readout = Linear(width, Self.vocabulary)
    doubt = Linear(width, 1, hasBias: true)
    self.batch = batch
    self.steps = steps
  }

  private static let adjacency: [Float] = {
    let groups: [(Int) -> Int] = [{ $0 / 4 }, { $0 % 4 }, { $0 / 8 * 2 + $0 % 4 / 2 }]
    return groups.flatMap { group in
      (0..<cells).flatMap { cell in
        (0..<cells).map { other -> Float in cell != other && group(cell) == group(other) ? 1 : 0 }
      }
    }
  }()

  private func update(_ h: Tensor, _ x: Tensor) -> Tensor {
    let width = h.extent(2)
    let sums = dot(h, neighbours.tensor, DotAxes(leftInner: [1], rightInner: [1]))  // [B, D, 48]
    let heard = sums.reshaped(to: ["B": batch, "D": width, "G": 3, "S": Self.cells]).transposed(0, 3, 2, 1)
      .reshaped(to: ["B": batch, "S": Self.cells, "E": 3 * width])
    let next = h + x + hear(concatenate([h, heard], axis: 2))
    return rmsNorm(next + think(next))
  }

  func step(_ inputs: Inputs) -> Step {
    let tokens = inputs("tokens", ["B": batch, "S": Self.cells], .int32)
    let labels = inputs("labels", ["B": batch, "S": Self.cells], .int32)
    let x = embedding(tokens)
    let loop = scan(steps, [], carrying: [x]) { state, _ in
      let h = update(state[0].detached(), x)
      // One cell in doubt is enough to go on.
      let score = -doubt(h).reshaped(to: ["B": batch, "S": Self.cells]).max(axis: 1)
      return ([h], [readout(h), score])
    }
    let (answers, scores) = (loop.outputs[0], loop.outputs[1])  // [T, B, S, V], [T, B]
    let targets = labels.repeated(to: ["T": steps, "B": batch, "S": Self.cells])
    let isRight = (answers.argmax(axis: -1) .== targets).converted(to: .float32)
    let isSolved = (isRight.sum(axis: -1) .== Double(Self.cells)).converted(to: .float32)  // [T, B]
    let loss = crossEntropy(answers, targets).mean() + binaryCrossEntropy(scores, isSolved.detached()).mean()
    return Step(loss: loss, metrics: [("solved", isSolved), ("scores", scores)])
  }
}

extension LearningPath {
  static let halting = Experiment(
    name: "9a", title: "Knowing when to stop",
    idea: """
      Not every question needs the same thought. Beside the answer, the network gives a score: is the answer right? It is \
      trained by the binary cross-entropy against what is true. At run time the recursion stops as soon as the score says \
      yes, with a probability above one half. The task is 4x4 Sudokus with 2 to 10 blanks; in one step a cell hears only \
      from its row, column and box, so that a long chain of conclusions needs many steps. Blanks stand for difficulty.
      """,
    promise: "an easy puzzle stops after 2 steps, a hard one uses all 8, 4.3 on average instead of 8", seedCount: 20
  ) { run in
    let all = try run.overSeeds("Sudoku") { seed in try outcomes(seed, run) }
    var findings = Findings()
    let blanks = Array(2...10)
    func median(_ runs: [[HaltingOutcome]], _ count: Int?, _ value: (HaltingOutcome) -> Double) -> Double {
      runs.map { $0.filter { count == nil || $0.blankCount == count }.map(value).mean }.median
    }
    func row(_ name: String, _ text: (Double) -> String, _ value: (HaltingOutcome) -> Double) -> [String] {
      [name] + blanks.map { text(median(all, $0, value)) } + [text(median(all, nil, value))]
    }
    let fixed = median(all, nil) { $0.isSolved[haltingSteps - 1] ? 1 : 0 }
    findings.tables = [
      Findings.Table(
        "Held-out Sudokus by their blanks, \(haltingSteps) steps at most",
        header: ["blanks"] + blanks.map { "\($0)" } + ["all"],
        rows: [
          row("mean steps", { String(format: "%.2f", $0) }) { Double($0.depth()) },
          row("solved when halted", percent) { $0.isSolvedWhenHalted() ? 1 : 0 },
          row("solved after \(haltingSteps)", percent) { $0.isSolved[haltingSteps - 1] ? 1 : 0 },
          row("solved after 1", percent) { $0.isSolved[0] ? 1 : 0 },
        ]),
      Findings.Table(
        "What the halting probability asked for costs and gives", header: ["probability", "mean steps", "solved"],
        rows: thresholds.map { threshold in
          [
            "\(threshold)", String(format: "%.2f", median(all, nil) { Double($0.depth(threshold)) }),
            percent(median(all, nil) { $0.isSolvedWhenHalted(threshold) ? 1 : 0 }),
          ]
        } + [["never", "\(haltingSteps)", percent(fixed)]]),
    ]
    let strict = thresholds[1]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Steps until the network stops", xLabel: "blanks", yLabel: "mean steps",
          series: [thresholds[0], strict].map { threshold in
            let points = blanks.map { (x: Double($0), y: median(all, $0) { Double($0.depth(threshold)) }) }
            return Chart.Series(name: "probability above \(threshold)", points: points, hasMarks: true)
          }), as: "steps", caption: "Mean steps by the number of blanks; the limit is \(haltingSteps).")
    ]
    let (easy, hard) = (median(all, 2) { Double($0.depth()) }, median(all, 10) { Double($0.depth()) })
    findings.check("mean steps with 10 blanks over those with 2", hard / easy, atLeast: 1.5)
    findings.check("mean steps of all, of \(haltingSteps)", median(all, nil) { Double($0.depth()) }, atMost: 4.3)
    findings.check(
      "share solved when halted at probability \(strict) minus share solved after \(haltingSteps) steps",
      median(all, nil) { $0.isSolvedWhenHalted(strict) ? 1 : 0 } - fixed, atLeast: -0.02)
    findings.check(
      "mean steps at probability \(strict)", median(all, nil) { Double($0.depth(strict)) }, atMost: 4.3)
    let loss = fixed - median(all, nil) { $0.isSolvedWhenHalted() ? 1 : 0 }
    if loss > 0 {
      findings.remarks.append(
        "Stopping at a probability above one half, as published, stops too early here: it solves "
          + "\(String(format: "%.1f", loss * 100)) points less than \(haltingSteps) fixed steps.")
    }
    findings.remarks.append(
      "The document has 8 steps for a hard puzzle and 4.3 on average; here puzzles with 10 blanks take "
        + String(format: "%.2f", hard) + ", all together "
        + String(format: "%.2f", median(all, nil) { Double($0.depth()) }) + ".")
    let (last, never) = (
      median(all, nil) { $0.haltedAfter() == haltingSteps ? 1 : 0 },
      median(all, nil) { $0.haltedAfter() == nil ? 1 : 0 }
    )
    findings.remarks.append(
      "\(percent(last)) of the puzzles stop at step \(haltingSteps), as the document's hard one does; \(percent(never)) never do "
        + "and count as \(haltingSteps).")
    return findings
  }

  private static let haltingSteps = 8
  private static let thresholds = [0.5, 0.9, 0.99, 0.999]

  private static func outcomes(_ seed: UInt64, _ run: ExperimentRun) throws -> [HaltingOutcome] {
    let (batch, total) = (64, 1500)
    let puzzles = try GridPuzzles.sudokus(blanks: 2...10, training: 16384, test: 576, seed: seed)
    let trainer = try Trainer(
      CellNetwork(width: 32, batch: batch, steps: haltingSteps), optimizer: .adamW(decay: 0.1).clipping(globalNorm: 1),
      learningRate: LearningRate(3e-3, warmUp: 30, decay: .cosine(until: total)), seed: seed, run.options)
    func tensors(_ grids: GridPuzzles.Grids) -> [String: HostTensor] {
      let shape = Shape([batch, CellNetwork.cells])
      return ["tokens": HostTensor(shape, grids.questions), "labels": HostTensor(shape, grids.answers)]
    }
    for step in 0..<total { try trainer.step(tensors(puzzles.trainingBatch(step, batch: batch, seed: seed))) }
    return try (0..<puzzles.test.count / batch).flatMap { number in
      let results = try trainer.evaluate(tensors(puzzles.testBatch(number, batch: batch)))
      let (solved, scores) = (results["solved"]?.floats ?? [], results["scores"]?.floats ?? [])
      return (0..<batch).map { place in
        HaltingOutcome(
          blankCount: puzzles.test[number * batch + place].blankCount,
          isSolved: (0..<haltingSteps).map { solved[$0 * batch + place] > 0.5 },
          scores: (0..<haltingSteps).map { scores[$0 * batch + place] })
      }
    }
  }
}
