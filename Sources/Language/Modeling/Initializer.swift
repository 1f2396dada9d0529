import Foundation
import TensorTypes

/// How the numbers of a weight begin.
public enum Initializer: Sendable {
  case zeros
  case constant(Double)
  /// Uniform in `-bound ... bound`.
  case uniform(bound: Double)
  case normal(standardDeviation: Double)
  /// A normal cut at two standard deviations and rescaled so that the result has the given standard deviation
  /// (TRM, models/common.py: the standard deviation of the cut unit normal is 0.87962566).
  case truncatedNormal(standardDeviation: Double)
  /// Row-major; as many as the weight has elements, which the trace that uses it checks.
  case values([Float])

  /// LeCun's initialization: a truncated normal of variance 1 / inputs.
  public static func lecun(inputs: Int) -> Initializer {
    .truncatedNormal(standardDeviation: 1 / Double(inputs).squareRoot())
  }

  /// What is wrong with its numbers for a weight of a shape, which are f32; nil where nothing is. Values that are given one by
  /// one may be any numbers.
  func problem(_ shape: Shape) -> String? {
    switch self {
    case .zeros: return nil
    case .constant(let value):
      let isWrong = value.isNaN || (value.isFinite && Float(value).isInfinite)
      return isWrong ? "cannot begin with \(value), which is no f32" : nil
    case .uniform(let bound): return Float(bound).isFinite ? nil : "needs a bound that is finite as f32, got \(bound)"
    case .normal(let deviation), .truncatedNormal(let deviation):
      return Float(deviation * Self.farthestNormal).isFinite && deviation >= 0
        ? nil : "needs a standard deviation of at least 0 whose draws are finite as f32, got \(deviation)"
    case .values(let values):
      let needed = shape.elementCount
      return values.count == needed ? nil : "needs \(needed) values for [\(shape)], got \(values.count)"
    }
  }

  /// No draw of `CounterRandom.normal` lies further from 0.
  private static let farthestNormal = 9.0

  /// Numbers for the shape, the same for the same seed; none for a shape that no tensor has.
  public func tensor(_ shape: Shape, seed: UInt64) -> HostTensor {
    var random = CounterRandom(seed: seed)
    let count = TensorType(.float32, shape).problem == nil ? shape.elementCount : 0
    switch self {
    case .zeros: return HostTensor(shape, Array(repeating: Float(0), count: count))
    case .constant(let value): return HostTensor(shape, Array(repeating: Float(value), count: count))
    case .uniform(let bound):
      return HostTensor(shape, (0..<count).map { _ in Float((2 * random.uniform() - 1) * bound) })
    case .normal(let deviation): return HostTensor(shape, (0..<count).map { _ in Float(random.normal() * deviation) })
    case .truncatedNormal(let deviation):
      return HostTensor(shape, (0..<count).map { _ in Float(random.truncatedNormal() / 0.87962566 * deviation) })
    case .values(let values):
      return HostTensor(shape, values)
    }
  }
}

extension CounterRandom {
  /// Standard normal, by Box and Muller.
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// Standard normal cut at -2 and 2.
  public mutating func truncatedNormal() -> Double {
    while true {
      let sample = normal()
      if abs(sample) <= 2 { return sample }
    }
  }
}
