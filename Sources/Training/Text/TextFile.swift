import Foundation

/// A text read from a file, as models of text need it.
public struct TextFile: Sendable {
  public let path: String
  public let text: String

  /// Reads a file to its end.
  ///
  /// - Throws: `TextFileError` for a file that cannot be read, is empty or is not UTF-8.
  public init(path: String) throws {
    // A device or a pipe may never end.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: target)
    if let kind = attributes?[.type] as? FileAttributeType, kind != .typeRegular {
      throw TextFileError(path: path, problem: "is no regular file; needs a file of text")
    }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw TextFileError(path: path, problem: "cannot be read; needs a file of text")
    }
    if bytes.isEmpty { throw TextFileError(path: path, problem: "is empty; needs text") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let (line, column) = Self.firstWrongByte(bytes)
      throw TextFileError(
        path: path, line: line, problem: "byte \(column) of the line is not UTF-8; needs text in UTF-8")
    }
    (self.path, self.text) = (path, text)
  }

  /// Line and byte in it, from 1, of what is not UTF-8.
  private static func firstWrongByte(_ bytes: Data) -> (line: Int, column: Int) {
    var decoder = UTF8()
    var (line, start, count) = (1, 0, 0)
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      count += UTF8.width(scalar)
      if scalar == "\n" { (line, start) = (line + 1, count) }
    }
    return (line, count - start + 1)
  }
}

/// A file that holds no text for a model.
public struct TextFileError: Error, Hashable, CustomStringConvertible {
  public var path: String
  public var line: Int?
  public var problem: String

  public init(path: String, line: Int? = nil, problem: String) {
    (self.path, self.line, self.problem) = (path, line, problem)
  }

  public var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(problem)" }
}
