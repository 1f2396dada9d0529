import Foundation
import Operators
import TensorTypes

/// Random numbers. Each call is a draw of its own; in a loop it is a new one in every iteration, which is the same when the
/// iteration is computed again. Whoever trains counts the runs, and so does a session; the same seed gives the same bits.
extension Tensor {
  /// Equally likely numbers, multiples of 2^-24 (f32) or 2^-53 (f64) of the range's width.
  ///
  /// - Parameter range: finite; its bounds, rounded to the element type, are two numbers.
  public static func uniform(
    _ shape: Shape, in range: Range<Double> = 0..<1, _ elementType: ElementType = .float32,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      let type = TensorType(elementType, shape)
      guard elementType.isFloatingPoint else {
        return Modeling.refused([], TypeError("uniform.1", "draws f32 or f64, not \(elementType.rawValue)"), type)
      }
      let unit = draw(type)
      if range == 0..<1 { return unit }
      func rounded(_ bound: Double) -> Double { elementType == .float32 ? Double(Float(bound)) : bound }
      let (start, end) = (rounded(range.lowerBound), rounded(range.upperBound))
      guard start < end, (end - start).isFinite else {
        let problem = "needs a finite range with a number of \(elementType.rawValue) in it, got \(range)"
        return Modeling.refused([], TypeError("uniform.2", problem), type)
      }
      // Rounding may reach the upper bound, which the range does not hold.
      let largest = elementType == .float32 ? Double(Float(end).nextDown) : end.nextDown
      return minimum(unit * (end - start) + start, unit.constant(like: largest))
    }
  }

  /// Normally distributed numbers (Box and Muller 1958); as f32 at most 5.8 deviations from the mean.
  public static func normal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, _ elementType: ElementType = .float32,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      let (radius, angle) = (uniform(shape, elementType), uniform(shape, elementType))
      let standard = sqrt(log(1 - radius) * -2) * cos(angle * (2 * Double.pi))
      return shifted(standard, mean, deviation, "normal")
    }
  }

  /// Normally distributed numbers among those within two deviations of the mean.
  ///
  /// By the inverse of the error function, in single precision: Giles, "Approximating the erfinv function", 2012.
  public static func truncatedNormal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      let bound = Foundation.erf(2.squareRoot())
      let x = uniform(shape, in: -bound..<bound)
      let w = -log((1 - x) * (1 + x)) - 2.5
      let coefficients = [
        3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727,
        1.50140941,
      ]
      let inverse = coefficients.dropFirst().reduce(w * 2.81022636e-08 + coefficients[0]) { $0 * w + $1 } * x
      return shifted(inverse * 2.squareRoot(), mean, deviation, "truncatedNormal")
    }
  }

  private static func shifted(_ standard: Tensor, _ mean: Double, _ deviation: Double, _ name: String) -> Tensor {
    guard mean.isFinite, deviation.isFinite, deviation >= 0 else {
      let problem = "needs a finite mean and a finite deviation of at least 0, got \(mean) and \(deviation)"
      return Modeling.refused([], TypeError("\(name).1", problem), standard.type)
    }
    let scaled = deviation == 1 ? standard : standard * deviation
    return mean == 0 ? scaled : scaled + mean
  }

  /// Booleans that are true with a probability from 0 to 1.
  public static func bernoulli(
    _ shape: Shape, probability: Double, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      guard (0...1).contains(probability) else {
        return Modeling.refused(
          [], TypeError("bernoulli.1", "needs a probability from 0 to 1, got \(probability)"), TensorType(.bool, shape))
      }
      return uniform(shape) .< probability
    }
  }

  /// Equally likely whole numbers of a range, `i32`.
  public static func integers(
    _ shape: Shape, in range: Range<Int>, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      let type = TensorType(.int32, shape)
      guard !range.isEmpty, Int32(exactly: range.lowerBound) != nil, Int32(exactly: range.upperBound - 1) != nil else {
        return Modeling.refused(
          [], TypeError("integers.1", "needs a range of i32 with a number in it, got \(range)"), type)
      }
      // 53 bits: however wide the range, no number is more likely than another by more than 2^-21 of it.
      let place = uniform(shape, .float64) * Double(range.count)
      return (place.apply(.floor) + Double(range.lowerBound)).converted(to: .int32)
    }
  }

  /// Numbers of the standard Gumbel distribution, `-log(-log(u))`.
  public static func gumbel(_ shape: Shape, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      let unit = uniform(shape)
      // u = 0 stands for the numbers below 2^-24.
      return -log(-log(maximum(unit, unit.constant(like: 0x1p-25))))
    }
  }

  /// Class numbers drawn by their logits, `[..., V] -> i32[...]`: class `c` with probability `softmax(logits)[c]` (the
  /// Gumbel-max trick, Maddison et al. 2014).
  public static func categorical(logits: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { (logits + gumbel(logits.shape).converted(to: logits.type.elementType)).argmax(axis: -1) }
  }

  /// A draw in the present trace.
  private static func draw(_ type: TensorType) -> Tensor {
    guard let trace = Trace.current else { return Tensor(strayOf: type) }
    if let problem = type.problem {
      return Modeling.refused([], TypeError("random.1", "[\(type.shape)]: \(problem)"), type)
    }
    return trace.draw(type)
  }
}

/// In training, zeros in place of elements, each with a probability, and the others divided by what is left of 1; the
/// identity elsewhere (Srivastava et al. 2014). Inside `recur` every iteration has a mask of its own.
///
/// - Parameter rate: the probability, from 0 to below 1.
public func dropout(_ x: Tensor, rate: Double, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) {
    guard (0..<1).contains(rate) else {
      Trace.current?.note(TypeError("dropout.1", "needs a rate from 0 to below 1, got \(rate)"))
      return x
    }
    // Whether it would train, an operator does not know: the trace refuses the draw.
    guard rate > 0, Trace.current?.isOperatorBody == true || Tensor.isTraining else { return x }
    return select(.bernoulli(x.shape, probability: 1 - rate), x / (1 - rate), x.constant(like: 0))
  }
}
