import CKernelSupport
import Foundation
import Testing

/// The distance of `value` from `exact` in units in the last place of an f32.
private func ulps(_ value: Float, _ exact: Double) -> Double {
  let rounded = Float(exact)
  if rounded.isNaN || value.isNaN { return rounded.isNaN && value.isNaN ? 0 : .infinity }
  if rounded.isInfinite || value.isInfinite { return rounded == value ? 0 : .infinity }
  let unit = max(Double(rounded.magnitude.ulp), Double(Float.leastNonzeroMagnitude))
  return abs(Double(value) - exact) / unit
}

/// Every `stride`-th f32 between two positive bounds, by its bits, so that all magnitudes are there.
private func samples(_ range: ClosedRange<Float>, stride: UInt32 = 15_013) -> [Float] {
  Swift.stride(from: range.lowerBound.bitPattern, through: range.upperBound.bitPattern, by: Int(stride)).map(
    Float.init(bitPattern:))
}

@Suite struct MathTests {
  struct Unary: Sendable, CustomTestStringConvertible {
    let name: String
    let bound: Double
    let compute: @Sendable (Float) -> Float
    let exact: @Sendable (Double) -> Double
    let positive: ClosedRange<Float>
    let negative: ClosedRange<Float>?
    var testDescription: String { name }
  }

  static let unary: [Unary] = [
    Unary(
      name: "exp", bound: 1.0, compute: recurve_exp_f32, exact: { exp($0) }, positive: 0x1p-30...88.7,
      negative: 0x1p-30...87.3),
    Unary(
      name: "log", bound: 0.9, compute: recurve_log_f32, exact: { log($0) },
      positive: .leastNonzeroMagnitude ... .greatestFiniteMagnitude, negative: nil),
    Unary(
      name: "log1p", bound: 1.5, compute: recurve_log1p_f32, exact: { log1p($0) },
      positive: .leastNonzeroMagnitude ... .greatestFiniteMagnitude, negative: .leastNonzeroMagnitude...0.9999999),
    Unary(
      name: "tanh", bound: 1.7, compute: recurve_tanh_f32, exact: { tanh($0) },
      positive: .leastNonzeroMagnitude...1e9, negative: .leastNonzeroMagnitude...1e9),
    Unary(
      name: "sigmoid", bound: 2.5, compute: recurve_sigmoid_f32, exact: { 1 / (1 + exp(-$0)) },
      positive: .leastNonzeroMagnitude...1e9, negative: .leastNonzeroMagnitude...87.3),
    Unary(
      name: "erf", bound: 1.1, compute: recurve_erf_f32, exact: { erf($0) },
      positive: .leastNonzeroMagnitude...1e9, negative: .leastNonzeroMagnitude...1e9),
    Unary(
      name: "sin", bound: 1.5, compute: recurve_sin_f32, exact: { sin($0) },
      positive: .leastNonzeroMagnitude...1e12, negative: .leastNonzeroMagnitude...1e12),
    Unary(
      name: "cos", bound: 1.5, compute: recurve_cos_f32, exact: { cos($0) },
      positive: .leastNonzeroMagnitude...1e12, negative: .leastNonzeroMagnitude...1e12),
    Unary(
      name: "rsqrt", bound: 1.5, compute: recurve_rsqrt_f32, exact: { 1 / $0.squareRoot() },
      positive: .leastNonzeroMagnitude ... .greatestFiniteMagnitude, negative: nil),
  ]

  @Test(arguments: unary) func staysWithinItsBound(_ function: Unary) {
    var worst = (error: 0.0, at: Float(0))
    let arguments = samples(function.positive) + (function.negative.map { samples($0).map { -$0 } } ?? [])
    for x in arguments {
      let error = ulps(function.compute(x), function.exact(Double(x)))
      if error > worst.error { worst = (error, x) }
    }
    #expect(worst.error <= function.bound, "\(function.name)(\(worst.at)) is off by \(worst.error)")
  }

  @Test func powersStayWithinTheirBound() {
    var worst = 0.0
    for x in samples(.leastNormalMagnitude ... .greatestFiniteMagnitude, stride: 4_000_037) {
      for y: Float in [-3.7, -2, -1, -0.5, -1e-3, 1e-9, 0.1, 0.5, 1, 1.75, 2, 3, 10, 33.3] {
        let exact = pow(Double(x), Double(y))
        guard exact.magnitude >= 0x1p-125 else { continue }
        worst = max(worst, ulps(recurve_pow_f32(x, y), exact))
      }
    }
    #expect(worst <= 1)
  }

  @Test func anglesStayWithinTheirBound() {
    var worst = 0.0
    for y in samples(0x1p-60...0x1p60, stride: 2_000_003) {
      for x in samples(0x1p-60...0x1p60, stride: 3_000_017) {
        for (signedY, signedX) in [(y, x), (-y, x), (y, -x), (-y, -x)] {
          worst = max(worst, ulps(recurve_atan2_f32(signedY, signedX), atan2(Double(signedY), Double(signedX))))
        }
      }
    }
    #expect(worst <= 1.6)
  }

  static let special: [Float] = [
    0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, -1.5, .infinity, -.infinity, .nan, 0x1p-133, -0x1p-133, 1e38, -1e38,
    1e-30, 16_777_216,
    8_388_609, -8_388_609,
  ]

  @Test(arguments: unary) func isRightAtSpecialArguments(_ function: Unary) {
    for x in Self.special {
      if ["sin", "cos"].contains(function.name), x.magnitude > 1e12 { continue }
      let exact = function.exact(Double(x)), value = function.compute(x)
      if ["exp", "sigmoid"].contains(function.name), exact < 0x1p-126 {
        #expect(value == 0)
        continue
      }
      #expect(ulps(value, exact) <= function.bound, "\(function.name)(\(x)) = \(value), not \(exact)")
      if exact == 0 { #expect(value.sign == exact.sign, "\(function.name)(\(x)) = \(value)") }
      if value.isNaN { #expect(value.bitPattern == 0x7fc0_0000) }
    }
  }

  @Test func functionsOfTwoAreRightAtSpecialArguments() {
    for x in Self.special {
      for y in Self.special {
        let exactAngle = atan2(Double(y), Double(x)), angle = recurve_atan2_f32(y, x)
        #expect(
          ulps(angle, exactAngle) <= 1.6 && angle.sign == Float(exactAngle).sign || exactAngle.isNaN && angle.isNaN)
        let exactPower = pow(Double(x), Double(y)), power = recurve_pow_f32(x, y)
        if exactPower.magnitude < 0x1p-126 {
          #expect(power == 0 && power.sign == exactPower.sign)
        } else {
          #expect(
            ulps(power, exactPower) <= 1 && (power.isNaN || power.sign == exactPower.sign), "\(x)^\(y) = \(power)")
        }
      }
    }
  }

  @Test func anglesBeyondTheReductionAreNoNumbers() {
    for x: Float in [0x1p40, -0x1p100, .infinity] {
      #expect(recurve_sin_f32(x).isNaN && recurve_cos_f32(x).isNaN)
    }
  }

  @Test func doublesAreThePlatforms() {
    #expect(
      recurve_exp_f64(0.3) == exp(0.3) && recurve_erf_f64(0.3) == erf(0.3) && recurve_pow_f64(0.3, 1.7) == pow(0.3, 1.7)
    )
    #expect(recurve_rsqrt_f64(4) == 0.5 && recurve_sigmoid_f64(0) == 0.5 && recurve_atan2_f64(1, 1) == Double.pi / 4)
  }
}
