import Foundation
import TensorTypes

/// Where the data of a run come from.
public enum DataSource: Sendable, Hashable {
  /// The model makes them from the seed.
  case generated
  /// A file, with the hash of its bytes as text; nil for what has no bytes that could be read.
  case file(path: String, hash: String?)

  /// - Parameter path: of a file, which is read to its end; nil where the model makes its data.
  public init(path: String?) {
    guard let path else {
      self = .generated
      return
    }
    // Whoever continues the run may stand in another folder.
    self = .file(path: URL(fileURLWithPath: path).standardizedFileURL.path, hash: Self.hash(path))
  }

  public var path: String? {
    if case .file(let path, _) = self { path } else { nil }
  }

  /// Whether both give the same sequences, wherever their files lie now.
  func isSame(as other: DataSource) -> Bool {
    switch (self, other) {
    case (.generated, .generated): true
    case (.file(_, let hash), .file(_, let otherHash)): hash == otherHash && hash != nil
    default: false
    }
  }

  private static func hash(_ path: String) -> String? {
    var status = stat()
    // A pipe would be empty for whoever reads it next.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let file = FileHandle(forReadingAtPath: path)
    else { return nil }
    defer { try? file.close() }
    var hash = ByteHash.start
    do {
      while let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
        hash = part.withUnsafeBytes { ByteHash.of($0, from: hash) }
      }
    } catch { return nil }
    let digits = String(hash, radix: 16)
    return "fnv1a64:" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension DataSource: CustomStringConvertible {
  /// `puzzles.csv (fnv1a64:0123456789abcdef)`
  public var description: String {
    switch self {
    case .generated: "generated"
    case .file(let path, let hash): "\(path) (\(hash ?? "no file that can be read"))"
    }
  }
}

extension DataSource: Codable {
  private enum CodingKeys: String, CodingKey { case path, hash }
  private static let generatedText = "generated"

  public init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      guard text == Self.generatedText else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "needed '\(Self.generatedText)' or a path and a hash, found '\(text)'"))
      }
      self = .generated
      return
    }
    let members = try decoder.container(keyedBy: CodingKeys.self)
    self = .file(
      path: try members.decode(String.self, forKey: .path),
      hash: try members.decodeIfPresent(String.self, forKey: .hash))
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .generated:
      var container = encoder.singleValueContainer()
      try container.encode(Self.generatedText)
    case .file(let path, let hash):
      var members = encoder.container(keyedBy: CodingKeys.self)
      try members.encode(path, forKey: .path)
      try members.encodeIfPresent(hash, forKey: .hash)
    }
  }
}
