import TensorTypes

/// Named tensors and notes in the safetensors format.
///
/// The file is the header's length as eight bytes (little-endian), the header as JSON, then the elements of all tensors:
/// https://github.com/huggingface/safetensors#format.
public struct SafetensorsFile: Sendable, Equatable {
  public var tensors: [String: HostTensor]
  /// The header's `__metadata__`.
  public var metadata: [String: String]

  public init(tensors: [String: HostTensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// What the header says of one tensor.
struct SafetensorsEntry: Codable, Equatable {
  var dtype: String
  var shape: [Int]
  /// Where the elements begin and end, counted from the end of the header.
  var data_offsets: [Int]
}

/// The header: entries by name, and the notes beside them.
struct SafetensorsHeader: Codable, Equatable {
  var entries: [String: SafetensorsEntry] = [:]
  var metadata: [String: String] = [:]

  static let metadataName: String = "__metadata__"

  /// Any string as a key of a JSON object.
  struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == Self.metadataName {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(SafetensorsEntry.self, forKey: key)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty { try container.encode(metadata, forKey: Key(stringValue: Self.metadataName)) }
    for (name, entry) in entries { try container.encode(entry, forKey: Key(stringValue: name)) }
  }
}
