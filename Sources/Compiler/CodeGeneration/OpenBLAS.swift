import Foundation

/// Who computes contractions.
public enum ContractionProvider: String, Sendable, CaseIterable {
  /// The packed micro-kernel, in the language's order: same bits for any tiling and any number of threads.
  case generated
  /// OpenBLAS's sgemm wherever one call can express the product; its bits are its own.
  case openblas
}

/// OpenBLAS, loaded when it is asked for.
///
/// It chooses its kernels by the variable `OPENBLAS_CORETYPE` when it is loaded; an inherited value can halve its speed, so
/// the variable is removed first. It runs single-threaded: the executor's workers share the rows.
public struct OpenBLAS: @unchecked Sendable {
  /// Address of `cblas_sgemm`: code, never written.
  let sgemm: UnsafeMutableRawPointer
  /// The kernels it chose, for example `SkylakeX`.
  public let coreName: String

  public static func loaded() throws -> OpenBLAS { try shared.get() }

  /// `C = A B` of square matrices, for measuring.
  public func multiply(_ size: Int, _ a: [Float], _ b: [Float], _ c: inout [Float]) {
    typealias Function =
      @convention(c) (
        Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>, Int32,
        Float,
        UnsafeMutablePointer<Float>, Int32
      ) -> Void
    let n = Int32(size)
    unsafeBitCast(sgemm, to: Function.self)(101, 111, 111, n, n, n, 1, a, n, b, n, 0, &c, n)
  }

  private static let shared: Result<OpenBLAS, CompilationError> = {
    unsetenv("OPENBLAS_CORETYPE")
    let names = ["libopenblas.so.0", "libopenblas.so"]
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first,
      let sgemm = dlsym(handle, "cblas_sgemm")
    else {
      return .failure(.unloadable(names[0], "OpenBLAS is not installed; needs the package libopenblas-dev"))
    }
    useWideKernels(handle)
    if let threads = dlsym(handle, "openblas_set_num_threads") {
      unsafeBitCast(threads, to: (@convention(c) (Int32) -> Void).self)(1)
    }
    return .success(OpenBLAS(sgemm: sgemm, coreName: coreName(handle)))
  }()

  /// A version that does not know the processor falls back to the oldest kernels; then the widest that the processor can
  /// run are chosen by hand and the library starts again.
  private static func useWideKernels(_ handle: UnsafeMutableRawPointer) {
    guard ["Prescott", "Core2", "Nehalem", "Katmai"].contains(coreName(handle)), let wide = widestKernels,
      let quit = dlsym(handle, "gotoblas_dynamic_quit"), let start = dlsym(handle, "gotoblas_dynamic_init")
    else { return }
    typealias Function = @convention(c) () -> Void
    unsafeBitCast(quit, to: Function.self)()
    setenv("OPENBLAS_CORETYPE", wide, 1)
    unsafeBitCast(start, to: Function.self)()
    unsetenv("OPENBLAS_CORETYPE")
  }

  private static var widestKernels: String? {
    let flags = Set(Toolchain.processor.split(separator: " ").map(String.init))
    if flags.contains("avx512dq") { return "SkylakeX" }
    return flags.contains("avx2") ? "Haswell" : nil
  }

  private static func coreName(_ handle: UnsafeMutableRawPointer) -> String {
    guard let symbol = dlsym(handle, "openblas_get_corename") else { return "unknown" }
    let function = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<CChar>?).self)
    return function().map { String(cString: $0) } ?? "unknown"
  }
}
