import Files
import Foundation
import Reports
import StandardStreams
import Training

/// Where commands write: results to standard output, progress to standard error.
public enum Output {
  /// Writes what was asked for as JSON, keys in order.
  ///
  /// - Throws: `StandardStreamError`: a result that nobody gets is a failure.
  public static func json(_ value: some Encodable) throws { try result(try jsonText(value)) }

  /// Writes what was asked for.
  ///
  /// - Throws: `StandardStreamError`: a result that nobody gets is a failure.
  public static func result(_ text: String) throws { try StandardStreams.print(text) }

  /// JSON as `json` writes it.
  public static func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Quoting.json(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Tells people how it goes.
  public static func progress(_ line: String) { StandardStreams.say(line) }

  /// Writes text to a file, or to standard output where there is no path.
  ///
  /// - Throws: `CommandError.unwritable` for a file of a run; where the system refuses.
  public static func write(_ text: String, to path: String?) throws {
    guard let path else { return try result(text) }
    if RunFolder.isPart(path) { throw CommandError.unwritable(path, "it is a file of a run") }
    try OutputFile.write(text, to: path)
  }

  /// Makes a folder for results.
  ///
  /// - Throws: where the system refuses.
  public static func createFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError.unwritable(path, "cannot create the folder")
    }
  }
}
