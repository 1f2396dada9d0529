import KernelIR
import Operators
import TensorTypes
import Testing

@testable import CodeGeneration

/// What each function is in C, to the letter: compiled kernels are found again by their text, and it decides their bits.
@Suite struct ScalarFunctionTests {
  static let functions: [(function: ScalarFunction, text: String, flops: Int)] = [
    (.identity, "X", 0),
    (.absolute, "recurve_abs_f32(X)", 1),
    (.floor, "recurve_floor_f32(X)", 1),
    (.negate, "(-X)", 1),
    (.sign, "recurve_sign_f32(X)", 1),
    (.reciprocalSquareRoot, "recurve_rsqrt_f32(X)", 8),
    (.squareRoot, "recurve_sqrt_f32(X)", 4),
    (.exponential, "recurve_exp_f32(X)", 16),
    (.logarithm, "recurve_log_f32(X)", 20),
    (.logarithm1p, "recurve_log1p_f32(X)", 24),
    (.cosine, "recurve_cos_f32(X)", 20),
    (.hyperbolicTangent, "recurve_tanh_f32(X)", 24),
    (.sine, "recurve_sin_f32(X)", 20),
    (.sigmoid, "recurve_sigmoid_f32(X)", 20),
    (.errorFunction, "recurve_erf_f32(X)", 24),
    (.add, "(X + Y)", 1),
    (.subtract, "(X - Y)", 1),
    (.multiply, "(X * Y)", 1),
    (.divide, "(X / Y)", 4),
    (.maximum, "recurve_maximum_f32(X, Y)", 1),
    (.minimum, "recurve_minimum_f32(X, Y)", 1),
    (.power, "recurve_pow_f32(X, Y)", 40),
    (.arctangent2, "recurve_atan2_f32(X, Y)", 30),
    (.equal, "(X == Y)", 1),
    (.less, "(X < Y)", 1),
    (.lessOrEqual, "(X <= Y)", 1),
    (.and, "(X && Y)", 1),
    (.or, "(X || Y)", 1),
    (.not, "(!X)", 1),
    (.select, "(X ? Y : Z)", 1),
    (.convert(to: .float32), "recurve_to_f32(X)", 1),
    (.convert(to: .float64), "recurve_to_f64(X)", 1),
    (.convert(to: .int32), "recurve_f32_to_i32(X)", 1),
    (.convert(to: .bool), "recurve_to_bool(X)", 1),
    (.isWithin(-1..<3), "(X >= -1 && X < 3)", 1),
    (.threefry(word: 0), "recurve_threefry_0(X, Y, Z)", 73),
    (.threefry(word: 1), "recurve_threefry_1(X, Y, Z)", 73),
    (.unitInterval(.float32), "recurve_unit_f32(X)", 3),
    (.unitInterval(.float64), "recurve_unit_f64(X, Y)", 3),
  ]

  @Test func everyFunctionHasItsTextAndItsCost() {
    for (function, text, flops) in Self.functions {
      #expect(function.text(["X", "Y", "Z"].filter { text.contains($0) }, .float32) == text)
      #expect(function.flops == flops, "\(function)")
    }
    #expect(Set(Self.functions.map(\.function)).count == Self.functions.count)
  }

  /// Sums of whole numbers must not overflow in C, and whole numbers become whole ones without rounding.
  @Test func wholeNumbersHaveTheirOwn() {
    let functions: [(ScalarFunction, String)] = [
      (.add, "recurve_add_i32(X, Y)"), (.subtract, "recurve_subtract_i32(X, Y)"),
      (.multiply, "recurve_multiply_i32(X, Y)"), (.maximum, "recurve_maximum_i32(X, Y)"),
      (.minimum, "recurve_minimum_i32(X, Y)"), (.less, "(X < Y)"), (.convert(to: .int32), "recurve_to_i32(X)"),
    ]
    for (function, text) in functions {
      #expect(function.text(["X", "Y"].filter { text.contains($0) }, .int32) == text)
    }
    #expect(ScalarFunction.convert(to: .int32).text(["X"], .float64) == "recurve_f64_to_i32(X)")
    #expect(ScalarFunction.convert(to: .int32).text(["X"], .float32) == "recurve_f32_to_i32(X)")
  }

  @Test func resultsHaveTheTypeOfTheLastArgumentUnlessStated() {
    let conditions: [ScalarFunction] = [.equal, .less, .lessOrEqual, .and, .or, .not, .isWithin(0..<2)]
    #expect(conditions.allSatisfy { $0.resultType == .bool })
    #expect(ElementType.allCases.allSatisfy { ScalarFunction.convert(to: $0).resultType == $0 })
    let others: [ScalarFunction] = [.identity, .add, .maximum, .exponential, .power, .select]
    #expect(others.allSatisfy { $0.resultType == nil })
  }

  /// The list above is whole: an operator that computes with another function fails here.
  @Test func everyFunctionOfAnOperatorIsListed() throws {
    var found = 0
    for used in OperatorTable.all {
      guard case .primitive(_, let lower, _) = used.semantics else { continue }
      for sample in used.samples {
        var signature = OperationSignature(operands: sample.operands, attributes: sample.attributes)
        signature.results = try used.types(of: signature)
        guard case .map(.apply(let function, _)) = lower(signature) else { continue }
        #expect(Self.functions.contains { $0.function == function }, "\(used.name): \(function)")
        found += 1
      }
    }
    #expect(found >= 30, "operators that compute with one function, by their samples")
  }

  /// The condition of a choice comes first and is a boolean, which says nothing of the numbers that are chosen.
  @Test func functionsAreNamedAfterTheLastArgument() {
    let kernel = Kernel(
      rowExtents: [], columnExtents: [4],
      buffers: [.init(elementType: .int32, isWritten: false), .init(elementType: .float64, isWritten: false)],
      locals: [], stages: [])
    let printer = ExpressionPrinter(kernel: kernel, axes: ["i"], kept: [], column: "i")
    let position = AffineIndex.axis(0, of: 1)
    let (whole, real) = (ScalarExpression.load(0, position, []), ScalarExpression.load(1, position, []))
    #expect(printer.text(.apply(.add, [whole, whole])) == "recurve_add_i32(b0[i], b0[i])")
    let sum = ScalarExpression.apply(.add, [.apply(.convert(to: .float64), [whole]), real])
    #expect(printer.text(sum) == "(recurve_to_f64(b0[i]) + b1[i])")
    let chosen = ScalarExpression.apply(.select, [.isWithin(position, 0..<2), real, real])
    let condition = "(((int32_t)(i)) >= 0 && ((int32_t)(i)) < 2)"
    #expect(printer.text(.apply(.absolute, [chosen])) == "recurve_abs_f64((\(condition) ? b1[i] : b1[i]))")
  }
}
