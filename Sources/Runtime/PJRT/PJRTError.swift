import CPJRT
import Compilation
import StandardStreams

/// Why a plugin cannot be used, or what it said.
public enum PJRTError: Error, Hashable, CustomStringConvertible {
  /// No plugin was named, and these folders hold none.
  case noneFound(searched: [String])
  case missing(String)
  case several([String])
  case unloadable(String, String)
  case noPlugin(String)
  case version(String, major: Int, minor: Int)
  case noDevice(String)
  /// What was being done, what the plugin says, and its code.
  case failed(String, String, code: Int)

  public var description: String {
    switch self {
    case .noneFound(let searched):
      "no PJRT plugin was found" + (searched.isEmpty ? "" : " in \(Self.list(searched))")
        + "; name one with --plugin or RECURVE_PJRT_PLUGIN, or install one with `Tools/engines-setup FOLDER`"
    case .missing(let path): "\(Quoting.name(path)) does not exist; needs a PJRT plugin or a folder that holds one"
    case .several(let paths): "there are several PJRT plugins, \(Self.list(paths)); name one of them with --plugin"
    case .unloadable(let path, let reason):
      "\(Quoting.name(path)) cannot be loaded: \(Quoting.name(reason, longest: 600))"
    case .noPlugin(let path): "\(Quoting.name(path)) is no PJRT plugin: it has no function GetPjrtApi"
    case .version(let path, let major, let minor):
      "\(Quoting.name(path)) has version \(major).\(minor) of PJRT's interface, needs \(PJRTPlugin.major)."
        + "\(PJRTPlugin.oldestMinor) or a later \(PJRTPlugin.major).x"
    case .noDevice(let path): "\(Quoting.name(path)) has no device on this machine"
    case .failed(let purpose, let message, _): "\(purpose) failed: \(Quoting.message(message, longest: 2_000))"
    }
  }

  private static func list(_ paths: [String]) -> String { paths.map { Quoting.name($0) }.joined(separator: ", ") }

  /// The same for those who know engines, not plugins.
  var engineError: EngineError {
    if case .failed(_, _, let code) = self {
      return EngineError(
        engine: PJRTEngine.name, problem: description, isAboutMemory: code == RECURVE_PJRT_RESOURCE_EXHAUSTED)
    }
    return EngineError(engine: PJRTEngine.name, problem: description)
  }
}
