import TensorTypes

/// The tokens of a graph's text, with their lines.
///
/// Text is read by Unicode scalars: a combining mark after a quotation mark is not part of the quotation mark.
struct GraphTokens {
  private var texts: [String] = []
  private var lines: [Int] = []
  private var position = 0

  init(_ text: String) throws {
    var scanner = GraphScanner(text)
    while let token = try scanner.next() {
      texts.append(token.text)
      lines.append(token.line)
    }
  }

  func error(found: String, needed: String) -> GraphSyntaxError {
    let line = lines.isEmpty ? 1 : lines[min(max(position - 1, 0), lines.count - 1)]
    return GraphSyntaxError(line: line, found: found, needed: needed)
  }

  var isAtEnd: Bool { position == texts.count }

  private var isAtQuoted: Bool { position < texts.count && texts[position].unicodeScalars.first == "\"" }

  func peek(_ text: String) -> Bool { position < texts.count && texts[position] == text }

  mutating func take(_ text: String) -> Bool {
    guard peek(text) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ text: String) throws {
    let found = position < texts.count ? Self.shown(texts[position]) : "the end"
    guard take(text) else {
      position += 1
      throw error(found: found, needed: "'\(text)'")
    }
  }

  mutating func expectEnd() throws {
    if isAtEnd { return }
    position += 1
    throw error(found: Self.shown(texts[position - 1]), needed: "the end of the text")
  }

  mutating func word(_ needed: String) throws -> String {
    guard position < texts.count else { throw error(found: "the end", needed: needed) }
    position += 1
    let text = texts[position - 1]
    guard let first = text.unicodeScalars.first, GraphText.isWordScalar(first) else {
      throw error(found: Self.shown(text), needed: needed)
    }
    return text
  }

  mutating func label() throws -> String {
    try expect("%")
    return try word("a value")
  }

  mutating func quoted(_ needed: String) throws -> String {
    guard isAtQuoted else {
      throw error(found: position < texts.count ? Self.shown(texts[position]) : "the end", needed: needed)
    }
    position += 1
    return String(texts[position - 1].unicodeScalars.dropFirst())
  }

  /// A word, or a quoted text for what is no word.
  mutating func name(_ needed: String) throws -> String {
    isAtQuoted ? try quoted(needed) : try word(needed)
  }

  mutating func attribute() throws -> Attribute {
    if isAtQuoted { return .text(try quoted("a quoted text")) }
    if take("[") {
      var integers: [Int] = []
      while !take("]") {
        integers.append(try integer(word("an integer")))
        _ = take(",")
      }
      return .integers(integers)
    }
    let text = try word("an attribute")
    if let value = Int(text) { return .integer(value) }
    if let value = ElementType(rawValue: text) { return .elementType(value) }
    if text == "true" || text == "false" { return .flag(text == "true") }
    guard let value = Double(text) else { throw error(found: Self.shown(text), needed: "an attribute") }
    return .number(value)
  }

  private func integer(_ text: String) throws -> Int {
    guard let value = Int(text) else { throw error(found: Self.shown(text), needed: "an integer") }
    return value
  }

  /// A token as messages show it: quoted, printable, of bounded length.
  static func shown(_ token: String) -> String {
    let start = String(
      token.unicodeScalars.prefix(60).map {
        $0.properties.isNoncharacterCodePoint || $0.value < 32 ? "?" : Character($0)
      })
    return "'\(start)\(token.unicodeScalars.count > 60 ? "..." : "")'"
  }
}

/// Cuts text into words, quoted texts and signs.
private struct GraphScanner {
  private var rest: Substring.UnicodeScalarView
  private var line = 1

  init(_ text: String) { rest = text[...].unicodeScalars }

  /// The next token and its line; a quoted text keeps its opening mark and has its escapes resolved.
  mutating func next() throws -> (text: String, line: Int)? {
    skipSpace()
    guard let first = rest.first else { return nil }
    if first == "\"" { return try quoted() }
    guard GraphText.isWordScalar(first) else {
      rest.removeFirst()
      return (String(first), line)
    }
    let word = rest.prefix(while: GraphText.isWordScalar)
    rest = rest[word.endIndex...]
    return (String(word), line)
  }

  private mutating func skipSpace() {
    while let first = rest.first, first.properties.isWhitespace {
      if first == "\n" { line += 1 }
      rest.removeFirst()
    }
  }

  private mutating func quoted() throws -> (text: String, line: Int) {
    let start = line
    var text = String.UnicodeScalarView("\"".unicodeScalars)
    rest.removeFirst()
    while let scalar = rest.popFirst() {
      if scalar == "\"" { return (String(text), start) }
      if scalar == "\n" { line += 1 }
      guard scalar == "\\" else {
        text.append(scalar)
        continue
      }
      guard let escaped = rest.popFirst(), let meant = GraphText.unescaped(escaped) else { break }
      text.append(meant)
    }
    throw GraphSyntaxError(line: start, found: "a quoted text without end", needed: "'\"'")
  }
}

/// How names are written in the text of graphs.
enum GraphText {
  /// Scalars of words: names of operators, values and attributes, and numbers.
  static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "._-+".unicodeScalars.contains(scalar)
  }

  /// The text itself where it is a word, quoted otherwise.
  static func name(_ text: String) -> String {
    !text.isEmpty && text.unicodeScalars.allSatisfy(isWordScalar) ? text : quoted(text)
  }

  /// The text between quotation marks, with escapes for what would end it or the line.
  static func quoted(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result.append(contentsOf: ["\\", scalar])
      case "\n": result.append(contentsOf: ["\\", "n"])
      case "\r": result.append(contentsOf: ["\\", "r"])
      case "\t": result.append(contentsOf: ["\\", "t"])
      default: result.append(scalar)
      }
    }
    return "\"\(String(result))\""
  }

  static func unescaped(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar {
    case "\"", "\\": scalar
    case "n": "\n"
    case "r": "\r"
    case "t": "\t"
    default: nil
    }
  }
}
