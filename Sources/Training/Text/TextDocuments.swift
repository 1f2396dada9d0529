import Foundation

/// Texts to learn from, of a file or of a folder, and where one document ends and the next begins.
///
/// Of a folder the files whose names end in `.txt` are read, in the order of their names; hidden files and folders within are
/// left out.
///
///     let text = try TextDocuments(path: "stories.txt", .blankLines)
///     text.documents[0]
public struct TextDocuments: Sendable {
  public let path: String
  /// In their order; there is one at least, and none is empty.
  public let documents: [String]

  /// Where documents end.
  public enum Division: Sendable, Hashable {
    /// Where files do.
    case files
    /// Nowhere: all files are one text, an empty line between two.
    case joined
    /// Where files do, and at lines of white space alone.
    case blankLines
    /// Where files do, and at lines that are this text.
    case line(String)

    /// As settings write it: `files`, `joined`, `blank-lines`, or the line itself; nil for what is no line.
    public init?(_ text: String) {
      if text.isEmpty || text.contains(where: \.isNewline) { return nil }
      switch text {
      case "files": self = .files
      case "joined": self = .joined
      case "blank-lines": self = .blankLines
      default: self = .line(text)
      }
    }

    /// What stands between two documents of a file, in words; nil where files are not cut.
    fileprivate var border: String? {
      switch self {
      case .files, .joined: nil
      case .blankLines: "blank lines"
      case .line(let text): "lines '\(text)'"
      }
    }

    /// What settings may write, in words.
    public static let needed: String = "files, joined, blank-lines, or the line that stands between two documents"
  }

  /// - Parameter division: where documents end within files. Line ends and lines of white space around them are none of their
  ///   text then.
  /// - Throws: `TextFileError` for what cannot be read, is empty, is not UTF-8, or is to be divided within files and has fewer
  ///   than two documents.
  public init(path: String, _ division: Division = .files) throws {
    let files = try Self.files(of: path)
    self.path = path
    switch division {
    case .files: documents = files.map(\.text)
    case .joined: documents = [Self.joined(files.map(\.text))]
    case .blankLines: documents = files.flatMap { Self.parts(of: $0.text, between: Self.isBlank) }
    case .line(let border):
      let bytes = Array(border.utf8)
      documents = files.flatMap { Self.parts(of: $0.text) { $0.elementsEqual(bytes) } }
    }
    if let border = division.border, documents.count < 2 {
      throw TextFileError(path: path, problem: "needed documents with \(border) between them, found \(documents.count)")
    }
  }

  /// A text that is at hand, as one document.
  public init(_ file: TextFile) { (path, documents) = (file.path, [file.text]) }

  /// All documents, an empty line between two.
  public var text: String { Self.joined(documents) }

  private static func joined(_ documents: [String]) -> String {
    documents.dropFirst().reduce(into: documents[0]) { text, document in
      text += (text.hasSuffix("\n") ? "\n" : "\n\n") + document
    }
  }

  /// All documents as one file, which messages call by the path.
  public var file: TextFile { TextFile(text: text, path: path) }

  // MARK: Files

  private static func files(of path: String) throws -> [TextFile] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      return [try TextFile(path: path)]
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let texts = names.filter { !$0.hasPrefix(".") && $0.lowercased().hasSuffix(".txt") }.sorted()
    let folder = path.hasSuffix("/") ? path : path + "/"
    if texts.isEmpty {
      throw TextFileError(path: path, problem: "needed a text, found a folder without files that end in .txt")
    }
    try checkSize(of: texts.map { folder + $0 }, path)
    return try texts.map { try TextFile(path: folder + $0) }
  }

  /// Positions in all of the texts are 32-bit numbers, as in one.
  private static func checkSize(of files: [String], _ folder: String) throws {
    var rest = TextFile.mostBytes
    for file in files {
      var status = stat()
      guard stat(file, &status) == 0 else { continue }
      rest -= min(Int(status.st_size), rest + 1)
      guard rest < 0 else { continue }
      let problem = "needed texts, found more than the \(TextFile.mostBytes) bytes that are read at most"
      throw TextFileError(path: folder, problem: problem)
    }
  }

  // MARK: Lines

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 == 32 || (9...13).contains($0) }
  }

  /// What stands between lines that are borders, without the blank lines and line ends around it; what is blank is nothing.
  private static func parts(of text: String, between isBorder: (ArraySlice<UInt8>) -> Bool) -> [String] {
    let bytes = Array(text.utf8)
    var parts: [Range<Int>] = []
    var (part, start): (Range<Int>?, Int) = (nil, 0)
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
      let line = bytes[start..<end].last == 13 ? bytes[start..<end - 1] : bytes[start..<end]
      if isBorder(line) {
        parts += part.map { [$0] } ?? []
        part = nil
      } else if !isBlank(line) {
        part = (part?.lowerBound ?? start)..<line.endIndex
      }
      start = end + 1
    }
    parts += part.map { [$0] } ?? []
    return parts.map { String(decoding: bytes[$0], as: UTF8.self) }
  }
}
