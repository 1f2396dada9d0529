import Foundation
import Modeling
import Reports
import TensorTypes
import Training

/// What `recurve run` says: means over held-out data, tables of them, and the results of the batch that is shown.
struct EvaluationReport: Encodable {
  let model: String
  let steps: Int
  /// Nil where nobody asked for one.
  let evaluation: Evaluation?
  let results: [String: HostTensor]
  var origin: Origin = .own

  /// What is known of weights and data.
  enum Origin {
    /// Those of one run.
    case own
    /// Of a run, which other data trained.
    case otherData
    /// Of a run that had others before, and knows no longer what it held out of those.
    case exchangedData
    /// Of a file of weights, of which no record says what trained them.
    case unknown
    case firstWeights
  }

  /// A key whose name is known when it is written.
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    init(_ name: String) { stringValue = name.replacingOccurrences(of: " ", with: "_") }
  }

  /// What a report has beside means, and no mean is called.
  private static let ownNames: Set = ["model", "steps", "results", "tables", "held_out", "trained"]

  /// The means and the count by their names, beside what every report has.
  func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Key.self)
    if let evaluation {
      for measure in evaluation.measures {
        let isTaken = Self.ownNames.contains(measure.name) || measure.name == evaluation.unit
        try members.encode(measure.value, forKey: Key(isTaken ? "mean_" + measure.name : measure.name))
      }
      try members.encode(evaluation.count, forKey: Key(evaluation.unit))
      // Whether training has seen other data, nobody knows.
      let isKnown = origin == .own || origin == .firstWeights
      try members.encode(evaluation.isHeldOut && isKnown, forKey: Key("held_out"))
      var tables = members.nestedContainer(keyedBy: Key.self, forKey: Key("tables"))
      for table in evaluation.tables {
        var rows = tables.nestedUnkeyedContainer(forKey: Key(table.key))
        for row in table.rows { try encode(row, of: table, evaluation.unit, into: &rows) }
      }
    }
    try members.encode(model, forKey: Key("model"))
    try members.encode(origin != .firstWeights, forKey: Key("trained"))
    try members.encode(steps, forKey: Key("steps"))
    try members.encode(results.mapValues(\.doubles), forKey: Key("results"))
  }

  private func encode(
    _ row: Evaluation.Row, of table: Evaluation.Table, _ unit: String, into rows: inout any UnkeyedEncodingContainer
  ) throws {
    var members = rows.nestedContainer(keyedBy: Key.self)
    if let number = Int(row.key) {
      try members.encode(number, forKey: Key(table.key))
    } else {
      try members.encode(row.key, forKey: Key(table.key))
    }
    try members.encode(row.count, forKey: Key(unit))
    for (name, value) in zip(table.columns, row.values) { try members.encode(value, forKey: Key(name)) }
  }

  /// For people: the means of the held-out data, or the numbers of the shown batch where nothing was judged.
  var text: String {
    guard let evaluation else {
      return results.keys.sorted().filter { !$0.hasSuffix(Metric.countSuffix) }.compactMap { name in
        results[name].flatMap { $0.shape.rank == 0 ? "\(name) \($0.doubles[0])" : nil }
      }.joined(separator: "\n")
    }
    let means = evaluation.measures.map { "\($0.name) \(Self.text($0.value, of: $0.name))" }
    let tables = evaluation.tables.map { "\n" + Self.text($0, evaluation.unit) }
    let notes = evaluation.notes.isEmpty ? [] : ["\n" + evaluation.notes]
    let origin =
      switch self.origin {
      case .otherData: "of data that the run was not given: training may have seen some"
      case .exchangedData: "that the run may have trained on before its data were exchanged"
      case .unknown: "that training may have seen: there is no record of it"
      case .own, .firstWeights: evaluation.isHeldOut ? "held out" : "of the training data"
      }
    return (["", "\(evaluation.count) \(evaluation.unit) \(origin):"] + means + tables + notes).joined(separator: "\n")
  }

  private static func text(_ table: Evaluation.Table, _ unit: String) -> String {
    let header = [table.key, unit] + table.columns.map { $0.replacingOccurrences(of: "_", with: " ") }
    let rows = table.rows.map { row in
      [row.key, "\(row.count)"] + zip(table.columns, row.values).map { text($1, of: $0) }
    }
    return TextTable.aligned([header] + rows, leftColumns: [])
  }

  private static func text(_ value: Double, of name: String) -> String {
    if isShare(name) { return String(format: "%.2f %%", value * 100) }
    return String(format: "%.4g", value)
  }
}

extension EvaluationReport {
  /// A table as bars, in columns that are shares where it has some.
  ///
  /// - Parameter key: the table's; the first table without it.
  /// - Throws: `CommandError.unknownTable`.
  func chart(by key: String?) throws -> BarChart {
    let tables = evaluation?.tables ?? []
    guard let table = key == nil ? tables.first : tables.first(where: { $0.key == key }) else {
      throw CommandError.unknownTable(key, known: tables.map(\.key))
    }
    let shares = table.columns.indices.filter { Self.isShare(table.columns[$0]) }
    let shown = shares.isEmpty ? Array(table.columns.indices) : shares
    return BarChart(
      title: "\(model): \(evaluation?.count ?? 0) \(evaluation?.unit ?? "")", xLabel: table.key,
      yLabel: shares.isEmpty ? "" : "share", groups: table.rows.map(\.key),
      series: shown.map { column in
        BarChart.Series(
          name: table.columns[column].replacingOccurrences(of: "_", with: " "),
          values: table.rows.map { $0.values[column] })
      })
  }

  fileprivate static func isShare(_ name: String) -> Bool {
    ["accuracy", "share", "match"].contains(where: name.hasSuffix)
  }
}
