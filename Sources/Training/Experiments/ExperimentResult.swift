import Foundation

/// An experiment that has been run, as it is saved.
public struct ExperimentResult: Codable, Sendable {
  public var name: String
  public var title: String
  public var promise: String
  public var seeds: [UInt64]
  public var seconds: Double
  public var findings: Findings

  public init(_ experiment: Experiment, seeds: [UInt64], seconds: Double, findings: Findings) {
    name = experiment.name
    title = experiment.title
    promise = experiment.promise
    self.seeds = seeds
    self.seconds = seconds
    self.findings = findings
  }
}

extension ExperimentResult {
  /// Reads what an earlier run of the experiment left; nil where the file is not there, or is no result of it.
  ///
  /// Files come from anywhere: pictures are named by words, so that none is looked for elsewhere, and tables are whole.
  public init?(path: String, of experiment: Experiment) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
      let result = try? decoder.decode(Self.self, from: data),
      result.name == experiment.name, result.title == experiment.title, result.promise == experiment.promise,
      result.findings.isSound
    else { return nil }
    self = result
  }
}

extension Findings {
  fileprivate var isSound: Bool {
    pictures.allSatisfy(\.isNamedByWord)
      && tables.allSatisfy { table in
        !table.header.isEmpty && table.rows.allSatisfy { $0.count == table.header.count }
      }
  }
}

extension Findings.Picture {
  fileprivate var isNamedByWord: Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        let scalar = Unicode.Scalar(byte)
        return scalar.isASCII
          && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || "-_".unicodeScalars.contains(scalar))
      }
  }
}
