import Foundation

/// Compiled kernels on disk, found by the content of their source.
///
/// Beside every shared object lies the text it was made from, which is compared before the object is trusted. Files are
/// written under another name and renamed, so a reader never sees half of one.
public struct KernelCache: Sendable {
  public let folder: String

  /// The folder named by `RECURVE_CACHE`, else `recurve` in the user's cache folder.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let base = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/tmp") + "/.cache"
    folder = environment["RECURVE_CACHE"] ?? base + "/recurve"
  }

  public init(folder: String) { self.folder = folder }

  /// Paths of shared objects for the sources, compiling those that are missing, all at once.
  func objects(for sources: [String], _ toolchain: Toolchain) throws -> [String] {
    try createFolder()
    let texts = sources.map { "// \(toolchain.fingerprint)\n" + $0 }
    let names = texts.map { folder + "/" + Self.hash($0) }
    var compilations: [(Toolchain.Compilation, name: String, temporary: String)] = []
    for (text, name) in zip(texts, names) where !isPresent(text, name) {
      compilations.append(try start(text, name, toolchain))
    }
    for (compilation, name, temporary) in compilations {
      try compilation.wait()
      rename(temporary + ".c", name + ".c")
      guard rename(temporary + ".so", name + ".so") == 0 else {
        throw CompilationError.unwritableCache(folder, String(cString: strerror(errno)))
      }
    }
    return names.map { $0 + ".so" }
  }

  /// Makes the folder if needed; throws when it cannot be written.
  public func createFolder() throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CompilationError.unwritableCache(folder, "cannot create the folder")
    }
    guard access(folder, W_OK) == 0 else {
      throw CompilationError.unwritableCache(folder, String(cString: strerror(errno)))
    }
  }

  private func isPresent(_ text: String, _ name: String) -> Bool {
    guard FileManager.default.fileExists(atPath: name + ".so"),
      let stored = try? String(contentsOfFile: name + ".c", encoding: .utf8)
    else { return false }
    return stored == text
  }

  private func start(
    _ text: String, _ name: String, _ toolchain: Toolchain
  ) throws -> (Toolchain.Compilation, name: String, temporary: String) {
    let temporary = "\(name).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
    do {
      try text.write(toFile: temporary + ".c", atomically: false, encoding: .utf8)
    } catch {
      throw CompilationError.unwritableCache(folder, "cannot write \(temporary).c")
    }
    return (try toolchain.start(source: temporary + ".c", output: temporary + ".so"), name, temporary)
  }

  /// FNV-1a in 64 bits; the stored text guards against collisions.
  private static func hash(_ text: String) -> String {
    let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(value, radix: 16)
  }
}
