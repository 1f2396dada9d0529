import Recurve

/// A language model as training knows it: scores of the token behind each position against those that are asked for.
///
/// Inputs: `tokens` and `labels`, `i32[B, L]`; positions whose label is -1 are not asked for.
public struct NextToken: Model {
  /// The label of a position that is not asked for.
  public static let unasked: Int32 = -1

  public let gpt: GPT
  let batch: Int
  private let countsSequences: Bool

  /// - Parameter countsSequences: whether a step says how many sequences are right in all that is asked for.
  public init(_ gpt: GPT, batch: Int, countsSequences: Bool = true) {
    (self.gpt, self.batch, self.countsSequences) = (gpt, batch, countsSequences)
  }

  public func step(_ inputs: Inputs) -> Step {
    let shape: Shape = ["B": batch, "L": gpt.sizes.context]
    let (tokens, labels) = (inputs("tokens", shape, .int32), inputs("labels", shape, .int32))
    let scores = gpt.scores(tokens)
    return scope("loss") {
      let isAsked = labels .!= Double(Self.unasked)
      let isRight = (scores.argmax(axis: -1) .== labels) .& isAsked
      let rightCounts = isRight.converted(to: .float32).sum(axis: 1)
      let isWhole = (rightCounts .== isAsked.converted(to: .float32).sum(axis: 1)).converted(to: .float32)
      let count = isAsked.converted(to: .float32).sum()
      return Step(
        loss: meanCrossEntropy(scores, labels, ignoring: Int(Self.unasked)), over: count,
        metrics: [("token_accuracy", Metric(value: rightCounts.sum(), count: count))]
          + (countsSequences ? [("exact_match", isWhole.mean())] : []))
    }
  }
}
