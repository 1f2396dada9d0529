import Interchange
import TensorTypes

extension ParameterStore {
  /// Writes weights and constants as safetensors, by their paths; an old file is replaced at once or not at all.
  ///
  /// - Parameter weights: the weights themselves, or their running averages.
  /// - Throws: `InputError` when a weight is not finite; `SafetensorsError` when the file system refuses.
  public func save(to path: String, weights: Weights = .current) throws {
    let tensors = try lock.reading {
      try memory(weights == .current ? .current : .averaged).mapValues { try $0.read() }
    }
    let problems = tensors.sorted { $0.key < $1.key }.compactMap { name, tensor in
      tensor.notFinite(allowsInfinity: isConstant(name)).map { "weight '\(name)' \($0)" }
    }
    if !problems.isEmpty { throw InputError(problems: problems) }
    try SafetensorsFile(tensors: tensors, metadata: [:]).write(to: path)
  }

  /// Takes weights from a safetensors file, a checkpoint of any trainer or model; averages start anew from them.
  ///
  /// States of optimizers are no weights: only names without `/` count.
  /// - Parameters:
  ///   - patterns: of the store's paths that are to be replaced.
  ///   - renaming: what the beginnings of the file's names are called here: `["backbone": "encoder"]`. Whole parts of a path
  ///     count, the longest beginning first.
  ///   - weights: whether the running averages of the file, where it has some, stand for its weights.
  /// - Returns: what was taken and what was not.
  /// - Throws: `SafetensorsError` for a file that cannot be read; `CheckpointError` with every tensor that has another type or
  ///   is not finite, and when two are meant for one weight or none for any. Nothing has changed then.
  @discardableResult
  public func load(
    _ path: String, only patterns: PathPattern..., renaming: [String: String] = [:], weights: Weights = .current
  ) throws -> LoadReport {
    let file = try SafetensorsFile(path: path)
    let plan = LoadPlan(file.tensors, types, patterns, renaming, weights, isConstant)
    let unknown = patterns.filter { pattern in !paths.weights.contains { pattern.matches($0.name) } }
    var problems = unknown.map { "no weight is called '\($0)'" } + plan.problems
    if problems.isEmpty && plan.taken.isEmpty {
      let asked = patterns.map { "'\($0)'" }.joined(separator: ", ")
      problems = ["it has nothing for \(patterns.isEmpty ? "any weight" : asked)"]
    }
    if !problems.isEmpty { throw CheckpointError(path: path, problems: problems) }
    try set(Dictionary(uniqueKeysWithValues: plan.taken.map { ($0.weight, $0.tensor) }))
    return LoadReport(
      taken: plan.taken.map { .init(name: $0.name, weight: $0.weight) }, notTaken: plan.notTaken, kept: plan.kept)
  }

  /// The weights of a file by their paths, each with its name there, whatever trainer wrote it: a tensor whose name has a `/`
  /// may be a state of one.
  ///
  /// - Parameter weights: whether running averages, where the file has some, stand for weights.
  public static func numbers(
    in file: [String: HostTensor], _ weights: Weights
  ) -> [String: (name: String, tensor: HostTensor)] {
    var numbers = Dictionary(uniqueKeysWithValues: file.map { ($0.key, (name: $0.key, tensor: $0.value)) })
    guard weights == .averaged else { return numbers }
    for (key, tensor) in file.sorted(by: { $0.key < $1.key }) {
      guard let path = OptimizerSlot.averagedWeight(key), file[path] != nil else { continue }
      numbers[path] = (key, tensor)
    }
    return numbers
  }

  /// Refuses a file with weights that a model has no place for: a part of a model is another model.
  ///
  /// - Parameter known: the paths of the model's weights.
  /// - Throws: `CheckpointError`; `SafetensorsError` for a file that cannot be read.
  public static func checkWhole(_ path: String, known: Set<String>) throws {
    let file = try SafetensorsFile(path: path)
    // Training keeps states beside weights; those of optimizers are named after them. A file of weights has but these, and
    // what gives them meaning.
    let trained = Set(file.tensors.keys.compactMap(OptimizerSlot.weight))
    let isTraining = file.metadata["step"] != nil
    // Of optimizers without state, what training keeps of its own is left out by name, and states of models by having no path.
    let kept = ["task.", "last.", "extra."]
    let weights = file.tensors.keys.filter { key in
      if key.contains("/") { return false }
      if isTraining && !trained.isEmpty { return trained.contains(key) }
      return kept.allSatisfy { key.rest(behind: $0) == nil } && (!isTraining || key.contains("."))
    }
    let others = weights.filter { !known.contains($0) }.sorted()
    guard let first = others.first else { return }
    let rest = others.count > 1 ? " and \(others.count - 1) other weights" : ""
    throw CheckpointError(path: path, problems: ["the model has no place for \(first)\(rest)"])
  }

  private func isConstant(_ path: String) -> Bool {
    paths.weights.contains { $0.name == path && !$0.weight.isTrained }
  }
}

/// What a store took from a file.
public struct LoadReport: Sendable, Hashable, CustomStringConvertible {
  public struct Taken: Sendable, Hashable {
    /// In the file.
    public var name: String
    /// In the store.
    public var weight: String
  }

  public var taken: [Taken]
  /// Tensors of the file that the store has no weight for, or that were not asked for.
  public var notTaken: [String]
  /// Weights of the store that are as they were.
  public var kept: [String]

  /// `taken: 2 (a.weight from b.weight, c)`, and so on: a line each.
  public var description: String {
    func line(_ title: String, _ names: [String]) -> String {
      "\(title): \(names.count)" + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
    }
    let pairs = taken.map { $0.name == $0.weight ? $0.weight : "\($0.weight) from \($0.name)" }
    return """
      \(line("taken", pairs))
      \(line("not taken from the file", notTaken))
      \(line("kept as they were", kept))
      """
  }
}

/// Which tensors of a file become which weights.
private struct LoadPlan {
  var taken: [(name: String, weight: String, tensor: HostTensor)] = []
  var notTaken: [String] = []
  var kept: [String] = []
  var problems: [String] = []

  init(
    _ file: [String: HostTensor], _ types: [(name: String, type: TensorType)], _ patterns: [PathPattern],
    _ renaming: [String: String], _ weights: ParameterStore.Weights, _ isConstant: (String) -> Bool
  ) {
    let known = Dictionary(uniqueKeysWithValues: types)
    var owners: [String: String] = [:]
    let numbers = ParameterStore.numbers(in: file, weights)
    for (own, (name, tensor)) in numbers.sorted(by: { $0.key < $1.key }) where !own.contains("/") || known[own] != nil {
      let weight = Self.renamed(own, renaming)
      guard let type = known[weight], patterns.isEmpty || patterns.contains(where: { $0.matches(weight) }) else {
        notTaken.append(name)
        continue
      }
      if let other = owners.updateValue(name, forKey: weight) {
        problems.append("'\(other)' and '\(name)' are both meant for '\(weight)'")
      } else if !tensor.fits(type) {
        problems.append("'\(name)' is \(tensor.summary), '\(weight)' needs \(type)")
      } else if let problem = tensor.notFinite(allowsInfinity: isConstant(weight)) {
        problems.append("'\(name)' \(problem)")
      }
      taken.append((name, weight, tensor))
    }
    kept = types.map(\.name).filter { owners[$0] == nil }
  }

  private static func renamed(_ name: String, _ renaming: [String: String]) -> String {
    let beginnings = renaming.keys.filter { name == $0 || name.rest(behind: $0 + ".") != nil }
    guard let longest = beginnings.max(by: { $0.utf8.count < $1.utf8.count }), let new = renaming[longest] else {
      return name
    }
    return new + String(decoding: name.utf8.dropFirst(longest.utf8.count), as: UTF8.self)
  }
}
