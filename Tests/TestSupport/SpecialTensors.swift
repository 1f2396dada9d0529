import Operators
import TensorTypes

/// Operands at which functions tend to go wrong, derived from an operator's samples: NaN, infinities, both zeros, subnormal
/// and huge numbers, ties.
public enum SpecialTensors {
  /// Which elements are special, and how.
  public enum Pattern: Sendable, CustomStringConvertible {
    /// Special numbers everywhere; after all rounds every one of an operand has met every one of the next operand.
    case pairs(round: Int)
    /// Ordinary numbers and here and there a special one, but no NaN.
    case scattered
    /// Ordinary numbers and one NaN, negative as processors make it.
    case oneNaN
    /// Zeros of either sign and subnormal numbers.
    case zeros
    /// Two numbers only.
    case ties
    /// Nothing but -infinity.
    case negativeInfinity

    public static let all: [Pattern] = [
      .pairs(round: 0), .pairs(round: 1), .pairs(round: 2), .scattered, .oneNaN, .zeros, .ties, .negativeInfinity,
    ]

    public var description: String {
      switch self {
      case .pairs(let round): "pairs \(round)"
      case .scattered: "scattered"
      case .oneNaN: "one NaN"
      case .zeros: "zeros"
      case .ties: "ties"
      case .negativeInfinity: "negative infinity"
      }
    }
  }

  /// Operands of a sample as one of the patterns has them.
  ///
  /// - Parameters:
  ///   - types: the operands' types, which may be other floating-point ones than the sample's.
  ///   - keepsIntegers: whether integers name rows or classes and stay in the sample's domain.
  public static func operands(
    _ sample: OperatorSample, types: [TensorType], _ pattern: Pattern, keepsIntegers: Bool
  ) -> [HostTensor] {
    types.indices.map { operand in
      let type = types[operand]
      let ordinary = SampleTensors.tensor(type, sample.domains[operand], seed: UInt64(11 + operand))
      guard type.elementType != .bool, !(keepsIntegers && type.elementType == .int32) else { return ordinary }
      let numbers = ordinary.doubles.enumerated().map { index, number in
        element(index, of: operand, type, pattern) ?? number
      }
      return HostTensor(type.shape, .float64(numbers)).converted(to: type.elementType)
    }
  }

  /// The special number at a place; nil for an ordinary one.
  private static func element(_ index: Int, of operand: Int, _ type: TensorType, _ pattern: Pattern) -> Double? {
    let special = numbers(type.elementType)
    switch pattern {
    case .pairs(let round):
      let (turn, place) = index.quotientAndRemainder(dividingBy: special.count)
      return special[(place + operand * (turn + round * 6)) % special.count]
    case .scattered:
      let finite = special.filter { !$0.isNaN }
      return index % 5 == operand % 5 ? finite[index / 5 % finite.count] : nil
    case .oneNaN: return index == type.elementCount / 3 + operand ? -.nan : nil
    case .zeros:
      let small = special.filter { $0.magnitude < 1e-37 }
      return small[(index * (operand + 1) + index / 3) % small.count]
    case .ties: return (index + index / 7 * (operand + 1)) % 3 == 0 ? 2 : -1
    case .negativeInfinity: return -.infinity
    }
  }

  /// Eighteen numbers: a sample of 111 elements holds each six times.
  private static func numbers(_ elementType: ElementType) -> [Double] {
    switch elementType {
    case .float64: floating(Double.self)
    case .float32: floating(Float.self)
    case .int32, .bool:
      [
        0, 1, -1, 2, -2, 3, 46_341, -46_341, 65_536, 16_777_217, -16_777_217, 1_073_741_824, -1_073_741_824,
        2_147_483_647, -2_147_483_647, -2_147_483_648, 2_147_483_646, 1_000,
      ]
    }
  }

  private static func floating<Number: BinaryFloatingPoint>(_: Number.Type) -> [Double] {
    let numbers: [Number] = [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, -.nan, .leastNonzeroMagnitude, -.leastNormalMagnitude / 2,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 2, -2, 0.5, -1.5, 3e9, -3e9,
    ]
    var result: [Double] = []
    for number in numbers { result.append(Double(number)) }
    return result
  }
}
