import Foundation
import TensorTypes

/// Where the data of a run come from.
public enum DataSource: Sendable, Hashable {
  /// The model makes them from the seed.
  case generated
  /// A file, or a folder of files, with the hash of the bytes as text; nil for what has no bytes that could be read.
  case file(path: String, hash: String?)

  /// - Parameter path: of a file or a folder of files, which are read to their ends; nil where the model makes its data.
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
  public func isSame(as other: DataSource) -> Bool {
    switch (self, other) {
    case (.generated, .generated): true
    case (.file(_, let hash), .file(_, let otherHash)): hash == otherHash && hash != nil
    default: false
    }
  }

  /// Whether the files, which can be read, hold other bytes than they did.
  public var hasChanged: Bool {
    guard case .file(let path, let hash?) = self, let found = Self.hash(path) else { return false }
    return found != hash
  }

  private static func hash(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    var hash = ByteHash.start
    switch status.st_mode & S_IFMT {
    // A pipe would be empty for whoever reads it next.
    case S_IFREG: if !add(path, to: &hash) { return nil }
    case S_IFDIR: if !addFiles(in: path, to: &hash) { return nil }
    default: return nil
    }
    let digits = String(hash, radix: 16)
    return "fnv1a64:" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The bytes of a file; false where they cannot be read.
  private static func add(_ path: String, to hash: inout UInt64) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    do {
      while let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
        hash = part.withUnsafeBytes { ByteHash.of($0, from: hash) }
      }
    } catch { return false }
    return true
  }

  /// The files of a folder with their names, in the order of these; hidden ones and folders within are left out.
  private static func addFiles(in folder: String, to hash: inout UInt64) -> Bool {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return false }
    for name in names.sorted() where !name.hasPrefix(".") {
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0 else { return false }
      if status.st_mode & S_IFMT != S_IFREG { continue }
      hash = Array(name.utf8 + [0]).withUnsafeBytes { ByteHash.of($0, from: hash) }
      if !add(folder + "/" + name, to: &hash) { return false }
    }
    return true
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
