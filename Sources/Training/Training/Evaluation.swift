import Compilation
import Modeling
import TensorTypes

/// The model's step without gradients, compiled once, with weights and states of its own.
final class Evaluation {
  private let program: CompiledProgram

  init(_ traced: TracedModel, _ options: CompilerOptions) throws {
    program = try Compiler.compile(traced.graph, options.naming(traced))
  }

  func set(_ weights: [String: HostTensor]) throws {
    for (name, tensor) in weights { try program.set(name, tensor) }
  }

  func run(_ inputs: [String: HostTensor], continuing: Bool) throws -> [String: HostTensor] {
    try program.set(inputs: inputs, except: [])
    if !continuing {
      for state in program.parameters where state.role == .state {
        try program.set(state.name, HostTensor(state.type, repeating: 0))
      }
    }
    program.run()
    return program.reportedResults
  }
}
