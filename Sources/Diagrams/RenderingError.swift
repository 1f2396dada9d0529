/// Why a picture could not be made.
public enum RenderingError: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownFormat(String, needed: [String])
  case invalidDot(String)
  case layoutFailed(String)
  case unwritable(path: String, reason: String)
  case missingTool(String, needed: String)
  case toolFailed(String, output: String)

  public var description: String {
    switch self {
    case .unknownFormat(let found, let needed):
      "picture format: found '\(found)', needed \(Self.alternatives(needed))"
    case .invalidDot(let message): "DOT text: \(message)"
    case .layoutFailed(let message): "Graphviz: \(message)"
    case .unwritable(let path, let reason): "cannot write '\(path)': \(reason)"
    case .missingTool(let tool, let needed): "'\(tool)' is not on PATH, needed \(needed)"
    case .toolFailed(let tool, let output): "\(tool) failed: \(output)"
    }
  }

  private static func alternatives(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }
}
