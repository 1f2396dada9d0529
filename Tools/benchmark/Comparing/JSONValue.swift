/// Any JSON, for the output of programs whose keys vary.
enum JSONValue: Decodable {
  case number(Double)
  case text(String)
  case flag(Bool)
  case list([JSONValue])
  case table([String: JSONValue])
  case nothing

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .list(value)
    } else if let value = try? container.decode([String: JSONValue].self) {
      self = .table(value)
    } else {
      self = .nothing
    }
  }

  subscript(key: String) -> JSONValue? { table?[key] }
  var table: [String: JSONValue]? { if case .table(let table) = self { table } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var numbers: [Double]? { list?.compactMap { if case .number(let number) = $0 { number } else { nil } } }
  private var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }

  /// Every number and flag with the path that leads to it; a name in `dropped` is left out of paths.
  func leaves(dropping dropped: Set<String>, path: String = "") -> [String: Double] {
    switch self {
    case .number(let number): return [path: number]
    case .flag(let flag): return [path: flag ? 1 : 0]
    case .table(let table):
      return table.reduce(into: [:]) { leaves, entry in
        let inner = dropped.contains(entry.key) ? path : path.isEmpty ? entry.key : "\(path).\(entry.key)"
        leaves.merge(entry.value.leaves(dropping: dropped, path: inner)) { first, _ in first }
      }
    default: return [:]
    }
  }
}
