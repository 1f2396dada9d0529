import CKernelSupport
import Foundation
import KernelIR
import TensorTypes

extension KernelFunction {
  func text(name: String, _ target: Target) -> String {
    switch self {
    case .nest(let kernel): KernelPrinter.source(kernel, target, name: name)
    case .rows(let work): RowPrinter.source(work, name: name)
    case .contraction(let contraction): ContractionPrinter.source(contraction, target, name: name)
    case .packing(let operands): PackingPrinter.source(operands, name: name)
    case .streamed(let group): GroupPrinter.source(group, target, name: name)
    }
  }
}

/// Turns kernels into functions: C, clang, cache, loader.
public struct KernelCompiler: Sendable {
  public let toolchain: Toolchain
  public let cache: KernelCache
  public let target: Target
  public let provider: ContractionProvider

  public init(
    toolchain: Toolchain, cache: KernelCache, target: Target = .generated, provider: ContractionProvider = .generated
  ) {
    self.toolchain = toolchain
    self.target = target
    self.cache = cache
    self.provider = provider
  }

  /// Entry points of the kernels, in order.
  ///
  /// Sources are cut into parts that compile side by side. Loaded objects stay loaded for the life of the process.
  public func entries(_ kernels: [KernelFunction]) throws -> [recurve_kernel] {
    let parts = Self.parts(Self.numbered(kernels, target))
    let libraries = try libraries(parts.map { text($0) } + [ProgramSource.contractionLibrary])
    let contraction = libraries[parts.count]
    let single = try singlePrecisionEntry(contraction)
    let double = dlsym(contraction.handle, "recurve_contract_f64_entry")
    let pack = dlsym(contraction.handle, "recurve_pack_f32_entry")
    let rows = dlsym(contraction.handle, "recurve_contract_rows_f32_entry")
    let batch = dlsym(contraction.handle, "recurve_contract_batch_f32_entry")
    var entries: [recurve_kernel] = []
    for (part, library) in zip(parts, libraries) {
      guard let bind = dlsym(library.handle, "recurve_bind") else { throw library.missing("recurve_bind") }
      unsafeBitCast(bind, to: Binding.self)(single, double, pack, rows, batch)
      for function in part {
        let name = ProgramSource.functionName(function.number)
        guard let symbol = dlsym(library.handle, name) else { throw library.missing(name) }
        entries.append(unsafeBitCast(symbol, to: recurve_kernel.self))
      }
    }
    return entries
  }

  /// Objects are bound to one provider for the life of the process: each provider has its own, told apart by their text.
  private func text(_ part: [(number: Int, body: String)]) -> String {
    "// products: \(provider.rawValue)\n" + ProgramSource.text(part)
  }

  /// Loads the objects of the sources; where the cache's folder forbids that (mounted without execution), others of them.
  private func libraries(_ sources: [String]) throws -> [Library] {
    do { return try cache.objects(for: sources, toolchain).map(Self.load) } catch let error as CompilationError {
      guard case .unloadable = error else { throw error }
      return try cache.privateObjects(for: sources, because: "\(error)", toolchain).map(Self.load)
    }
  }

  private func singlePrecisionEntry(_ library: Library) throws -> UnsafeMutableRawPointer? {
    guard provider == .openblas else { return dlsym(library.handle, "recurve_contract_f32_entry") }
    guard let setter = dlsym(library.handle, "recurve_set_sgemm") else { throw library.missing("recurve_set_sgemm") }
    typealias Setter = @convention(c) (UnsafeMutableRawPointer) -> Void
    unsafeBitCast(setter, to: Setter.self)(try OpenBLAS.loaded().sgemm)
    return dlsym(library.handle, "recurve_contract_f32_blas")
  }

  /// The C text of the kernels, for people.
  public static func text(_ kernels: [KernelFunction], _ target: Target) -> String {
    numbered(kernels, target).map(\.body).joined(separator: "\n")
  }

  /// The complete C text of the kernels, `recurve_kernel_0` and so on.
  public static func source(_ kernels: [KernelFunction], _ target: Target) -> String {
    ProgramSource.text(numbered(kernels, target))
  }

  /// The C text of the products which kernels call, once `recurve_bind` has been given its entry points.
  public static var contractionSource: String { ProgramSource.contractionLibrary }

  private static func numbered(_ kernels: [KernelFunction], _ target: Target) -> [(number: Int, body: String)] {
    kernels.enumerated().map { ($0, $1.text(name: ProgramSource.functionName($0), target)) }
  }

  private typealias Binding =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
      UnsafeMutableRawPointer?
    ) -> Void

  private static func parts(_ functions: [(number: Int, body: String)]) -> [[(number: Int, body: String)]] {
    let count = functions.count > 8 ? 2 : 1
    return (0..<count).map { part in
      Array(functions[(functions.count * part / count)..<(functions.count * (part + 1) / count)])
    }
  }

  private struct Library {
    let handle: UnsafeMutableRawPointer
    let path: String

    func missing(_ symbol: String) -> CompilationError { .unloadable(path, "no symbol \(symbol)") }
  }

  private static func load(_ path: String) throws -> Library {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw CompilationError.unloadable(path, dlerror().map { String(cString: $0) } ?? "unknown reason")
    }
    return Library(handle: handle, path: path)
  }
}
