import Operators

extension GradientMode: Codable {
  /// Reads `full`, `last:1`, `last(1)`, `checkpointed:2`, `checkpointed(every: 2)`, `revolve:3`, `revolve(slots: 3)`, `none`;
  /// a mode that needs a number takes 1 without one. Nil for every other text.
  public init?(text: String) {
    guard let match = text.wholeMatch(of: /([a-z]+)(?:[:=](\d+)|\((?:([a-z]+): ?)?(\d+)\))?/),
      let mode = Self.named(String(match.1), match.3.map(String.init), (match.2 ?? match.4).map { Int($0) })
    else { return nil }
    self = mode
  }

  /// - Parameter number: nil where there is none, nil inside where it is beyond 64 bits.
  private static func named(_ name: String, _ label: String?, _ number: Int??) -> GradientMode? {
    guard let value = number ?? 1, ModelOptions.iterations.contains(value) else { return nil }
    let labels = ["checkpointed": "every", "revolve": "slots"]
    if let label, labels[name] != label { return nil }
    switch name {
    case "full": return number == nil ? .full : nil
    case "none": return number == nil ? GradientMode.none : nil
    case "last", "detached": return .last(value)
    case "checkpointed": return .checkpointed(every: value)
    case "revolve": return .revolve(slots: value)
    default: return nil
    }
  }

  /// As text: files that people read hold modes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let mode = GradientMode(text: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no gradient mode is called '\(text)'")
    }
    self = mode
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
