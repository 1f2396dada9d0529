import GraphIR
import Operators
import TensorTypes

/// Minus the log-probability of each label: scores `[..., classes]`, labels `i32[...]` -> `[...]`.
///
/// - Parameters:
///   - ignored: a label whose loss is 0.
///   - smoothing: the share of the target that is spread evenly over all classes, from 0 to 1: `crossEntropy.1` (Szegedy et al.
///     2016, section 7); PyTorch's `label_smoothing`.
public func crossEntropy(
  _ scores: Tensor, _ labels: Tensor, ignoring ignored: Int? = nil, smoothing: Double = 0,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let own = loss(.crossEntropy, scores, labels, ignored)
    if smoothing == 0 { return own }
    guard (0...1).contains(smoothing) else {
      return refused([own], TypeError("crossEntropy.1", "needs a smoothing from 0 to 1, got \(smoothing)"), own.type)
    }
    let even = -logSoftmax(scores).mean(axis: -1)
    let counted = ignored.map { select(labels .== Double($0), even.constant(like: 0), even) } ?? even
    return own * (1 - smoothing) + counted * smoothing
  }
}

/// The mean of `crossEntropy` over the labels that are not ignored, a scalar; 0 where all are. PyTorch's `cross_entropy` with
/// `ignore_index`, which divides nothing by nothing then.
public func meanCrossEntropy(
  _ scores: Tensor, _ labels: Tensor, ignoring ignored: Int, smoothing: Double = 0, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  located(file, line) {
    let counted = (labels .!= Double(ignored)).converted(to: scores.type.elementType).sum()
    let losses = crossEntropy(scores, labels, ignoring: ignored, smoothing: smoothing)
    return losses.sum() / maximum(counted, counted.constant(like: 1))
  }
}

/// Like `crossEntropy`, with stablemax in place of softmax, in double precision.
public func stablemaxCrossEntropy(
  _ scores: Tensor, _ labels: Tensor, ignoring: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { loss(.stablemaxCrossEntropy, scores, labels, ignoring) }
}

/// The cross-entropy of targets in [0, 1] under the sigmoid of scores, element by element.
public func binaryCrossEntropy(
  _ scores: Tensor, _ targets: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { paired("binaryCrossEntropy", scores, targets) { Tensor.binary(.binaryCrossEntropy, $0, $1) } }
}

/// The squares of the differences, element by element; their mean is PyTorch's MSELoss.
public func squaredError(
  _ found: Tensor, _ targets: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let difference = paired("squaredError", found, targets, -)
    return difference * difference
  }
}

/// Half of the squares of differences, which grow in proportion to the difference beyond delta, element by element (Huber 1964):
/// `d^2 / 2` up to delta, then `delta (|d| - delta / 2)`. Their mean is PyTorch's HuberLoss.
///
/// - Parameter delta: larger than 0: `huberLoss.1`.
public func huberLoss(
  _ found: Tensor, _ targets: Tensor, delta: Double = 1, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let difference = paired("huberLoss", found, targets, -)
    guard delta > 0 else {
      let problem = TypeError("huberLoss.1", "needs a delta larger than 0, got \(delta)")
      return refused([difference], problem, difference.type)
    }
    // Where it has a kink, |x| has no second slope.
    return customGradient(
      difference,
      forward: { difference in
        let distance = abs(difference)
        let near = minimum(distance, delta)
        return near * (distance - near * 0.5)
      }, gradient: { difference, _, cotangent in cotangent * difference.clamped(to: -delta...delta) })
  }
}

/// A loss compares elements of one shape, or all with one number: `[32, 1]` beside `[32]` would be all pairs.
private func paired(
  _ name: String, _ found: Tensor, _ targets: Tensor, _ body: (Tensor, Tensor) -> Tensor
) -> Tensor {
  let isPaired = found.shape.extents == targets.shape.extents || found.rank == 0 || targets.rank == 0
  guard isPaired else {
    let problem = "needs targets of the shape that was found, or one number, got \(found.type) and \(targets.type)"
    return refused([found, targets], TypeError("\(name).shapes", problem), found.type)
  }
  return body(found, targets)
}

private func loss(_ used: Operator, _ scores: Tensor, _ labels: Tensor, _ ignored: Int?) -> Tensor {
  let attributes: Attributes = ignored.map { ["ignored_label": .integer($0)] } ?? [:]
  return Tensor.apply(used, [scores, labels], attributes, guess: scores.type.with(labels.shape))
}
