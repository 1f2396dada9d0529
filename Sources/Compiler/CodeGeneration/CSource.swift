import KernelIR
import TensorTypes

extension ElementType {
  /// The C type that holds one element.
  var cType: String {
    switch self {
    case .float32: "float"
    case .float64: "double"
    case .int32: "int32_t"
    case .bool: "uint8_t"
    }
  }

  /// A number of this type, written so that it reads back to the same bits.
  func literal(_ value: Double) -> String {
    switch self {
    case .int32: "\(Int32(value))"
    case .bool: value == 0 ? "0" : "1"
    case .float32: "((float)\(Float(value).hexadecimal))"
    case .float64: "(\(value.hexadecimal))"
    }
  }
}

extension BinaryFloatingPoint {
  /// `0x1.8p+1`: exact, unlike a decimal form; infinities and NaN through compiler built-ins.
  fileprivate var hexadecimal: String {
    if isNaN { return "(0.0/0.0)" }
    if isInfinite { return sign == .minus ? "(-1.0/0.0)" : "(1.0/0.0)" }
    if isZero { return sign == .minus ? "-0x0p+0" : "0x0p+0" }
    let exponent = Int(self.exponent)
    let mantissa = UInt64((Double(self.significand) - 1) * 4_503_599_627_370_496)
    let digits = String(mantissa, radix: 16)
    let padded = String(repeating: "0", count: 13 - digits.count) + digits
    return "\(sign == .minus ? "-" : "")0x1.\(padded)p\(exponent < 0 ? "" : "+")\(exponent)"
  }
}

extension AffineIndex {
  /// The index as C, over the names of the axes.
  func text(_ axes: [String]) -> String {
    var parts: [String] = []
    for (coefficient, axis) in zip(coefficients, axes) where coefficient != 0 {
      parts.append(coefficient == 1 ? axis : "\(axis) * \(coefficient)")
    }
    if constant != 0 || parts.isEmpty { parts.append("\(constant)") }
    return parts.joined(separator: " + ")
  }
}
