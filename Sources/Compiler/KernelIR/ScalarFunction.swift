import TensorTypes

/// A function of scalars, by name; how a machine computes it is the business of whoever generates code.
///
/// Sums, differences and products of i32 are modulo 2^32.
public enum ScalarFunction: Hashable, Sendable {
  /// The argument itself.
  case identity
  case absolute, floor, negate
  /// -1 or 1; zeros and NaN stay what they are.
  case sign
  case reciprocalSquareRoot, squareRoot
  case exponential, logarithm
  /// The natural logarithm of 1 + the argument, exact near 0.
  case logarithm1p
  case cosine, hyperbolicTangent, sine
  /// 1 / (1 + e^-x).
  case sigmoid
  /// The Gauss error function.
  case errorFunction

  case add, subtract, multiply, divide
  /// Those of IEEE 754-2019: NaN if either argument is, and 0 is larger than -0.
  case maximum, minimum
  /// The first argument to the power of the second.
  case power
  /// The angle of the point (second argument, first argument), in radians.
  case arctangent2

  case equal, less, lessOrEqual
  case and, or, not
  /// The second argument where the first is true, the third elsewhere; all are computed.
  case select
  /// The same number as another element type.
  case convert(to: ElementType)
  /// Whether an index lies in a range.
  case isWithin(Range<Int>)

  /// The first or second word of Threefry-2x32 with 20 rounds, of a key of two words and a counter of two.
  case threefry(word: Int)
  /// Random words as a number from 0 to below 1: the upper 24 bits of one as f32, the upper 53 of two as f64.
  case unitInterval(ElementType)
}

extension ScalarFunction {
  /// The element type of the result; nil when it is that of the last argument.
  public var resultType: ElementType? {
    switch self {
    case .equal, .less, .lessOrEqual, .and, .or, .not, .isWithin: .bool
    case .convert(let type), .unitInterval(let type): type
    case .threefry: .int32
    case .identity, .absolute, .floor, .negate, .sign, .reciprocalSquareRoot, .squareRoot, .exponential, .logarithm,
      .logarithm1p, .cosine, .hyperbolicTangent, .sine, .sigmoid, .errorFunction, .add, .subtract, .multiply, .divide,
      .maximum, .minimum, .power, .arctangent2, .select:
      nil
    }
  }

  /// Arithmetic operations per element, for cost estimates.
  public var flops: Int {
    switch self {
    case .identity: 0
    case .absolute, .floor, .negate, .sign, .add, .subtract, .multiply, .maximum, .minimum, .equal, .less, .lessOrEqual,
      .and, .or, .not, .select, .convert, .isWithin:
      1
    case .divide, .squareRoot: 4
    case .reciprocalSquareRoot: 8
    case .exponential: 16
    case .cosine, .logarithm, .sigmoid, .sine: 20
    case .errorFunction, .hyperbolicTangent, .logarithm1p: 24
    case .arctangent2: 30
    case .power: 40
    case .unitInterval: 3
    case .threefry: 73
    }
  }
}
