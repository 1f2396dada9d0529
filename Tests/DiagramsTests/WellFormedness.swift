import Foundation
import FoundationXML

/// Whether a text is XML that a parser accepts.
enum WellFormedness {
  /// The parser's complaint; nil for well-formed text.
  static func problem(in data: Data) -> String? {
    let parser = XMLParser(data: data)
    return parser.parse()
      ? nil : "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "unknown")"
  }
}
