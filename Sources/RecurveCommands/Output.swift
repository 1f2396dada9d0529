import Files
import Foundation
import Reports

/// Where commands write: results to standard output, progress to standard error.
enum Output {
  static func json(_ value: some Encodable) throws { print(try jsonText(value)) }

  static func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Quoting.json(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  static func progress(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  /// Writes text to a file, or to standard output where there is no path.
  static func write(_ text: String, to path: String?) throws {
    guard let path else { return print(text) }
    try OutputFile.write(text, to: path)
  }

  /// Makes a folder for results.
  static func createFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError.unwritable(path, "cannot create the folder")
    }
  }
}
