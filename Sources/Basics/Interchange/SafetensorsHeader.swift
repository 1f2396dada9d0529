/// What the header says of one tensor.
struct SafetensorsEntry: Encodable, Equatable {
  var dtype: String
  var shape: [Int]
  /// Where the elements begin and end, counted from the end of the header.
  var data_offsets: [Int]
}

/// The header: entries by name, and the notes beside them.
struct SafetensorsHeader: Equatable {
  var entries: [String: SafetensorsEntry] = [:]
  var metadata: [String: String] = [:]

  static let metadataName: String = "__metadata__"

  init() {}

  /// Reads a header's text.
  ///
  /// - Throws: `SafetensorsError.Reason.badHeader`.
  init(text: [UInt8]) throws {
    do {
      for (key, value) in try Self.members(try JSONReader.value(text), "the header") {
        if key == Self.metadataName {
          metadata = try Self.notes(value)
        } else {
          entries[key] = try Self.entry(value, key)
        }
      }
    } catch let error as JSONError {
      throw SafetensorsError.Reason.badHeader("it is no JSON: \(error.problem) at byte \(error.position)")
    }
  }

  /// The members of an object, none twice.
  private static func members(_ value: JSONValue, _ what: String) throws -> [(String, JSONValue)] {
    guard case .object(let members) = value else { throw wrong(what, "a JSON object") }
    var keys: Set<String> = []
    for member in members where !keys.insert(member.key).inserted {
      throw SafetensorsError.Reason.badHeader("\(what) has '\(member.key)' twice")
    }
    return members.map { ($0.key, $0.value) }
  }

  private static func notes(_ value: JSONValue) throws -> [String: String] {
    if value == .null { return [:] }
    let notes = try members(value, "'\(metadataName)'").map { key, value in
      guard case .string(let text) = value else { throw wrong("'\(metadataName).\(key)'", "a string") }
      return (key, text)
    }
    return Dictionary(uniqueKeysWithValues: notes)
  }

  private static func entry(_ value: JSONValue, _ name: String) throws -> SafetensorsEntry {
    let members = Dictionary(uniqueKeysWithValues: try members(value, "'\(name)'"))
    func member(_ key: String) throws -> JSONValue {
      guard let value = members[key] else { throw SafetensorsError.Reason.badHeader("'\(name)' has no '\(key)'") }
      return value
    }
    guard case .string(let dtype) = try member("dtype") else { throw wrong("'\(name).dtype'", "a string") }
    let offsets = try wholeNumbers(try member("data_offsets"), "'\(name).data_offsets'")
    if offsets.count != 2 { throw wrong("'\(name).data_offsets'", "two numbers, but \(offsets.count)") }
    return SafetensorsEntry(
      dtype: dtype, shape: try wholeNumbers(try member("shape"), "'\(name).shape'"), data_offsets: offsets)
  }

  private static func wholeNumbers(_ value: JSONValue, _ what: String) throws -> [Int] {
    guard case .array(let elements) = value else { throw wrong(what, "an array of whole numbers") }
    return try elements.map { element in
      guard case .integer(let number) = element, number >= 0 else {
        throw wrong(what, "whole numbers from 0 to \(Int.max)")
      }
      return number
    }
  }

  private static func wrong(_ what: String, _ needed: String) -> SafetensorsError.Reason {
    .badHeader("\(what) is not \(needed)")
  }
}

extension SafetensorsHeader: Encodable {
  /// Any string as a key of a JSON object.
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty { try container.encode(metadata, forKey: Key(stringValue: Self.metadataName)) }
    for (name, entry) in entries { try container.encode(entry, forKey: Key(stringValue: name)) }
  }
}
