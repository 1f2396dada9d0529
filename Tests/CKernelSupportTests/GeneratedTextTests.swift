import CKernelSupport
import Foundation
import TensorTypes
import TestSupport
import Testing

/// The texts that generated kernels contain: compiled for this machine they give the bits of the portable copies.
@Suite struct GeneratedTextTests {
  static let compiler: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/clang" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test func theTextsStandAlone() {
    for text in [String(cString: recurve_math_source()), String(cString: recurve_contraction_source())] {
      #expect(text.hasPrefix("//") && (text.hasSuffix("}\n") || text.hasSuffix("#endif\n")))
    }
  }

  @Test(.enabled(if: compiler != nil), arguments: ["-march=native", "-march=x86-64"])
  func compiledTextsGiveTheSameBits(_ machine: String) throws {
    #if arch(x86_64)
      let flags = [machine]
    #else
      let flags = machine == "-march=native" ? ["-mcpu=native"] : []
    #endif
    try withTemporaryFolder { try expectTheSameBits(flags, in: URL(filePath: $0)) }
  }

  private func expectTheSameBits(_ flags: [String], in folder: URL) throws {
    let unary = ["exp", "log", "log1p", "tanh", "sigmoid", "erf", "sin", "cos", "rsqrt"]
    let source =
      String(cString: recurve_math_source()) + String(cString: recurve_contraction_source())
        + """

        void contract(const recurve_contraction *c, const float *a, const float *b, float *result, char *scratch) {
          const recurve_share whole = {0, 1, 0, 1};
          recurve_contract_f32(c, a, b, result, result, scratch, &whole);
        }

        """
      + unary.map {
        "void \($0)_many(const float *x, float *y, long n) { for (long i = 0; i < n; i++) y[i] = recurve_\($0)_f32(x[i]); }\n"
      }.joined()
      + ["pow", "atan2"].map {
        "void \($0)_many(const float *x, float *y, long n) { for (long i = 0; i < n; i++) y[i] = recurve_\($0)_f32(x[i], x[n - 1 - i]); }\n"
      }.joined()
      + ["2.0", "-1.0", "0.5"].enumerated().map { index, power in
        "void power\(index)(const double *x, double *y, long n) { for (long i = 0; i < n; i++) y[i] = recurve_pow_f64(x[i], \(power)); }\n"
      }.joined()
    let file = folder.appending(path: "text.c"), library = folder.appending(path: "text.so")
    try source.write(to: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.compiler))
    process.arguments =
      [
        "-O3", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror",
        "-Wno-unused-function",
      ]
      + flags + ["-o", library.path, file.path, "-lm"]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let handle = try #require(dlopen(library.path, RTLD_NOW | RTLD_LOCAL))
    defer { dlclose(handle) }

    typealias Many = @convention(c) (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    var random = CounterRandom(seed: 11)
    // Any bits at all, and an odd number of them, so that vectors leave a tail.
    let arguments = (0..<20_011).map {
      Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) & ($0 % 2 == 0 ? .max : 0xc3ff_ffff))
    }
    let portable: [(String, (Float) -> Float)] = [
      ("exp", recurve_exp_f32), ("log", recurve_log_f32), ("log1p", recurve_log1p_f32), ("tanh", recurve_tanh_f32),
      ("sigmoid", recurve_sigmoid_f32), ("erf", recurve_erf_f32), ("sin", recurve_sin_f32), ("cos", recurve_cos_f32),
      ("rsqrt", recurve_rsqrt_f32),
    ]
    var values = [Float](repeating: 0, count: arguments.count)
    for (name, function) in portable {
      unsafeBitCast(try #require(dlsym(handle, "\(name)_many")), to: Many.self)(arguments, &values, arguments.count)
      #expect(zip(arguments, values).allSatisfy { function($0).bitPattern == $1.bitPattern }, "\(name)")
    }
    for (name, function) in [("pow", recurve_pow_f32), ("atan2", recurve_atan2_f32)] {
      unsafeBitCast(try #require(dlsym(handle, "\(name)_many")), to: Many.self)(arguments, &values, arguments.count)
      #expect(
        zip(arguments, arguments.reversed()).map { function($0, $1).bitPattern } == values.map(\.bitPattern), "\(name)")
    }

    typealias Powers = @convention(c) (UnsafePointer<Double>, UnsafeMutablePointer<Double>, Int) -> Void
    let bases = arguments.map { Double(abs($0).isFinite ? abs($0) : 3) }.map { 0.3 + $0.significand }
    var powers = bases
    for (index, power) in [2.0, -1, 0.5].enumerated() {
      unsafeBitCast(try #require(dlsym(handle, "power\(index)")), to: Powers.self)(bases, &powers, bases.count)
      #expect(zip(bases, powers).allSatisfy { recurve_pow_f64($0, power) == $1 }, "\(power)")
    }

    typealias Contract =
      @convention(c) (
        UnsafePointer<recurve_contraction>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
        UnsafeMutablePointer<CChar>
      ) -> Void
    let contract = unsafeBitCast(try #require(dlsym(handle, "contract")), to: Contract.self)
    for extents in [[1, 50, 70, 90], [3, 20, 33, 40], [1, 13, 17, 1_100], [1, 2, 100, 100], [2, 81, 81, 64]] {
      let one = ContractionCase(extents: extents, using: &random)
      let a = random.values(one.sizes[0]), b = random.values(one.sizes[1]), start = random.values(one.sizes[2])
      var contraction = one.description, result = start
      var scratch = [CChar](repeating: 0, count: Int(recurve_contraction_scratch_byte_count(&contraction, 1, 1)) + 1)
      contract(&contraction, a, b, &result, &scratch)
      #expect(result.map(\.bitPattern) == one.expected(a, b, start, start).map(\.bitPattern), "\(extents)")
    }
  }
}
