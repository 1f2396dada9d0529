import Interchange
import TensorTypes

/// A checkpoint is a safetensors file with every weight, constant and state by its name; steps, model, optimizer and notes
/// are in its header.
extension Trainer {
  private static let notePrefix = "note."
  private static let accumulationName = "accumulated_steps"

  /// Writes everything that the run needs to continue bit for bit; an old file is replaced at once or not at all.
  ///
  /// - Parameter others: tensors of the caller's to keep in the same file, by names that no parameter has.
  /// - Throws: `TrainingError.notFinite` when a weight, an average or a state of the optimizer is not finite, or a constant or
  ///   a state of the model's own is NaN; `IntegerRangeError` when a state holds a number that names no position where the next
  ///   step uses it as one; `NameError` when a tensor of the caller's has a name that `load` would take for
  ///   one of the trainer's; `SafetensorsError` when the file system refuses; what a device says that has the numbers.
  public func save(to path: String, others: [String: HostTensor] = [:]) throws {
    try checkNames(of: others)
    var tensors = others
    try store.lock.reading { for part in kept { tensors[part.key] = try part.memory.read() } }
    if let problem = firstNotFinite(in: tensors) {
      throw TrainingError.notFinite(problem, step: stepCount, checkpoint: path)
    }
    try checkPositions { tensors[$0.key] }
    var header = ["step": "\(stepCount)", "optimizer": optimizer.name, "model": traced.graph.name]
    header[Self.accumulationName] = "\(optimizer.microStepCount)"
    for (name, note) in notes { header[Self.notePrefix + name] = note }
    try SafetensorsFile(tensors: tensors, metadata: header).write(to: path)
    lastCheckpoint = path
  }

  /// Continues from a checkpoint of the same model and optimizer, bit for bit. It holds all weights of the store: of several
  /// trainers the one that is loaded last sets them, and of weights that this changes the averages of the others begin anew.
  ///
  /// - Parameter needed: tensors of the caller's that the file must hold.
  /// - Returns: the tensors that `save(to:others:)` was given.
  /// - Throws: `SafetensorsError` for a file that cannot be read, `CheckpointError` with everything that differs or that no
  ///   run can have written; nothing has changed then.
  @discardableResult
  public func load(
    from path: String, needed: [(name: String, type: TensorType)] = []
  ) throws -> [String: HostTensor] {
    try load(from: path, needed: needed, afterSteps: []) { _, _ in [] }
  }

  /// - Parameters:
  ///   - afterSteps: tensors that a file must hold once a step was run.
  ///   - check: what is wrong with the tensors that are not the trainer's after so many steps, asked once all are there.
  func load(
    from path: String, needed: [(name: String, type: TensorType)], afterSteps: [(name: String, type: TensorType)],
    check: (_ others: [String: HostTensor], _ steps: Int) -> [String]
  ) throws -> [String: HostTensor] {
    let file = try SafetensorsFile(path: path)
    let steps = Self.stepCount(file) ?? 0
    var others = file.tensors
    let found = kept.compactMap { part in others.removeValue(forKey: part.key).map { (part, $0) } }
    var problems = differences(from: file, needed + (steps > 0 ? afterSteps : []))
    if problems.isEmpty { problems = wrongNumbers(in: file.tensors) + check(others, steps) }
    guard problems.isEmpty else { throw CheckpointError(path: path, problems: problems) }
    store.lock.writing {
      let isChanged = found.map { part, tensor in (try? part.memory.read())?.isIdentical(to: tensor) != true }
      for (part, tensor) in found { part.memory.set(tensor) }
      // Averages of other trainers know nothing of how these weights came to be.
      for case ((let part, _), true) in zip(found, isChanged) {
        store.restartAverages(of: part.key, but: averages[part.key])
      }
    }
    (stepCount, lastCheckpoint) = (steps, path)
    notes = [:]
    for (name, note) in file.metadata {
      if let name = name.rest(behind: Self.notePrefix) { notes[name] = note }
    }
    return others
  }

  /// States of this trainer, of which `load` refuses what the present optimizer does not keep.
  private func isOwn(_ key: String) -> Bool { key.rest(behind: name + "/") != nil }

  private func checkNames(of others: [String: HostTensor]) throws {
    let known = Set(kept.map(\.key))
    let problems = others.keys.sorted().compactMap { key -> String? in
      if known.contains(key) { return "a checkpoint cannot keep '\(key)': a parameter has that name" }
      return isOwn(key) ? "a checkpoint cannot keep '\(key)': states of the optimizer are called so" : nil
    }
    if !problems.isEmpty { throw NameError(problems: problems) }
  }

  private func differences(
    from file: SafetensorsFile, _ needed: [(name: String, type: TensorType)]
  ) -> [String] {
    var problems: [String] = []
    if let other = file.metadata["optimizer"], other != optimizer.name {
      problems.append("it was trained with \(other), needs \(optimizer.name)")
    }
    // Gradients that are summed already are parts of a mean over so many.
    if let count = file.metadata[Self.accumulationName].flatMap({ Int($0) }), count > 0,
      count != optimizer.microStepCount,
      let steps = Self.stepCount(file), steps % count != 0
    {
      let rest = "\(steps % count) of \(count) steps whose gradients make one update"
      problems.append("it was saved after \(rest), needs the same number, got \(optimizer.microStepCount)")
    }
    if Self.stepCount(file) == nil {
      let found = file.metadata["step"].map { "'\($0.prefix(40))'" } ?? "none"
      problems.append(
        "its header needs a number of steps from 0 to \(TrainingPlan.largestStepCount), got \(found)")
    }
    for (name, type) in kept.map({ ($0.key, $0.memory.type) }) + needed.sorted(by: { $0.name < $1.name }) {
      guard let tensor = file.tensors[name] else {
        problems.append("\(name) is missing, needs \(type)")
        continue
      }
      if tensor.type != type { problems.append("\(name) is \(tensor.type), needs \(type)") }
    }
    return problems + unknownStates(in: file)
  }

  private static func stepCount(_ file: SafetensorsFile) -> Int? {
    file.metadata["step"].flatMap { Int($0) }.flatMap { (0...TrainingPlan.largestStepCount).contains($0) ? $0 : nil }
  }

  /// The first kept tensor that holds what must not be saved, with the place; nil where all may be.
  private func firstNotFinite(in tensors: [String: HostTensor]) -> String? {
    for part in kept {
      let allowsInfinity = part.role == .constant || (part.role == .state && part.isOfModel)
      guard let problem = tensors[part.key]?.notFinite(allowsInfinity: allowsInfinity) else { continue }
      return "\(part.isOfModel ? part.role.rawValue : "state of the optimizer") '\(part.key)' \(problem)"
    }
    return nil
  }

  /// Numbers that no run can have written.
  private func wrongNumbers(in tensors: [String: HostTensor]) -> [String] {
    let notFinite = firstNotFinite(in: tensors).map { [$0] } ?? []
    return notFinite + kept.compactMap { part in tensors[part.key].flatMap { misplaced(part, $0) } }
      + kept.compactMap { part in tensors[part.key].flatMap { part.counter?.problem(in: $0, key: part.key) } }
  }

  /// What is wrong with a kept tensor that is used as a position.
  private func misplaced(_ part: KeptTensor, _ tensor: HostTensor) -> String? {
    do { try program.checkIntegers(part.name, tensor) } catch { return "\(error)" }
    return nil
  }

  /// States of an optimizer with other options: what they hold would be lost without a word.
  private func unknownStates(in file: SafetensorsFile) -> [String] {
    let known = Set(kept.map(\.key))
    return file.tensors.keys.sorted().filter { !known.contains($0) && isOwn($0) }
      .map { "\($0) is there, this optimizer keeps none" }
  }
}

extension String {
  /// What follows a prefix. Bytes are compared: a mark that makes one character with the prefix's end follows it, too.
  func rest(behind prefix: String) -> String? {
    guard utf8.starts(with: prefix.utf8) else { return nil }
    return String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }
}

/// A checkpoint that does not fit the model, or that no run can have written.
public struct CheckpointError: Error, CustomStringConvertible {
  public var path: String
  public var problems: [String]
  /// What would fit.
  public var hint: String?

  public init(path: String, problems: [String], hint: String? = nil) {
    self.path = path
    self.problems = problems
    self.hint = hint
  }

  public var description: String {
    "\(path) is not a checkpoint of this model:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
      + (hint.map { "\n\($0)" } ?? "")
  }
}
