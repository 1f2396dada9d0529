import Foundation

/// Where plugins lie: by a path, or among the packages of a Python environment, which is how they are distributed.
public struct PluginSearch: Sendable {
  private let environment: [String: String]

  public init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }

  /// Names the variable that stands for `--plugin`.
  public static let variable = "RECURVE_PJRT_PLUGIN"

  /// The plugin at a path, or the only one in a folder: of packages, or of an environment.
  ///
  /// - Parameter path: else `RECURVE_PJRT_PLUGIN`, else the Python environment that is active.
  /// - Throws: `PJRTError.missing`, `noneFound` or `several`.
  public func plugin(_ path: String?) throws -> String {
    if let named = path ?? set(Self.variable) { return try plugin(at: named) }
    guard let active = set("VIRTUAL_ENV") else { throw PJRTError.noneFound(searched: []) }
    return try plugin(at: active)
  }

  private func set(_ variable: String) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }

  private func plugin(at path: String) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw PJRTError.missing(path) }
    if !isFolder.boolValue { return path }
    let folders = Self.packageFolders(of: path)
    let found = folders.flatMap(Self.plugins).sorted()
    guard let first = found.first else { throw PJRTError.noneFound(searched: folders) }
    if found.count > 1 { throw PJRTError.several(found) }
    return first
  }

  /// `lib/python3.11/site-packages` of an environment; a folder of packages itself otherwise.
  private static func packageFolders(of path: String) -> [String] {
    let libraries = path + "/lib"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []
    let packages = versions.filter { $0.hasPrefix("python") }.sorted().map { "\(libraries)/\($0)/site-packages" }
      .filter { FileManager.default.fileExists(atPath: $0) }
    return packages.isEmpty ? [path] : packages
  }

  /// Packages have their plugin at their top or one folder below.
  private static func plugins(in packages: String) -> [String] {
    func libraries(_ folder: String) -> [String] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.filter(isPlugin).map { "\(folder)/\($0)" }
    }
    func folders(_ folder: String) -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
    }
    let top = folders(packages)
    let below = top.filter { $0.hasSuffix("_plugins") }.flatMap(folders)
    return ([packages] + top + below).flatMap(libraries)
  }

  /// `pjrt_c_api_cpu_plugin.so`, `xla_cuda_plugin.so`, `libtpu.so`.
  private static func isPlugin(_ name: String) -> Bool {
    let isXLA = name.hasPrefix("xla_") && name.hasSuffix("_plugin.so")
    return name.hasSuffix(".so") && (name.contains("pjrt") || isXLA) || name == "libtpu.so"
  }
}
