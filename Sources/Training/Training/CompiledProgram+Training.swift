import Compilation
import GraphIR
import TensorTypes

/// What a caller got wrong about inputs or weights.
public struct InputError: Error, Hashable, CustomStringConvertible {
  public var problems: [String]

  public var description: String { problems.joined(separator: "\n") }
}

extension CompiledProgram {
  /// Every parameter with what it is for.
  public var parameters: [(name: String, type: TensorType, role: ParameterRole)] {
    zip(plan.schedule.parameters, plan.graph.parameterRoles).map { ($0.name, $0.type, $1) }
  }

  /// The results of the last run that are no next values of states or weights, by name.
  ///
  /// - Throws: `EngineError` where the device does not give them.
  public var reportedResults: [String: HostTensor] {
    get throws {
      var results: [String: HostTensor] = [:]
      for (index, binding) in plan.schedule.results.enumerated() where binding.updatedParameter == nil {
        results[binding.name] = try result(at: index)
      }
      return results
    }
  }

  /// Their names and types.
  var reportedTypes: [(name: String, type: TensorType)] {
    plan.schedule.results.filter { $0.updatedParameter == nil }.map { ($0.name, $0.type) }
  }

  /// Sets all inputs of a step.
  ///
  /// - Throws: `InputError` with everything that is missing, unknown or of another type, `IntegerRangeError` for a number that
  ///   is used as a position and names none; before anything is changed.
  func set(inputs: [String: HostTensor], except own: Set<String>) throws {
    if !areInputs(inputs, except: own) {
      let needed = parameters.filter { $0.role == .input && !own.contains($0.name) }.map { ($0.name, $0.type) }
      throw InputError(problems: InputError.problems(in: inputs, needed: needed, kind: "input", needsAll: true))
    }
    for (name, tensor) in inputs.sorted(by: { $0.key < $1.key }) { try checkIntegers(name, tensor) }
    for (name, tensor) in inputs { try set(name, tensor) }
  }

  /// Whether there is a tensor that fits for every input, and no other; what is wrong otherwise, `check` says. Every step
  /// asks, so nothing is made on the way.
  private func areInputs(_ tensors: [String: HostTensor], except own: Set<String>) -> Bool {
    var count = 0
    for (index, role) in plan.graph.parameterRoles.enumerated() where role == .input {
      let input = plan.schedule.parameters[index]
      if own.contains(input.name) { continue }
      guard let tensor = tensors[input.name], tensor.fits(input.type) else { return false }
      count += 1
    }
    return count == tensors.count
  }
}

extension InputError {
  /// What is wrong with named tensors, one line each.
  static func problems(
    in tensors: [String: HostTensor], needed: [(name: String, type: TensorType)], kind: String, needsAll: Bool = false
  ) -> [String] {
    var problems: [String] = []
    for (name, type) in needed {
      if let tensor = tensors[name] {
        if !tensor.fits(type) { problems.append("\(kind) '\(name)' is \(tensor.summary), needs \(type)") }
      } else if needsAll {
        problems.append("\(kind) '\(name)' is missing, needs \(type)")
      }
    }
    let known = Set(needed.map(\.name))
    let all = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
    let unknown = tensors.keys.filter { !known.contains($0) }.sorted()
    return problems + unknown.map { "no \(kind) is called '\($0)'; there are \(all)" }
  }
}
