import Recurve

/// A model made of a function, for what its author is told.
struct DraftedModel: Model {
  let build: @Sendable (Inputs) -> Tensor

  func step(_ inputs: Inputs) -> Step { Step(loss: build(inputs).sum()) }

  /// What tracing a model says; empty where nothing is wrong.
  static func message(_ build: @escaping @Sendable (Inputs) -> Tensor) -> String {
    message(of: DraftedModel(build: build))
  }

  static func message(of model: any Model) -> String {
    do {
      _ = try model.traced(name: "drafted")
      return ""
    } catch { return "\(error)" }
  }

  /// The result of a sound model on the first weights; inputs that are not given are 0.
  static func value(_ inputs: [String: HostTensor] = [:], _ build: @escaping @Sendable (Inputs) -> Tensor) throws
    -> HostTensor
  {
    let traced = try DraftedModel(build: build).traced(name: "drafted")
    let program = try Compiler.compile(traced.graph, CompilerOptions(workerCount: 1))
    for (name, type, role) in program.parameters where role != .state && inputs[name] == nil {
      try program.set(name, HostTensor(type, repeating: 0))
    }
    for (name, tensor) in traced.values { try program.set(name, tensor) }
    for (name, tensor) in inputs { try program.set(name, tensor) }
    try program.run()
    return try program.result("loss")
  }
}
