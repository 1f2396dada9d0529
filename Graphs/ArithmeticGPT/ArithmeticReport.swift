import Recurve

/// How many of the tested expressions are right, in all and by what makes them hard.
struct ArithmeticReport {
  private let judged: [JudgedExpression]
  private let tokenAccuracy: Double
  private let notation: ArithmeticNotation

  init(_ judged: [JudgedExpression], tokenAccuracy: Double, _ notation: ArithmeticNotation) {
    (self.judged, self.tokenAccuracy, self.notation) = (judged, tokenAccuracy, notation)
  }

  var evaluation: Evaluation {
    let measures = [("exact_match", Self.share(judged)), ("token_accuracy", tokenAccuracy)]
    return Evaluation(
      unit: "expressions", count: judged.count,
      measures: measures.map { Measure(name: $0.0, value: $0.1, count: judged.count) }, tables: groups.map(table),
      notes: errors(judged.filter { !$0.isRight }))
  }

  private func table(_ group: Group) -> Evaluation.Table {
    let rows = group.parts.map { value, part in
      Evaluation.Row(key: value, count: part.count, values: [Self.share(part)])
    }
    return Evaluation.Table(key: group.name, columns: ["exact_match"], rows: rows)
  }

  private static func share(_ judged: [JudgedExpression]) -> Double {
    Double(judged.count(where: \.isRight)) / Double(max(judged.count, 1))
  }

  private typealias Group = (name: String, parts: [(value: String, judged: [JudgedExpression])])

  private var groups: [Group] {
    func group(_ name: String, _ value: (JudgedExpression) -> String?) -> Group? {
      let parts = Dictionary(grouping: judged.filter { value($0) != nil }) { value($0) ?? "" }
      if parts.isEmpty { return nil }
      return (name, parts.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }.map { ($0.key, $0.value) })
    }
    let isMixed = notation.settings.operations.count > 1
    return [
      isMixed ? group("operations") { $0.expression.operations.map(\.rawValue).joined() } : nil,
      notation.settings.operands.count > 1 ? group("operands") { "\($0.expression.operands.count)" } : nil,
      group("digits") { "\($0.digits)" }, group("carries") { $0.carries.map { "\($0)" } },
    ].compactMap { $0 }
  }

  private func errors(_ wrong: [JudgedExpression]) -> String {
    if wrong.isEmpty { return "" }
    let rows = wrong.prefix(10).map { [$0.expression.text, $0.answer ?? "none", $0.needed, $0.response] }
    return TextTable.aligned([["wrong", "answer", "needed", "as written"]] + rows, leftColumns: [0, 1, 2, 3])
      + (wrong.count > 10 ? "\nand \(wrong.count - 10) more" : "")
  }
}
