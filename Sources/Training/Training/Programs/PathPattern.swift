import StandardStreams

/// Weights by their paths: `**` stands for any parts of a path, `*` for one, everything else for itself.
///
///     "policy.**"          every weight under `policy`
///     "blocks.*.gain"      the gain of every block
public struct PathPattern: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let description: String
  private let parts: [Substring]

  public init(_ text: String) {
    description = text
    parts = text.split(separator: ".", omittingEmptySubsequences: false)
  }

  public init(stringLiteral text: String) { self.init(text) }

  public func matches(_ path: String) -> Bool {
    Self.matches(parts[...], path.split(separator: ".", omittingEmptySubsequences: false)[...])
  }

  private static func matches(_ pattern: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
    // Where the last `**` stood, and what it has taken so far: a later one makes the choices of those before it final.
    var (pattern, path) = (pattern, path)
    var last: (pattern: ArraySlice<Substring>, path: ArraySlice<Substring>)?
    while !path.isEmpty {
      if pattern.first == "**" {
        pattern = pattern.dropFirst()
        last = (pattern, path)
      } else if let part = pattern.first, part == "*" || part == path.first {
        (pattern, path) = (pattern.dropFirst(), path.dropFirst())
      } else if let choice = last {
        (pattern, path) = (choice.pattern, choice.path.dropFirst())
        last = (pattern, path)
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == "**" }
  }
}
