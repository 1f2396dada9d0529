import Files
import Foundation

/// A text read from a file, as models of text need it.
public struct TextFile: Sendable {
  public let path: String
  public let text: String

  /// A text that is at hand.
  ///
  /// - Parameter path: what messages call it.
  public init(text: String, path: String) { (self.text, self.path) = (text, path) }

  /// Parts between line ends, whichever the text has; empty ones are among them.
  public var lines: [Substring] { text.split(omittingEmptySubsequences: false) { $0.isNewline } }

  /// The most bytes: positions in texts are 32-bit numbers.
  static let mostBytes = (1 << 31) - 1

  /// Reads a file to its end.
  ///
  /// - Throws: `TextFileError` for a file that cannot be read, is empty or is not UTF-8.
  public init(path: String) throws(TextFileError) {
    let bytes: Data
    do { bytes = try InputFile.bytes(of: path, atMost: Self.mostBytes) } catch {
      throw TextFileError(path: path, problem: "needed a text, \(error)")
    }
    if bytes.isEmpty { throw TextFileError(path: path, problem: "is empty; needs text") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let (line, column) = Self.firstWrongByte(bytes)
      throw TextFileError(
        path: path, line: line, problem: "byte \(column) of the line is not UTF-8; needs text in UTF-8")
    }
    // A byte order mark says how the text is written, and is none of it.
    (self.path, self.text) = (path, text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
    if self.text.isEmpty { throw TextFileError(path: path, problem: "is empty; needs text") }
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
