import GraphIR

/// The colours of all pictures: light fills, dark text, one strong colour for each part of a training step.
enum Palette {
  static let font: String = "Helvetica,Arial,sans-serif"
  static let text: String = "#1f2937"
  static let faintText: String = "#556174"
  static let line: String = "#7c8a9e"
  static let faintLine: String = "#c3ccd8"
  static let group: String = "#dbe7fb"
  static let carry: String = "#ffffff"
  static let stack: String = "#fdeccb"
  static let weight: String = "#fbf8ee"
  static let input: String = "#e9f5ee"
  static let output: String = "#1f2937"
  static let detached: String = "#e8eaee"

  static func fill(_ kind: OperationKind) -> String {
    switch kind {
    case .contraction: "#ffd9c4"
    case .elementwise: "#d8f0df"
    case .reduction: "#fbedb4"
    case .movement: "#d9f0f5"
    case .indexing: "#f9d9e6"
    case .composite: "#e4dbfa"
    case .control: "#cfdaea"
    case .constant: "#f1f3f5"
    }
  }

  static func fill(_ role: Graph.Role) -> String {
    switch role {
    case .forward: "#dbe7fb"
    case .detached: detached
    case .recompute: "#e4dbfa"
    case .backward: "#ffe0c7"
    case .update: "#d8f0df"
    }
  }

  static func line(_ role: Graph.Role) -> String {
    switch role {
    case .forward: "#5b7bb0"
    case .detached: "#a9b1bd"
    case .recompute: "#8d6fd1"
    case .backward: "#d9813f"
    case .update: "#4f9e6d"
    }
  }

  /// The tint of a cluster: transparent, so that each level of nesting is a shade darker.
  static func tint(_ role: Graph.Role) -> String { role == .detached ? "#8b95a52b" : line(role) + "14" }

  /// A colour between white and a warm or a cool end.
  static func ramp(_ share: Double, warm: Bool) -> String {
    let end = warm ? (247.0, 166.0, 126.0) : (126.0, 198.0, 207.0)
    let position = min(max(share, 0), 1)
    func channel(_ end: Double) -> String {
      let value = Int((250 + (end - 250) * position).rounded())
      let digits = String(value, radix: 16)
      return value < 16 ? "0" + digits : digits
    }
    return "#" + channel(end.0) + channel(end.1) + channel(end.2)
  }

  /// Colours of the memory map by category: the usual categories have their own, others take turns.
  static func category(_ name: String, position: Int) -> String {
    switch name {
    case "weights": "#9db8e8"
    case "optimizer state": "#b7aee6"
    case "activations": "#a5d8b4"
    case "residual stack": "#f6cf86"
    case "gradients", "gradient": "#f2ae8b"
    case "workspace": "#cbd2dc"
    case "inputs", "input": "#a9dde0"
    default: others[position % others.count]
    }
  }

  private static let others = ["#e7b6cf", "#cfe08f", "#d8c3a5", "#9fd3f0", "#e6a5a5", "#c5b3e6"]
}
