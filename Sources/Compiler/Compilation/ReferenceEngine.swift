import Execution
import ReferenceEvaluation
import TensorTypes

/// The operators' own evaluation, one after another: the oracle, and what runs where there is no C compiler.
public struct ReferenceEngine: Engine {
  public init() {}

  public var name: String { "reference" }

  public func checkMemory(_ plan: CompilationPlan, shared: Set<String>) throws { try plan.checkMemory(shared) }

  public func program(
    _ plan: CompilationPlan, _ options: CompilerOptions, shared: [Int: TensorMemory]
  ) throws -> any EngineProgram { try ReferenceProgram(plan, shared: shared) }
}

/// Parameters and last results of the reference evaluation.
private final class ReferenceProgram: EngineProgram {
  private let plan: CompilationPlan
  private var parameters: [TensorMemory]
  private var results: [HostTensor] = []

  /// - Parameter shared: the memory of parameters, by number, that are not the program's own.
  /// - Throws: `ExecutionError.notEnoughMemory`.
  init(_ plan: CompilationPlan, shared: [Int: TensorMemory]) throws {
    self.plan = plan
    parameters = try TensorMemory.block(plan.schedule.parameters.map(\.type))
    for (index, memory) in shared { parameters[index] = memory }
  }

  func memory(ofParameter index: Int) -> TensorMemory { parameters[index] }
  func place(_ parameter: Int, in memory: TensorMemory) { parameters[parameter] = memory }
  func result(at index: Int) -> HostTensor { results[index] }
  var temporaryByteCount: Int? { nil }

  func run() throws {
    results = ReferenceEvaluator.evaluate(plan.graph, try parameters.map { try $0.read() })
    for (result, binding) in zip(results, plan.schedule.results) {
      if let parameter = binding.updatedParameter { parameters[parameter].set(result) }
    }
  }
}
