import Foundation

/// A JSON value (RFC 8259) whose objects keep every key, so that a key written twice can be told.
enum JSONValue: Equatable {
  case object([Member])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  /// A number with a fraction or an exponent, or beyond 64 bits, as it is written.
  case number(String)
  case bool(Bool)
  case null

  struct Member: Equatable {
    var key: String
    var value: JSONValue
  }
}

/// What is wrong with a JSON text, and at which byte.
struct JSONError: Error, Equatable {
  var problem: String
  var position: Int
}

/// Reads JSON as strictly as the reference implementation of safetensors does: UTF-8 without a mark, nothing after the value,
/// at most 128 levels.
struct JSONReader {
  private let bytes: [UInt8]
  private var position = 0
  private static let depthLimit = 128

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// - Throws: `JSONError`.
  static func value(_ bytes: [UInt8]) throws -> JSONValue {
    if String(validating: bytes, as: UTF8.self) == nil { throw JSONError(problem: "it is not UTF-8", position: 0) }
    var reader = JSONReader(bytes)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    if reader.position < bytes.count { throw reader.error("text after the value") }
    return value
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    skipSpace()
    if depth >= Self.depthLimit { throw error("more than \(Self.depthLimit) levels") }
    guard let next else { throw error("no value") }
    switch next {
    case UInt8(ascii: "{"): return .object(try list("}") { try $0.member(depth: depth + 1) })
    case UInt8(ascii: "["): return .array(try list("]") { try $0.value(depth: depth + 1) })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: return try word()
    }
  }

  private mutating func member(depth: Int) throws -> JSONValue.Member {
    skipSpace()
    let key = try string()
    skipSpace()
    try expect(":")
    return JSONValue.Member(key: key, value: try value(depth: depth))
  }

  /// Elements between the present bracket and the closing one, separated by commas.
  private mutating func list<Element>(
    _ end: Unicode.Scalar, _ element: (inout JSONReader) throws -> Element
  ) throws -> [Element] {
    position += 1
    skipSpace()
    if take(end) { return [] }
    var elements: [Element] = []
    while true {
      elements.append(try element(&self))
      skipSpace()
      if take(end) { return elements }
      try expect(",")
    }
  }

  private mutating func word() throws -> JSONValue {
    for (text, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
    where bytes[position...].starts(with: text.utf8) {
      position += text.utf8.count
      return value
    }
    throw error("no value")
  }

  private mutating func number() throws -> JSONValue {
    let start = position
    _ = take("-")
    if !take("0") { try digits() }
    var isWhole = true
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // A negative zero is no whole number.
    if isWhole, text != "-0", let integer = Int(text) { return .integer(integer) }
    return .number(text)
  }

  private mutating func digits() throws {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    if position == start { throw error("no digit") }
  }

  // MARK: Strings

  private mutating func string() throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += Array(String(try escaped()).utf8)
      case 0..<32: throw error("a control character in a string")
      default: text.append(byte)
      }
    }
    throw error("a string without an end")
  }

  private mutating func escaped() throws -> Unicode.Scalar {
    guard let byte = next else { throw error("a string without an end") }
    position += 1
    let plain: [UInt8: Unicode.Scalar] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
      UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    if let scalar = plain[byte] { return scalar }
    guard byte == UInt8(ascii: "u") else { throw error("an unknown escape") }
    return try escapedScalar()
  }

  /// Four hexadecimal digits, and four more behind the first half of a surrogate pair.
  private mutating func escapedScalar() throws -> Unicode.Scalar {
    let high = try hexadecimal()
    if let scalar = Unicode.Scalar(high) { return scalar }
    if take("\\"), take("u") {
      let low = try hexadecimal()
      if (0xDC00..<0xE000).contains(low), high < 0xDC00,
        let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
      {
        return scalar
      }
    }
    throw error("half of a surrogate pair")
  }

  private mutating func hexadecimal() throws -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("an escape without four hexadecimal digits") }
    position += 4
    return value
  }

  // MARK: Bytes

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws {
    if !take(scalar) { throw error("no '\(scalar)'") }
  }

  private func error(_ problem: String) -> JSONError { JSONError(problem: problem, position: position) }
}
