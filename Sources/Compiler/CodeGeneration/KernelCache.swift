import Foundation
import StandardStreams

/// Compiled kernels on disk, found by the content of their source.
///
/// Beside every shared object lies the text it was made from; the object carries its length and a check over both, which are
/// compared before it is loaded. Files are written under another name and renamed, so a reader never sees half of one. A
/// folder that others may write to, or that cannot be written while kernels are missing, gives way to a private one.
public struct KernelCache: Sendable {
  /// Nil where the environment names no place that is the user's own.
  public let folder: String?

  /// The folder named by `RECURVE_CACHE`, else `recurve` in the user's cache folder; empty variables count as unset.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let base = value("XDG_CACHE_HOME") ?? value("HOME").map { $0 + "/.cache" }
    folder = value("RECURVE_CACHE") ?? base.map { $0 + "/recurve" }
  }

  public init(folder: String) { self.folder = folder }

  /// Why the folder is not used at all; nil where it is.
  public var refusal: String? {
    guard let folder else { return "no kernel cache: neither RECURVE_CACHE nor HOME names a folder" }
    return CacheFolder.refusal(folder).map { "the kernel cache \(folder) is not used: \($0)" }
  }

  /// Why missing kernels could not be kept in the folder; nil where they can be.
  public var problem: String? {
    guard let folder, refusal == nil else { return refusal }
    do { try CacheFolder.create(folder) } catch { return "\(error)" }
    return nil
  }

  /// Paths of shared objects for the sources, compiling those that are missing, all at once.
  func objects(for sources: [String], _ toolchain: Toolchain) throws -> [String] {
    let texts = sources.map { "// \(toolchain.fingerprint)\n" + $0 }
    guard let folder, refusal == nil else { return try privateObjects(texts, refusal ?? "", toolchain) }
    do { return try Self.objects(texts, in: folder, toolchain) } catch let error as CompilationError {
      guard case .unwritableCache = error else { throw error }
      return try privateObjects(texts, "\(error)", toolchain)
    }
  }

  /// The same in the folder of this process, where the objects of this cache could not be loaded.
  func privateObjects(for sources: [String], because reason: String, _ toolchain: Toolchain) throws -> [String] {
    try privateObjects(sources.map { "// \(toolchain.fingerprint)\n" + $0 }, reason, toolchain)
  }

  private func privateObjects(_ texts: [String], _ reason: String, _ toolchain: Toolchain) throws -> [String] {
    try Self.objects(texts, in: try CacheFolder.ofThisProcess(because: reason), toolchain)
  }

  private static func objects(_ texts: [String], in folder: String, _ toolchain: Toolchain) throws -> [String] {
    let entries = texts.map { CacheEntry(text: $0, folder: folder) }
    let missing = entries.filter { !$0.isPresent }
    if !missing.isEmpty { try CacheFolder.create(folder) }
    try compile(missing, toolchain)
    return entries.map(\.object)
  }

  /// Compiles the entries side by side; whatever happens, every compiler is awaited and nothing half made is left.
  private static func compile(_ entries: [CacheEntry], _ toolchain: Toolchain) throws {
    var problem: (any Error)?
    let started = entries.map { entry in Result { try entry.start(toolchain) } }
    for (entry, compilation) in zip(entries, started) {
      do { try entry.finish(try compilation.get()) } catch { problem = problem ?? error }
      entry.removeTemporaryFiles()
    }
    if let problem { throw problem }
  }
}

/// One source with the names of its files.
private struct CacheEntry {
  let text: String
  let folder: String
  private let name: String
  private let temporary: String

  init(text: String, folder: String) {
    self.text = text
    self.folder = folder
    name = folder + "/" + String(CachedObject.hash(Array(text.utf8)), radix: 16)
    temporary = "\(name).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
  }

  var object: String { name + ".so" }

  var isPresent: Bool {
    // The stored text guards against two texts with one hash.
    guard let stored = try? String(contentsOfFile: name + ".c", encoding: .utf8), stored == text else { return false }
    return CachedObject.isWhole(object, source: text)
  }

  func start(_ toolchain: Toolchain) throws -> Toolchain.Compilation {
    try writing { try text.write(toFile: temporary + ".c", atomically: false, encoding: .utf8) }
    return try toolchain.start(source: temporary + ".c", output: temporary + ".so")
  }

  func finish(_ compilation: Toolchain.Compilation) throws {
    do { try compilation.wait() } catch let error as CompilationError {
      // The compiler says nothing of a full disk that can be told from what is wrong with a source.
      guard case .failed = error else { throw error }
      try writing { try Data(count: Self.leastRoom).write(to: URL(fileURLWithPath: temporary + ".so")) }
      throw error
    }
    try writing { try CachedObject.seal(temporary + ".so", source: text) }
    for ending in [".c", ".so"] where rename(temporary + ending, name + ending) != 0 {
      throw CompilationError.unwritableCache(folder, SystemMessage.text())
    }
  }

  /// Bytes that a compiler's output may need.
  private static let leastRoom = 1 << 20

  func removeTemporaryFiles() { for ending in [".c", ".so", ".so.log"] { unlink(temporary + ending) } }

  private func writing(_ body: () throws -> Void) throws {
    do { try body() } catch {
      throw CompilationError.unwritableCache(folder, SystemMessage.text(of: error))
    }
  }
}
