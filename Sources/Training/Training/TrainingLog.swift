import Files
import Foundation
import StandardStreams

/// The numbers of a training run, one JSON object per line and step.
///
/// Lines that cannot be written are kept and tried again with the next one, so that a full disk costs nothing once there is
/// room; training goes on meanwhile.
public final class TrainingLog {
  /// What one step gave.
  public struct Entry: Codable, Sendable {
    public var step: Int
    public var loss: Double
    /// Means over the sequences that they are true of; absent where there was none.
    public var metrics: [String: Double]
    /// How many sequences the metrics are over.
    public var sequences: Int?
    /// How many each metric is over, where they are not over the same.
    public var counts: [String: Int]?
    /// The learning rate.
    public var rate: Double?
    /// Loss and metrics on validation sequences, in steps that validate.
    public var validation: [String: Double]?

    public init(step: Int, loss: Double, measures: [Measure], rate: Double? = nil) {
      self.step = step
      self.loss = loss
      metrics = Dictionary(measures.map { ($0.name, $0.value) }) { _, last in last }
      sequences = measures.map(\.count).max()
      if measures.contains(where: { $0.count != sequences }) {
        counts = Dictionary(measures.map { ($0.name, $0.count) }) { _, last in last }
      }
      self.rate = rate
    }

    /// `validation: loss 1.2340  cell accuracy 56.7 %`; nil in steps that do not validate.
    public var validationText: String? {
      guard let validation else { return nil }
      var entry = Entry(step: step, loss: validation["loss"] ?? .nan, measures: [])
      entry.metrics = validation.filter { $0.key != "loss" }
      return "validation: \(entry.text)"
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

    /// Whether a metric is one of several losses, told by its name: `loss.policy`.
    static func isLoss(_ name: String) -> Bool { name.hasPrefix("loss.") && !isShare(name) }
  }

  public private(set) var entries: [Entry] = []
  /// Why lines are not in the file; nil where all are.
  public var failure: TrainingLogError? { unencoded ?? unwritable }
  /// An entry that no line could be made of: it never gets into the file.
  private var unencoded: TrainingLogError?
  private var unwritable: TrainingLogError?
  private let path: String
  private let file: Int32
  private var unwritten = Data()

  /// Opens a log; entries up to the given step are kept, later ones dropped, so that a resumed run writes them again.
  ///
  /// - Throws: `TrainingLogError` when the file that is there cannot be read, which stays as it is then, or when it cannot be
  ///   written.
  public init(path: String, keepsUntil step: Int) throws {
    if step > 0, !Self.isMissing(path) { entries = try Self.entries(path: path).filter { $0.step <= step } }
    self.path = path
    do { try OutputFile.write(Data(try entries.map { try Self.line($0) }.joined().utf8), to: path) } catch {
      throw TrainingLogError(path: path, problem: "cannot be opened for writing")
    }
    file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    if file < 0 { throw TrainingLogError(path: path, problem: "cannot be opened for writing") }
  }

  /// A log into an open file.
  init(path: String, descriptor: Int32) { (self.path, file) = (path, descriptor) }

  deinit { if file >= 0 { close(file) } }

  /// Reads a log; a last line that was cut short is left out.
  ///
  /// - Throws: `TrainingLogError` when there is no file, when it cannot be read, or with the first line that is no entry.
  public static func entries(path: String) throws -> [Entry] {
    let bytes: Data
    do { bytes = try InputFile.bytes(of: path) } catch {
      throw TrainingLogError(path: path, problem: "needed the log of a training run, \(error)")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var entries: [Entry] = []
    for (index, line) in lines.enumerated() {
      let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if content.isEmpty { continue }
      if let entry = decoded(content) {
        entries.append(entry)
      } else if index < lines.count - 1 {
        // Only the last line has no end of its own.
        let found = "'\(String(decoding: content.prefix(40), as: UTF8.self))'"
        throw TrainingLogError(path: path, line: index + 1, problem: "needed a step's numbers as JSON, found \(found)")
      }
    }
    return entries
  }

  private static func isMissing(_ path: String) -> Bool {
    access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)
  }

  private static func decoded(_ line: Data) -> Entry? {
    guard let text = String(validating: line, as: UTF8.self) else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(Entry.self, from: Data(text.utf8))
  }

  /// Adds an entry; `failure` tells whether the file has it.
  public func append(_ entry: Entry) {
    entries.append(entry)
    do { unwritten.append(Data(try Self.line(entry).utf8)) } catch {
      unencoded = TrainingLogError(path: path, problem: "step \(entry.step) cannot be encoded: \(error)")
    }
    write()
  }

  /// Tries once more to write what is missing.
  ///
  /// - Throws: `TrainingLogError` when lines are still missing.
  public func finish() throws {
    write()
    if let failure { throw failure }
  }

  private func write() {
    while !unwritten.isEmpty {
      let count = unwritten.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        return unwritable = TrainingLogError(path: path, problem: "cannot be written: \(SystemMessage.text())")
      }
      unwritten = Data(unwritten.dropFirst(count))
    }
    unwritable = nil
  }

  private static func line(_ entry: Entry) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Quoting.json(String(decoding: try encoder.encode(entry), as: UTF8.self)) + "\n"
  }
}

/// A log that cannot be read or written.
public struct TrainingLogError: Error, Hashable, CustomStringConvertible {
  public var path: String
  /// The line that the problem is in, from 1; nil where it is the whole file's.
  public var line: Int?
  public var problem: String

  public var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(problem)" }
}
