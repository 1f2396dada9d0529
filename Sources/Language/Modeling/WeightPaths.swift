/// The weights of a model by the paths that lead to them, found by reflection: `blocks.0.attention.query`.
///
/// A path is made of property names, positions of arrays and tuples, texts of dictionary keys, and names of enum cases.
/// Properties of a superclass come first, under their own names. Of two paths to one weight the first in the order of
/// declaration is its name; entries of a dictionary are in the order of their keys' texts, whatever the process.
public struct WeightPaths: Sendable {
  private var paths: [ObjectIdentifier: String] = [:]
  private var owners: [String: Weight] = [:]
  /// In the order of declaration.
  public private(set) var weights: [NamedWeight] = []
  private(set) var problems: [TraceProblem] = []
  /// Objects around the present place, with their paths, and those that were left: their weights have names already.
  private var around: [ObjectIdentifier: String] = [:]
  private var visited: Set<ObjectIdentifier> = []

  public init(of model: Any) { visit(model, "") }

  /// - Throws: `TraceError` with every weight that has no name of its own, or that cannot be one.
  public func check() throws {
    let wrong = weights.compactMap { named in
      named.weight.problem(named: named.name).map {
        TraceProblem(message: $0, location: named.weight.site.location, scope: "")
      }
    }
    if !(problems + wrong).isEmpty { throw TraceError(problems: problems + wrong) }
  }

  func path(of weight: Weight) -> String? { paths[ObjectIdentifier(weight)] }

  private mutating func visit(_ value: Any, _ path: String) {
    if let weight = value as? Weight { return add(weight, path) }
    if Self.isPlain(value) { return }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .class: visitObject(value as AnyObject, mirror, path)
    case .dictionary: visitDictionary(mirror, path)
    case .set: visitSet(mirror, path)
    case .optional: mirror.children.forEach { visit($0.value, path) }
    default: visitChildren(mirror, path)
    }
  }

  /// What holds no weights and may be long to walk through.
  private static func isPlain(_ value: Any) -> Bool {
    value is [Float] || value is [Double] || value is [Int] || value is [Int32] || value is [Bool] || value is CallSite
  }

  private mutating func add(_ weight: Weight, _ path: String) {
    guard paths[ObjectIdentifier(weight)] == nil else { return }
    if let owner = owners[path] {
      return note("two weights are called '\(path)'\(owner.site.location.suffix), and this one", weight.site)
    }
    paths[ObjectIdentifier(weight)] = path
    owners[path] = weight
    weights.append(NamedWeight(name: path, weight: weight))
  }

  private mutating func visitChildren(_ mirror: Mirror, _ path: String) {
    for (index, child) in mirror.children.enumerated() {
      visit(child.value, Self.joined(path, child.label.map(Self.name) ?? "\(index)"))
    }
  }

  private mutating func visitObject(_ object: AnyObject, _ mirror: Mirror, _ path: String) {
    let identifier = ObjectIdentifier(object)
    if let outer = around[identifier] {
      let target = outer.isEmpty ? "the model itself" : "'\(outer)'"
      return note("'\(path)' leads back to \(target): weights on a cycle have no names", nil)
    }
    guard visited.insert(identifier).inserted else { return }
    around[identifier] = path
    defer { around[identifier] = nil }
    var mirrors = [mirror]
    while let parent = mirrors[mirrors.count - 1].superclassMirror { mirrors.append(parent) }
    for part in mirrors.reversed() { visitChildren(part, path) }
  }

  private mutating func visitDictionary(_ mirror: Mirror, _ path: String) {
    let entries = mirror.children.map { child in
      let pair = Array(Mirror(reflecting: child.value).children)
      return (key: pair.first.map { "\($0.value)" } ?? "", value: pair.last?.value ?? child.value)
    }.sorted { $0.key < $1.key }
    for (index, entry) in entries.enumerated() {
      let isAmbiguous = index > 0 && entries[index - 1].key == entry.key
      if isAmbiguous, let weight = Self.firstWeight(in: entry.value) {
        note("two keys of '\(path)' read '\(entry.key)': their weights have no names of their own", weight.site)
      } else {
        visit(entry.value, Self.joined(path, entry.key))
      }
    }
  }

  private mutating func visitSet(_ mirror: Mirror, _ path: String) {
    guard let weight = mirror.children.lazy.compactMap({ Self.firstWeight(in: $0.value) }).first else { return }
    note("'\(path)' is a set, which has no order: its weights have no names; use an array or a dictionary", weight.site)
  }

  private static func firstWeight(in value: Any) -> Weight? {
    let inner = WeightPaths(of: value)
    return inner.owners.min { $0.key < $1.key }?.value
  }

  private mutating func note(_ text: String, _ site: CallSite?) {
    problems.append(TraceProblem(message: text, location: site?.location ?? CallSite().location, scope: ""))
  }

  private static func joined(_ path: String, _ label: String) -> String { path.isEmpty ? label : "\(path).\(label)" }

  /// A label as it was written: positions of tuples have a dot before them, lazy properties a prefix.
  private static func name(_ label: String) -> String {
    let lazy = "$__lazy_storage_$_"
    if label.hasPrefix(lazy) { return String(label.dropFirst(lazy.count)) }
    return label.hasPrefix(".") ? String(label.dropFirst()) : label
  }
}
