/// What a host addresses by name: a parameter or a result of the body, by position.
public enum NamedPart: Hashable, Sendable {
  case parameter(Int)
  case result(Int)
}

/// Two parts of a graph with one name.
public struct NameCollision: Hashable, Sendable {
  public var name: String
  public var first: NamedPart
  public var second: NamedPart

  /// What to tell people, of kinds such as `an input` and a place for the first, `, made at Model.swift:12`.
  public static func text(_ name: String, _ kind: String, takenBy first: String, _ place: String) -> String {
    "the name '\(name)' of \(kind) is taken by \(first)\(place)"
  }
}

extension Graph {
  /// Every name that a second part bears. Inputs, states, weights, constants, results and next values share one namespace,
  /// so that a name means one thing wherever tensors are kept by name: in memory, in files, in reports.
  ///
  /// - Parameter amongResults: whether results count, which can be told apart by their positions.
  public func nameCollisions(amongResults: Bool = true) -> [NameCollision] {
    var owners: [String: NamedPart] = [:]
    let results = amongResults ? results.indices.map(NamedPart.result) : []
    let parts = parameters.indices.map(NamedPart.parameter) + results
    return parts.compactMap { part in
      guard let first = owners.updateValue(part, forKey: name(of: part)) else { return nil }
      return NameCollision(name: name(of: part), first: first, second: part)
    }
  }

  public func name(of part: NamedPart) -> String {
    switch part {
    case .parameter(let position): self[parameters[position]].name ?? ""
    case .result(let position): resultRoles[position].name
    }
  }

  /// What a part is, for people.
  public func kind(of part: NamedPart) -> String {
    switch part {
    case .parameter(let position):
      switch parameterRoles[position] {
      case .input: return "an input"
      case .values: return "the graph's own numbers"
      case let role: return "a \(role.rawValue)"
      }
    case .result(let position):
      let role = resultRoles[position]
      if let updated = role.updatedParameter { return "the next value of '\(name(of: .parameter(updated)))'" }
      return position == 0 && role.name == "loss" ? "the loss" : "a result"
    }
  }
}
