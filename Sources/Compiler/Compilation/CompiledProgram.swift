import Execution
import Foundation
import GraphIR
import Operators
import TensorTypes

/// A compiled graph with its memory: set parameters, run, read results.
public final class CompiledProgram {
  public let plan: CompilationPlan
  /// The name of the engine that it runs on.
  public let engine: String
  private let running: any EngineProgram
  /// The same where compiled kernels run, which can be looked at more closely.
  private let native: NativeProgram?
  private let verifies: Bool
  /// What integers in parameters must be, by the parameters' names.
  private let integerNeeds: [String: [IntegerNeed]]
  private let parameterIndices: [String: Int]
  /// Parameters that nobody has given numbers, and that do not begin with 0 as states do.
  private var unset: Set<Int>
  /// Whether the last run has left results, and nobody has given their memory back.
  var holdsResults = false
  /// Parameters that were given other numbers or memory since the last run: where a result has replaced one, it is gone.
  private var replaced: Set<Int> = []

  /// - Parameter shared: parameters whose numbers are in memory already.
  init(
    _ plan: CompilationPlan, _ running: any EngineProgram, engine: String, shared: Set<Int> = [], verifies: Bool = false
  ) {
    (self.plan, self.running, self.engine, self.verifies) = (plan, running, engine, verifies)
    native = running as? NativeProgram
    integerNeeds = Dictionary(grouping: plan.source.integerNeeds()) { plan.schedule.parameters[$0.parameter].name }
    parameterIndices = Dictionary(
      plan.schedule.parameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let roles = plan.graph.parameterRoles
    let needing = plan.schedule.parameters.enumerated().filter { $1.type.shape.elementCount > 0 && roles[$0] != .state }
    unset = Set(needing.map(\.offset)).subtracting(shared)
  }

  /// Whether compiled kernels run, whose steps and bytes can be watched.
  public var isNative: Bool { native != nil }

  /// The executor of compiled kernels with the newest bytes of all parameters; nil on another engine.
  ///
  /// - Throws: what a device says that has newer bytes.
  func executor() throws -> Executor? { try native?.executorAtHome() }

  public var parameterNames: [String] { plan.schedule.parameters.map(\.name) }
  public var resultNames: [String] { plan.schedule.results.map(\.name) }

  /// Bytes of the step arena, known before anything runs.
  public var plannedByteCount: Int { plan.memory.arenaByteCount }

  /// Bytes of the step arena that values need at once, without scratch and panels.
  public var valueByteCount: Int { plan.schedule.valueByteCount }

  /// Whether the graph uses numbers of a parameter as positions.
  public func usesAsPositions(_ name: String) -> Bool { integerNeeds[name] != nil }

  /// Looks at the integers of a tensor before it becomes a parameter, in one pass; one of another type, which `set` refuses,
  /// has none to look at.
  ///
  /// - Throws: `IntegerRangeError` when a number names no row, class or other position where the graph uses it as one.
  public func checkIntegers(_ name: String, _ tensor: HostTensor) throws {
    guard let needs = integerNeeds[name], let parameter = needs.first?.parameter,
      tensor.fits(plan.schedule.parameters[parameter].type)
    else { return }
    let role = plan.graph.parameterRoles[parameter]
    if let error = IntegerRangeError(needs, tensor, role: role, name: name, line: plan.line) { throw error }
  }

  /// Sets a parameter.
  ///
  /// - Throws: `ExecutionError` when there is no such parameter or the tensor has another type, `IntegerRangeError` when a
  ///   number in it is used as a position and names none.
  public func set(_ name: String, _ tensor: HostTensor) throws {
    try checkIntegers(name, tensor)
    guard let index = parameterIndices[name] else {
      throw ExecutionError.unknownParameter(name, known: parameterNames)
    }
    let needed = plan.schedule.parameters[index].type
    guard tensor.fits(needed) else {
      throw ExecutionError.wrongType(parameter: name, found: tensor.summary, needed: "\(needed)")
    }
    memory(ofParameter: index).set(tensor)
    unset.remove(index)
    replaced.insert(index)
  }

  /// Lets a parameter lie in other memory from the next run on; its bytes are those that are there.
  public func place(_ parameter: Int, in memory: TensorMemory) {
    running.place(parameter, in: memory)
    unset.remove(parameter)
    replaced.insert(parameter)
  }

  /// Where a parameter lies.
  public func memory(ofParameter index: Int) -> TensorMemory { running.memory(ofParameter: index) }

  private func index(of name: String, in names: [String]) throws -> Int {
    guard let index = names.firstIndex(of: name) else { throw ExecutionError.unknownParameter(name, known: names) }
    return index
  }

  /// Runs the graph once; results that update parameters replace them.
  ///
  /// Traps where `CompilerOptions.verifies` finds memory that is not as it must be; `verify` throws instead.
  /// - Throws: `ExecutionError.unset` where a parameter other than a state was never given numbers, `EngineError` where the
  ///   engine cannot run it. Parameters that the run has used up are lost then.
  public func run() throws {
    guard verifies else { return try runUnwatched() }
    do { _ = try verify() } catch let error as VerificationError { error.trap() }
  }

  func runUnwatched() throws {
    try watchingResults { try running.run() }
  }

  /// Runs where every parameter has numbers; results are there once the run was whole.
  private func watchingResults(_ run: () throws -> Void) throws {
    try checkParameters()
    holdsResults = false
    try run()
    keepResults()
  }

  /// A run was whole.
  func keepResults() { (holdsResults, replaced) = (true, []) }

  /// Zeros in place of a mask, an input or a weight would be an answer to another question.
  func checkParameters() throws {
    if unset.isEmpty { return }
    throw ExecutionError.unset(unset.sorted().map { plan.schedule.parameters[$0].name })
  }

  /// A result of the last run by name.
  ///
  /// - Throws: `ExecutionError` where there is no such result, or no run has left any; `EngineError` where the device does not
  ///   give it.
  public func result(_ name: String) throws -> HostTensor {
    try result(at: try index(of: name, in: resultNames))
  }

  /// A result of the last run by its place, as `result(_:)`.
  public func result(at index: Int) throws -> HostTensor {
    let isReplaced = plan.schedule.results[index].updatedParameter.map(replaced.contains) ?? false
    guard holdsResults, !isReplaced else { throw ExecutionError.noResults(plan.schedule.name) }
    return try running.result(at: index)
  }

  /// Bytes that the engine, by its own account, has for what a run computes on the way; nil where the plan is the account.
  public var temporaryByteCount: Int? { running.temporaryByteCount }

  /// The present value of a parameter.
  public func parameter(_ name: String) throws -> HostTensor {
    try memory(ofParameter: try index(of: name, in: parameterNames)).read()
  }

  /// Workers that run the program.
  public var workerCount: Int { native?.workerCount ?? 1 }

  /// What the workers lost to other programs so far.
  public var lostTime: LostTime { native?.lostTime ?? LostTime() }

  /// Runs once with a clock around every step, see `Executor.runTimed`; other engines observe nothing.
  public func runTimed(_ observe: (_ step: Int, _ start: Double, _ seconds: Double) -> Void) throws {
    try watchingResults {
      if let executor = try executor() { executor.runTimed(observe) } else { try running.run() }
    }
  }

  /// Gives the memory of the step arena back to the system until the next run; parameters stay, results are lost.
  public func releaseArena() {
    guard let native else { return }
    native.releaseArena()
    holdsResults = false
  }

  /// Bytes of the step arena that are in memory, in whole pages; 0 on an engine that has none.
  public var residentByteCount: Int { native?.residentByteCount ?? 0 }

  /// Runs on an arena filled with a pattern, to show results that depend on memory nothing wrote.
  public func runPoisoned(_ pattern: UInt8) throws {
    try watchingResults {
      if let executor = try executor() { executor.runPoisoned(pattern) } else { try running.run() }
    }
  }
}
