import Interchange
import TensorTypes

extension ParameterStore {
  /// Takes weights from a safetensors file of another program, by a map of its names.
  ///
  /// - Parameters:
  ///   - map: of names; nil where the file has those of the store.
  ///   - patterns: of the store's paths that are to be replaced; all without any.
  /// - Throws: `SafetensorsError` for a file that cannot be read; `CheckpointError` with every tensor that has another type or
  ///   is not finite, when two are meant for one weight or none for any, and patterns that match nothing. Nothing has changed
  ///   then.
  public func take(_ path: String, by map: TensorMap?, only patterns: [PathPattern] = []) throws -> ImportReport {
    let file = try SafetensorsFile(path: path).tensors
    let all =
      map?.renamed(file)
      ?? file.keys.sorted().map {
        TensorMap.Renamed(weight: $0, source: $0, names: [$0], tensor: file[$0])
      }
    let known = Dictionary(uniqueKeysWithValues: types)
    let chosen = all.filter { own in
      known[own.weight] != nil && (patterns.isEmpty || patterns.contains { $0.matches(own.weight) })
    }
    var problems = patterns.filter { pattern in !known.keys.contains(where: pattern.matches) }.map {
      "no weight is called '\($0)'"
    }
    problems += Dictionary(grouping: chosen, by: \.weight).sorted { $0.key < $1.key }.compactMap { weight, sources in
      sources.count > 1
        ? "\(sources.map { "'\($0.source)'" }.joined(separator: " and ")) are meant for '\(weight)'" : nil
    }
    problems += chosen.compactMap { own in known[own.weight].flatMap { problem(own, $0) } }
    if problems.isEmpty && chosen.isEmpty { problems = ["it has nothing for any weight; is it of this model?"] }
    if !problems.isEmpty { throw CheckpointError(path: path, problems: problems) }
    let taken = chosen.compactMap { own in own.tensor.map { (own.weight, $0) } }
    try set(Dictionary(uniqueKeysWithValues: taken))
    let (used, filled) = (Set(chosen.flatMap(\.names)), Set(chosen.map(\.weight)))
    return ImportReport(
      taken: chosen.map { .init(name: $0.weight, shape: "\($0.tensor?.shape ?? [])", source: $0.source) },
      notTaken: file.sorted { $0.key < $1.key }.filter { !used.contains($0.key) }.map {
        .init(name: $0.key, shape: "\($0.value.shape)", source: "")
      },
      kept: types.filter { !filled.contains($0.name) }.map {
        .init(name: $0.name, shape: "\($0.type.shape)", source: "")
      })
  }

  private func problem(_ own: TensorMap.Renamed, _ type: TensorType) -> String? {
    guard let tensor = own.tensor else { return own.problem }
    if !tensor.fits(type) { return "'\(own.source)' is \(tensor.summary), '\(own.weight)' needs \(type)" }
    return tensor.notFinite(allowsInfinity: false).map { "'\(own.source)' \($0)" }
  }
}

/// What a store took from a file of another program, with shapes.
public struct ImportReport: Sendable, Hashable, Encodable {
  public struct Entry: Sendable, Hashable, Encodable {
    public var name: String
    public var shape: String
    /// What of the file it was made of; empty where it was not.
    public var source: String
  }

  /// Weights that have numbers of the file.
  public var taken: [Entry]
  /// Tensors of the file that are nowhere here.
  public var notTaken: [Entry]
  /// Weights that are as they were.
  public var kept: [Entry]

  private enum CodingKeys: String, CodingKey {
    case taken, kept
    case notTaken = "not_taken"
  }
}
