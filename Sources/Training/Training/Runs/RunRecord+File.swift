import Files
import Foundation
import StandardStreams

extension RunRecord {
  /// The most bytes of a record: more are no record.
  private static let mostBytes = 1 << 20

  /// Replaces the file at once.
  ///
  /// - Throws: `OutputFileError` when the file system refuses.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try OutputFile.write(
      Quoting.json(String(decoding: try encoder.encode(self), as: UTF8.self)) + "\n", to: path)
  }

  /// Reads a record.
  ///
  /// - Throws: `RunRecordError` for a file that cannot be read, that is no record, or whose numbers no run can have.
  public init(path: String) throws {
    do { self = try Self.decoded(try Self.bytes(path)) } catch let problem as Problem {
      throw RunRecordError(path: path, problem: problem.text)
    }
    let problems = problems
    if !problems.isEmpty { throw RunRecordError(path: path, problem: problems.joined(separator: "; ")) }
  }

  private struct Problem: Error {
    var text: String
  }

  private struct Version: Decodable {
    var version: Int
  }

  private static func bytes(_ path: String) throws -> Data {
    do { return try InputFile.bytes(of: path, atMost: mostBytes) } catch {
      throw Problem(text: "needed the record of a run, \(error)")
    }
  }

  private static func decoded(_ bytes: Data) throws -> RunRecord {
    let decoder = JSONDecoder()
    do {
      let version = try decoder.decode(Version.self, from: bytes).version
      guard version == formatVersion else {
        throw Problem(text: "it has version \(version), needs version \(formatVersion), which this program knows")
      }
      return try decoder.decode(RunRecord.self, from: bytes)
    } catch let error as DecodingError { throw Problem(text: text(error)) }
  }

  /// What is wrong, by the names of the file.
  private static func text(_ error: DecodingError) -> String {
    func place(_ keys: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
      let path = (keys + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "it" : "'\(Quoting.name(path))'"
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context.codingPath, key)) is missing"
    case .valueNotFound(_, let context): return "\(place(context.codingPath)) is null, needs a value"
    case .typeMismatch(let type, let context): return "\(place(context.codingPath)) is not \(kind(type))"
    case .dataCorrupted(let context):
      // The decoder does not tell text that is no JSON from a number that its type cannot hold.
      return context.codingPath.isEmpty
        ? "it is no JSON, or a number in it is none that its place can hold"
        : "\(place(context.codingPath)) is wrong: \(Quoting.name(context.debugDescription))"
    @unknown default: return "it is no record of a run"
    }
  }

  private static func kind(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Int.Type, is UInt64.Type: "a whole number"
    case is Double.Type: "a number"
    case is Bool.Type: "true or false"
    default: "an object"
    }
  }

  /// Names and numbers that no run has.
  private var problems: [String] {
    let own = (settings ?? [:]).sorted { $0.key < $1.key }.map { ("settings.\($0.key)", $0.value) }
    let names = [("family", family), ("preset", preset), ("variant", variant ?? "")] + own
    var problems = names.filter { Quoting.name($0.1) != $0.1 }.map { name, text in
      "'\(name)' is '\(Quoting.name(text, longest: 40))', needs a line of at most 200 characters, none of them a control"
    }
    for (name, value, range) in [("batch", batch, ModelOptions.batches), ("depth", depth, ModelOptions.iterations)]
    where !range.contains(value) {
      problems.append("'\(name)' is \(value), needs \(range.lowerBound) to \(range.upperBound)")
    }
    if weightCount < 0 { problems.append("'weights' is \(weightCount), needs at least 0") }
    do {
      try plan.check()
      try recipe.check()
    } catch { problems.append("\(error)") }
    return problems
  }
}

/// A record of a run that cannot be read.
public struct RunRecordError: Error, Hashable, CustomStringConvertible {
  public var path: String
  public var problem: String

  public var description: String { "\(path): \(problem)" }
}
