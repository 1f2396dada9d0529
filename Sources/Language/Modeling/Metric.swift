import Operators
import TensorTypes

/// What a step reports by a name: a `Tensor`, or a `Metric`.
public protocol MetricValue {
  /// Tensors by what follows the name of the metric in theirs.
  var results: [(suffix: String, value: Tensor)] { get }
}

extension Tensor: MetricValue {
  public var results: [(suffix: String, value: Tensor)] { [("", self)] }
}

/// A mean with how many it is over, so that means over steps and over batches of validation weigh each by that.
///
///     Step(loss: loss, metrics: [("accuracy", Metric(value: isRight.sum(), count: isAsked.sum()))])
///
/// Reported are the mean by the metric's name, 0 where there is nothing to count, and the count by the name and `.count`.
public struct Metric: MetricValue {
  /// `value / count`.
  public let mean: Tensor
  public let count: Tensor

  /// How the name of the count ends.
  public static let countSuffix = ".count"

  /// - Parameters:
  ///   - value: the sum over what is counted, a floating-point scalar.
  ///   - count: how many, a scalar of whole numbers of any element type.
  public init(value: Tensor, count: Tensor, file: StaticString = #fileID, line: Int = #line) {
    self.count = count
    mean = located(file, line) {
      if let problem = Self.problem(value.type, count.type) {
        return refused([value, count], TypeError("metric.1", problem), value.type.with(.scalar))
      }
      let type = value.type.elementType
      let divisor = count.type.elementType == type ? count : count.converted(to: type)
      // The branch that is not taken has a gradient as well, which must be none: 0 / 0 would make it not-a-number.
      let isNone = divisor .== 0
      return select(isNone, divisor * 0, value / select(isNone, divisor.constant(like: 1), divisor))
    }
  }

  public var results: [(suffix: String, value: Tensor)] { [("", mean), (Self.countSuffix, count)] }

  private static func problem(_ value: TensorType, _ count: TensorType) -> String? {
    if value.shape.rank == 0, count.shape.rank == 0, value.elementType.isFloatingPoint { return nil }
    return "needs a sum that is a floating-point scalar and a count that is a scalar, got \(value) and \(count)"
  }
}
