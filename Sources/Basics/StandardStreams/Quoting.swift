/// Texts of users and of files, written so that no reader takes them for anything but text.
///
/// Every function works on Unicode scalars: a combining mark after a quotation mark makes one character of both, and the
/// mark would escape quoting by characters. What controls a terminal or turns the direction of writing is replaced.
public enum Quoting {
  /// A line of text: no scalar of it controls anything.
  public static func line(_ text: String) -> String { mapped(text) { isControl($0) ? replacement : String($0) } }

  /// Text of several lines; only line breaks and tabs control.
  public static func lines(_ text: String) -> String {
    mapped(text) { isControl($0) && $0 != "\n" && $0 != "\t" ? replacement : String($0) }
  }

  /// A name within a line: no line break, and cut at a length.
  public static func name(_ text: String, longest: Int = 200) -> String { message(line(text), longest: longest) }

  /// What a terminal shows of a message: several lines, cut at a length.
  public static func message(_ text: String, longest: Int = 4_000) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > longest else { return lines(text) }
    let start = String(String.UnicodeScalarView(scalars.prefix(longest)))
    return lines(start) + " ... (\(scalars.count - longest) more characters)"
  }

  /// Text in an element or an attribute of XML, HTML or SVG, and in labels of Graphviz that look like HTML.
  public static func xml(_ text: String) -> String {
    mapped(lines(text)) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: String(scalar)
      }
    }
  }

  /// A quoted string of DOT; line breaks become the escape that Graphviz draws as one, and entities, which Graphviz would
  /// decode, stay as they are written.
  public static func dot(_ text: String) -> String {
    "\""
      + mapped(lines(text)) { scalar in
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "&": "&amp;"
        default: String(scalar)
        }
      } + "\""
  }

  /// A string of gnuplot: everything but letters, digits, spaces and what is not ASCII as an octal escape.
  ///
  /// Quotes doubled within single quotes are not enough: gnuplot 5.4 ends the string at a quote that comes first. Escapes have
  /// four digits, of which the first is 0: of three that begin with 0 it takes a digit of the text for the fourth.
  public static func gnuplot(_ text: String) -> String {
    "\""
      + mapped(line(text)) { scalar in
        guard scalar.isASCII, !scalar.properties.isAlphabetic, scalar.properties.numericType == nil, scalar != " "
        else {
          return String(scalar)
        }
        let digits = String(scalar.value, radix: 8)
        return "\\" + String(repeating: "0", count: 4 - digits.count) + digits
      } + "\""
  }

  /// A line of Markdown, text within one, or a cell.
  public static func markdown(_ text: String) -> String {
    let escaped = mapped(line(text)) { scalar in
      switch scalar {
      case "\\", "`", "*", "_", "#", "[", "]", "|": "\\\(scalar)"
      case "<": "&lt;"
      case "&": "&amp;"
      default: String(scalar)
      }
    }
    return escapingStart(of: escaped)
  }

  /// Marks that begin a list, a quotation or a rule do so only at the start of a line.
  private static func escapingStart(of line: String) -> String {
    var scalars = line.unicodeScalars
    let start = scalars.firstIndex { $0 != " " } ?? scalars.endIndex
    let digits = scalars[start...].prefix { "0123456789".unicodeScalars.contains($0) }
    let rest = scalars[digits.endIndex...]
    let isNumber = !digits.isEmpty && ".)".unicodeScalars.contains(rest.first ?? " ")
    let isMark = digits.isEmpty && "-+=>".unicodeScalars.contains(rest.first ?? " ")
    // `1.5` begins no list.
    guard isMark || (isNumber && (rest.dropFirst().first ?? " ") == " ") else { return line }
    scalars.insert("\\", at: digits.endIndex)
    return String(scalars)
  }

  /// A word of a shell's command: as it is where no scalar of it means anything to a shell, else within single quotes.
  public static func shell(_ text: String) -> String {
    let plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+,".unicodeScalars
    if !text.isEmpty, text.unicodeScalars.allSatisfy(plain.contains) { return text }
    return "'" + mapped(line(text)) { $0 == "'" ? "'\\''" : String($0) } + "'"
  }

  /// JSON whose strings have no control characters left, not even those that JSON allows.
  public static func json(_ encoded: String) -> String {
    mapped(encoded) { scalar in
      guard isControl(scalar), scalar.value >= 0x20, scalar.value < 0x1_0000 else { return String(scalar) }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  private static let replacement = "\u{FFFD}"

  private static func mapped(_ text: String, _ change: (Unicode.Scalar) -> String) -> String {
    var result = ""
    for scalar in text.unicodeScalars { result += change(scalar) }
    return result
  }

  /// Controls of terminals, separators of lines, marks that turn the direction, and what XML has no place for.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFFFE...0xFFFF: true
    default: false
    }
  }
}
