import Execution
import ReferenceEvaluation
import TensorTypes

/// Parameters and last results of the reference evaluation.
final class ReferenceMemory {
  var parameters: [TensorMemory]
  private(set) var results: [HostTensor] = []

  /// - Parameter shared: the memory of parameters, by number, that are not the program's own.
  /// - Throws: `ExecutionError.notEnoughMemory`.
  init(_ plan: CompilationPlan, shared: [Int: TensorMemory]) throws {
    parameters = try TensorMemory.block(plan.schedule.parameters.map(\.type))
    for (index, memory) in shared { parameters[index] = memory }
  }

  /// Evaluates the graph once; results that update parameters replace them.
  func run(_ plan: CompilationPlan) {
    results = ReferenceEvaluator.evaluate(plan.graph, parameters.map(\.tensor))
    for (result, binding) in zip(results, plan.schedule.results) {
      if let parameter = binding.updatedParameter { parameters[parameter].set(result) }
    }
  }
}
