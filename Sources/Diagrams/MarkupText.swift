/// Escaping for XML, which SVG and the labels of Graphviz share, and for quoted text in DOT.
enum MarkupText {
  static func xml(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      // XML 1.0 has no place for other control characters, not even escaped.
      case _ where scalar.value < 0x20: escaped += "?"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A quoted string of DOT; line breaks become the escape that Graphviz draws as one.
  static func quoted(_ text: String) -> String {
    var escaped = "\""
    for character in text {
      switch character {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      default: escaped.append(character)
      }
    }
    return escaped + "\""
  }

  /// The text cut to a number of characters, with an ellipsis in place of what is gone.
  static func truncated(_ text: String, to count: Int) -> String {
    guard text.count > count else { return text }
    return count < 2 ? "" : text.prefix(count - 1) + "…"
  }
}
