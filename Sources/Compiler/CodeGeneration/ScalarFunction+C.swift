import KernelIR
import TensorTypes

extension ScalarFunction {
  /// The function as C.
  ///
  /// - Parameters:
  ///   - arguments: The C of each argument.
  ///   - type: The element type of the last argument.
  func text(_ arguments: [String], _ type: ElementType) -> String {
    func call(_ name: String) -> String { "recurve_\(name)_\(type.rawValue)(\(arguments.joined(separator: ", ")))" }
    func infix(_ symbol: String) -> String { "(\(arguments[0]) \(symbol) \(arguments[1]))" }
    // Whole numbers that overflow are undefined in C; these functions take them modulo 2^32.
    func arithmetic(_ symbol: String, _ name: String) -> String { type == .int32 ? call(name) : infix(symbol) }

    return switch self {
    case .identity: arguments[0]
    case .absolute: call("abs")
    case .floor: call("floor")
    case .negate: "(-\(arguments[0]))"
    case .sign: call("sign")
    case .reciprocalSquareRoot: call("rsqrt")
    case .squareRoot: call("sqrt")
    case .exponential: call("exp")
    case .logarithm: call("log")
    case .logarithm1p: call("log1p")
    case .cosine: call("cos")
    case .hyperbolicTangent: call("tanh")
    case .sine: call("sin")
    case .sigmoid: call("sigmoid")
    case .errorFunction: call("erf")
    case .add: arithmetic("+", "add")
    case .subtract: arithmetic("-", "subtract")
    case .multiply: arithmetic("*", "multiply")
    case .divide: infix("/")
    case .maximum: call("maximum")
    case .minimum: call("minimum")
    case .power: call("pow")
    case .arctangent2: call("atan2")
    case .equal: infix("==")
    case .less: infix("<")
    case .lessOrEqual: infix("<=")
    case .and: infix("&&")
    case .or: infix("||")
    case .not: "(!\(arguments[0]))"
    case .select: "(\(arguments[0]) ? \(arguments[1]) : \(arguments[2]))"
    case .convert(let result): Self.conversion(arguments[0], type, to: result)
    case .isWithin(let range):
      "(\(arguments[0]) >= \(range.lowerBound) && \(arguments[0]) < \(range.upperBound))"
    case .threefry(let word): "recurve_threefry_\(word)(\(arguments.joined(separator: ", ")))"
    case .unitInterval(let result): "recurve_unit_\(result.rawValue)(\(arguments.joined(separator: ", ")))"
    }
  }

  private static func conversion(_ argument: String, _ type: ElementType, to result: ElementType) -> String {
    // A number that the type of whole numbers cannot hold is undefined in C; these functions take the nearest.
    let isRounded = type.isFloatingPoint && result == .int32
    return isRounded ? "recurve_\(type.rawValue)_to_i32(\(argument))" : "recurve_to_\(result.rawValue)(\(argument))"
  }
}
