import Interchange
import TensorTypes

/// A checkpoint is a safetensors file with every weight, constant and state by its name; steps, model, optimizer and notes
/// are in its header.
extension Trainer {
  private static let notePrefix = "note."

  /// Writes everything that the run needs to continue bit for bit; an old file is replaced at once or not at all.
  ///
  /// - Parameter others: tensors of the caller's to keep in the same file, by names that no parameter has.
  /// - Throws: `SafetensorsError` when the file system refuses.
  public func save(to path: String, others: [String: HostTensor] = [:]) throws {
    var tensors = others
    for (name, _) in keptParameters { tensors[name] = try program.parameter(name) }
    var header = ["step": "\(stepCount)", "optimizer": optimizer.name, "model": traced.graph.name]
    for (name, note) in notes { header[Self.notePrefix + name] = note }
    try SafetensorsFile(tensors: tensors, metadata: header).write(to: path)
  }

  /// Continues from a checkpoint of the same model and optimizer, bit for bit.
  ///
  /// - Parameter needed: tensors of the caller's that the file must hold.
  /// - Returns: the tensors that `save(to:others:)` was given.
  /// - Throws: `SafetensorsError` for a file that cannot be read, `CheckpointError` with everything that differs; nothing has
  ///   changed then.
  @discardableResult
  public func load(
    from path: String, needed: [(name: String, type: TensorType)] = []
  ) throws -> [String: HostTensor] {
    let file = try SafetensorsFile(path: path)
    let problems = differences(from: file, needed)
    guard problems.isEmpty else { throw CheckpointError(path: path, problems: problems) }
    var others = file.tensors
    for (name, _) in keptParameters {
      if let tensor = others.removeValue(forKey: name) { try program.set(name, tensor) }
    }
    stepCount = file.metadata["step"].flatMap { Int($0) } ?? 0
    notes = [:]
    for (name, note) in file.metadata where name.hasPrefix(Self.notePrefix) {
      notes[String(name.dropFirst(Self.notePrefix.count))] = note
    }
    weightsChanged()
    return others
  }

  /// Everything that lives from step to step.
  private var keptParameters: [(name: String, type: TensorType)] {
    program.parameters.filter { $0.role != .input }.map { ($0.name, $0.type) }
  }

  private func differences(
    from file: SafetensorsFile, _ needed: [(name: String, type: TensorType)]
  ) -> [String] {
    var problems: [String] = []
    if let other = file.metadata["optimizer"], other != optimizer.name {
      problems.append("it was trained with \(other), needs \(optimizer.name)")
    }
    if file.metadata["step"].flatMap({ Int($0) }) == nil { problems.append("its header has no number of steps") }
    for (name, type) in keptParameters + needed.sorted(by: { $0.name < $1.name }) {
      guard let tensor = file.tensors[name] else {
        problems.append("\(name) is missing, needs \(type)")
        continue
      }
      if tensor.type != type { problems.append("\(name) is \(tensor.type), needs \(type)") }
    }
    return problems + unknownStates(in: file)
  }

  /// States of an optimizer with other options: what they hold would be lost without a word.
  private func unknownStates(in file: SafetensorsFile) -> [String] {
    let known = Set(keptParameters.map(\.name))
    return file.tensors.keys.sorted().filter { name in
      !known.contains(name) && (name.hasPrefix("average.") || name.hasPrefix("accumulated."))
    }.map { "\($0) is there, this optimizer keeps none" }
  }
}

/// A checkpoint that does not fit the model.
public struct CheckpointError: Error, CustomStringConvertible {
  public var path: String
  public var problems: [String]

  public init(path: String, problems: [String]) {
    self.path = path
    self.problems = problems
  }

  public var description: String {
    "\(path) is not a checkpoint of this model:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}
