import Foundation

/// The numbers of a training run, one JSON object per line and step.
public final class TrainingLog {
  /// What one step gave.
  public struct Entry: Codable, Sendable {
    public var step: Int
    public var loss: Double
    /// Means over the sequences that they are true of; absent where there was none.
    public var metrics: [String: Double]
    /// How many sequences the metrics are over.
    public var sequences: Int?
    /// The learning rate.
    public var rate: Double?
    /// Loss and metrics on validation sequences, in steps that validate.
    public var validation: [String: Double]?

    public init(step: Int, loss: Double, measures: [Measure], rate: Double? = nil) {
      self.step = step
      self.loss = loss
      metrics = Dictionary(measures.map { ($0.name, $0.value) }) { _, last in last }
      sequences = measures.map(\.count).max()
      self.rate = rate
    }

    /// `loss 1.2340  cell accuracy 56.7 %`.
    public var text: String {
      let parts = metrics.keys.sorted().map { name in
        let title = name.replacingOccurrences(of: "_", with: " ")
        let value = metrics[name] ?? 0
        return Self.isShare(name) ? String(format: "%@ %.1f %%", title, value * 100) : "\(title) \(Float(value))"
      }
      return ([String(format: "loss %.4f", loss)] + parts).joined(separator: "  ")
    }

    /// Whether a metric is a share of 1, told by its name.
    static func isShare(_ name: String) -> Bool { name.hasSuffix("accuracy") }
  }

  public private(set) var entries: [Entry] = []
  private let file: FileHandle

  /// Opens a log; entries up to the given step are kept, later ones dropped, so that a resumed run writes them again.
  public init(path: String, keepsUntil step: Int) throws {
    if step > 0, let kept = try? Self.entries(path: path) { entries = kept.filter { $0.step <= step } }
    do {
      try entries.map { try Self.line($0) }.joined().write(toFile: path, atomically: true, encoding: .utf8)
      file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try file.seekToEnd()
    } catch { throw TrainingLogError(path: path, problem: "cannot be opened for writing") }
  }

  /// Reads a log; a last line that was cut short is left out.
  ///
  /// - Throws: `TrainingLogError` when there is no file.
  public static func entries(path: String) throws -> [Entry] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw TrainingLogError(path: path, problem: "needed the log of a training run, found none")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return text.split(separator: "\n").compactMap { try? decoder.decode(Entry.self, from: Data($0.utf8)) }
  }

  public func append(_ entry: Entry) throws {
    entries.append(entry)
    try file.write(contentsOf: Data(try Self.line(entry).utf8))
  }

  private static func line(_ entry: Entry) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(entry), as: UTF8.self) + "\n"
  }
}

/// A log that cannot be read or written.
public struct TrainingLogError: Error, Hashable, CustomStringConvertible {
  public var path: String
  public var problem: String

  public var description: String { "\(path): \(problem)" }
}
