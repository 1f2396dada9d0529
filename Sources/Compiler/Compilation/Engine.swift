import Execution
import TensorTypes

/// Where programs run: as compiled kernels, by the reference evaluation, or on what another compiler makes of the graph.
///
/// Trainers, sessions and commands know `CompiledProgram` alone.
public protocol Engine: Sendable {
  /// In messages and tables.
  var name: String { get }

  /// - Parameter shared: parameters, by name, whose memory is there already.
  /// - Throws: where the machine has no room for a run, before anything is allocated.
  func checkMemory(_ plan: CompilationPlan, shared: Set<String>) throws

  /// A program from its plan, which was made with the same options.
  ///
  /// - Parameter shared: the memory of parameters, by number, that are not the program's own.
  func program(
    _ plan: CompilationPlan, _ options: CompilerOptions, shared: [Int: TensorMemory]
  ) throws -> any EngineProgram
}

/// A program as its engine runs it.
public protocol EngineProgram: AnyObject {
  /// Where a parameter lies.
  func memory(ofParameter index: Int) -> TensorMemory

  /// Lets a parameter lie in other memory of the same type from the next run on; its bytes are those that are there.
  func place(_ parameter: Int, in memory: TensorMemory)

  /// Runs the graph once; results that update parameters replace them.
  ///
  /// - Throws: `EngineError` where the run failed; `LostTensorError` where one before has used up a parameter.
  func run() throws

  /// A result of the last run.
  ///
  /// - Throws: `EngineError` where the device does not give it.
  func result(at index: Int) throws -> HostTensor

  /// Bytes that the engine, by its own account, has for what a run computes on the way; nil where the plan is the account.
  var temporaryByteCount: Int? { get }
}

/// What an engine says where it cannot go on.
public struct EngineError: Error, Hashable, CustomStringConvertible {
  public var engine: String
  public var problem: String
  /// Whether memory was what it lacked.
  public var isAboutMemory: Bool

  public init(engine: String, problem: String, isAboutMemory: Bool = false) {
    (self.engine, self.problem, self.isAboutMemory) = (engine, problem, isAboutMemory)
  }

  public var description: String {
    "\(engine): \(problem)"
      + (isAboutMemory ? "; choose a smaller batch or depth, or a gradient mode that keeps less" : "")
  }
}
