import Foundation
import Recurve

/// Adds up terms one by one: `h <- f(h, term)`, and after every term the result so far is read from h.
///
/// Terms and results `i32[4, B]`.
struct PrefixSumNetwork: Model {
  enum Supervision: String, Sendable, CaseIterable {
    case everyStepDetached = "every step, detached"
    case everyStep = "every step, not detached"
    case lastStep = "last step only, not detached"
    case lastStepDetached = "last step only, detached"

    var isDetached: Bool { self == .everyStepDetached || self == .lastStepDetached }
    var seesEveryStep: Bool { self == .everyStepDetached || self == .everyStep }
  }

  let embedding: Embedding
  let think: SwiGLU
  let readout: Linear
  let batch: Int
  let supervision: Supervision

  init(width: Int, batch: Int, _ supervision: Supervision) {
    embedding = Embedding(count: SignedSums.tokenCount, width: width)
    think = SwiGLU(width: width, inner: 4 * width)
    readout = Linear(width, SignedSums.modulus)
    self.batch = batch
    self.supervision = supervision
  }

  func step(_ inputs: Inputs) -> Step {
    let terms = inputs("terms", ["T": SignedSums.termCount, "B": batch], .int32)
    let results = inputs("results", ["T": SignedSums.termCount, "B": batch], .int32)
    let parts = embedding(terms)  // [T, B, D]
    let start = Tensor.constant(0, ["B": batch, "D": parts.extent(2)])
    let (_, scores) = scan(parts, carrying: start) { h, term in
      let before = supervision.isDetached ? h.detached() : h
      let h = rmsNorm(before + term + think(before + term))
      return (h, readout(h))
    }
    let losses = crossEntropy(scores, results).mean(axis: -1)  // [T]
    let isRight = (scores.argmax(axis: -1) .== results).converted(to: .float32)
    let loss = supervision.seesEveryStep ? losses.sum() : losses.at(SignedSums.termCount - 1, axis: 0)
    return Step(loss: loss, metrics: [("losses", losses), ("accuracy", isRight.mean(axis: -1))])
  }
}

extension LearningPath {
  static let deepSupervision = Experiment(
    name: "8a", title: "Deep supervision",
    idea: """
      A problem of several steps has a right answer after every step. Deep supervision trains them all: the loss is the sum \
      of the losses of the steps. Then no gradient need flow from one step into the one before, because each has a teacher \
      of its own: the state is detached between them. The task is sums \
      of two to four signed terms modulo 20, and step i must know the result after i terms. The comparison leaves out the \
      detaching, or the teachers, or both.
      """,
    promise: "3 + 2 - 1: step 1 computes 5 with loss 0.02, step 2 computes 4 with loss 0.01, 0.03 in all", seedCount: 20
  ) { run in
    let kinds = PrefixSumNetwork.Supervision.allCases
    let all = try kinds.map { kind in
      try run.overSeeds(kind.rawValue) { seed in try trained(kind, seed, run) }
    }
    var findings = Findings()
    let steps = 1..<SignedSums.termCount
    findings.tables = [
      Findings.Table(
        "Accuracy on unseen sums after \(stepCount) steps, and memory",
        header: [""] + steps.map { "after term \($0 + 1)" } + ["loss, all steps", "arena"],
        rows: zip(kinds, all).map { kind, runs in
          [kind.rawValue] + steps.map { step in percent(runs.map { $0.accuracy[step] }.median) }
            + [
              String(format: "%.2g", runs.map { $0.losses.reduce(0, +) }.median), TextTable.bytes(runs[0].byteCount),
            ]
        }),
      Findings.Table(
        "Losses of the steps, every step trained and detached", header: [""] + steps.map { "after term \($0 + 1)" },
        rows: [["loss"] + steps.map { step in String(format: "%.2g", all[0].map { $0.losses[step] }.median) }]),
    ]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Unseen sums: results right after each term", xLabel: "terms", yLabel: "accuracy",
          series: zip(kinds, all).map { kind, runs in
            let points = steps.map { step in (x: Double(step + 1), y: runs.map { $0.accuracy[step] }.median) }
            return Chart.Series(name: kind.rawValue, points: points, hasMarks: true)
          }), as: "accuracy", caption: "Teachers at every step, or only at the last one.")
    ]
    for step in steps {
      findings.check(
        "accuracy after term \(step + 1), every step trained and detached", all[0].map { $0.accuracy[step] }.median,
        atLeast: 0.95)
    }
    findings.check(
      "accuracy in the end, minus that of training the last step only, detached",
      all[0].map { $0.accuracy[3] }.median - all[3].map { $0.accuracy[3] }.median, atLeast: 0.1)
    return findings
  }

  private static let stepCount = 1200

  private struct SumOutcome: Sendable {
    var accuracy: [Double]
    var losses: [Double]
    var byteCount: Int
  }

  private static func trained(
    _ kind: PrefixSumNetwork.Supervision, _ seed: UInt64, _ run: ExperimentRun
  ) throws -> SumOutcome {
    let batch = 256
    let trainer = try Trainer(
      PrefixSumNetwork(width: 64, batch: batch, kind), optimizer: .adamW(decay: 0.1),
      learningRate: LearningRate(3e-3, warmUp: 50, decay: .cosine(until: stepCount)), seed: seed, run.options)
    for step in 0..<stepCount {
      try trainer.step(SignedSums.tensors(of: .training, batch: batch, seed: seed, stream: UInt64(step)))
    }
    let results = try trainer.evaluate(SignedSums.tensors(of: .test, batch: batch, seed: seed, stream: .max))
    return SumOutcome(
      accuracy: results["accuracy"]?.doubles ?? [], losses: results["losses"]?.doubles ?? [],
      byteCount: trainer.program.plannedByteCount)
  }
}
