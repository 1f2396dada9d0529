import TensorTypes

/// The tokens of a graph's text, with their lines.
struct GraphTokens {
  private var texts: [String] = []
  private var lines: [Int] = []
  private var position = 0

  init(_ text: String) {
    var line = 1
    var current = ""
    var isQuoted = false
    func isWordCharacter(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "._-+".contains(character)
    }
    for character in text {
      if isQuoted || isWordCharacter(character) {
        current.append(character)
        if character == "\"" { isQuoted = false }
        continue
      }
      if !current.isEmpty { append(current, line) }
      current = ""
      if character == "\"" {
        isQuoted = true
        current = "\""
      } else if character.isNewline {
        line += 1
      } else if !character.isWhitespace {
        append(String(character), line)
      }
    }
    if !current.isEmpty { append(current, line) }
  }

  private mutating func append(_ text: String, _ line: Int) {
    texts.append(text)
    lines.append(line)
  }

  func error(found: String, needed: String) -> GraphSyntaxError {
    let line = lines.isEmpty ? 1 : lines[min(max(position - 1, 0), lines.count - 1)]
    return GraphSyntaxError(line: line, found: found, needed: needed)
  }

  func peek(_ text: String) -> Bool { position < texts.count && texts[position] == text }

  mutating func take(_ text: String) -> Bool {
    guard peek(text) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ text: String) throws {
    let found = position < texts.count ? "'\(texts[position])'" : "the end"
    guard take(text) else {
      position += 1
      throw error(found: found, needed: "'\(text)'")
    }
  }

  mutating func word(_ needed: String) throws -> String {
    guard position < texts.count else { throw error(found: "the end", needed: needed) }
    position += 1
    let text = texts[position - 1]
    guard let first = text.first, first.isLetter || first.isNumber || "._-+".contains(first) else {
      throw error(found: "'\(text)'", needed: needed)
    }
    return text
  }

  mutating func label() throws -> String {
    try expect("%")
    return try word("a value")
  }

  mutating func quoted() throws -> String {
    guard position < texts.count, texts[position].hasPrefix("\"") else {
      throw error(found: position < texts.count ? "'\(texts[position])'" : "the end", needed: "a quoted name")
    }
    position += 1
    return String(texts[position - 1].dropFirst().dropLast())
  }

  mutating func attribute() throws -> Attribute {
    if position < texts.count, texts[position].hasPrefix("\"") { return .text(try quoted()) }
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
    guard let value = Double(text) else { throw error(found: "'\(text)'", needed: "an attribute") }
    return .number(value)
  }

  private func integer(_ text: String) throws -> Int {
    guard let value = Int(text) else { throw error(found: "'\(text)'", needed: "an integer") }
    return value
  }
}
