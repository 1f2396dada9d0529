/// Why a picture could not be made.
public enum RenderingError: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownFormat(String, needed: [String])
  case invalidDot(String)
  case layoutFailed(String)

  public var description: String {
    switch self {
    case .unknownFormat(let found, let needed):
      "picture format: found '\(found)', needed \(Self.alternatives(needed))"
    case .invalidDot(let message): "DOT text: \(message)"
    case .layoutFailed(let message): "Graphviz: \(message)"
    }
  }

  private static func alternatives(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }
}
