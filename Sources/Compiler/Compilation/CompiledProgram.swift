import Execution
import Foundation
import GraphIR
import Operators
import TensorTypes

/// A compiled graph with its memory: set parameters, run, read results.
public final class CompiledProgram {
  public let plan: CompilationPlan
  let backend: Backend
  private let verifies: Bool
  /// What integers in parameters must be, by the parameters' names.
  private let integerNeeds: [String: [IntegerNeed]]

  enum Backend {
    case native(Executor)
    case reference(ReferenceMemory)
  }

  init(_ plan: CompilationPlan, _ backend: Backend, verifies: Bool = false) {
    self.plan = plan
    self.backend = backend
    self.verifies = verifies
    integerNeeds = Dictionary(grouping: plan.source.integerNeeds()) { plan.schedule.parameters[$0.parameter].name }
  }

  /// Whether compiled kernels run; otherwise the slow reference evaluation does.
  public var isNative: Bool { if case .native = backend { true } else { false } }

  public var parameterNames: [String] { plan.schedule.parameters.map(\.name) }
  public var resultNames: [String] { plan.schedule.results.map(\.name) }

  /// Bytes of the step arena, known before anything runs.
  public var plannedByteCount: Int { plan.memory.arenaByteCount }

  /// Bytes of the step arena that values need at once, without scratch and panels.
  public var valueByteCount: Int { plan.schedule.valueByteCount }

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
    if case .native(let executor) = backend { return try executor.set(name, tensor) }
    let index = try index(of: name, in: parameterNames)
    let needed = plan.schedule.parameters[index].type
    guard tensor.fits(needed) else {
      throw ExecutionError.wrongType(parameter: name, found: tensor.summary, needed: "\(needed)")
    }
    memory(ofParameter: index).set(tensor)
  }

  /// Lets a parameter lie in other memory from the next run on; its bytes are those that are there.
  public func place(_ parameter: Int, in memory: TensorMemory) {
    switch backend {
    case .native(let executor): executor.place(parameter, in: memory)
    case .reference(let reference): reference.parameters[parameter] = memory
    }
  }

  /// Where a parameter lies.
  public func memory(ofParameter index: Int) -> TensorMemory {
    switch backend {
    case .native(let executor): executor.parameterMemory[index]
    case .reference(let reference): reference.parameters[index]
    }
  }

  private func index(of name: String, in names: [String]) throws -> Int {
    guard let index = names.firstIndex(of: name) else { throw ExecutionError.unknownParameter(name, known: names) }
    return index
  }

  /// Runs the graph once; results that update parameters replace them.
  ///
  /// Traps where `CompilerOptions.verifies` finds memory that is not as it must be; `verify` throws instead.
  public func run() {
    if verifies {
      do { _ = try verify() } catch { error.trap() }
    } else {
      runUnwatched()
    }
  }

  func runUnwatched() {
    switch backend {
    case .native(let executor): executor.run()
    case .reference(let memory): memory.run(plan)
    }
  }

  /// A result of the last run by name.
  public func result(_ name: String) throws -> HostTensor {
    result(at: try index(of: name, in: resultNames))
  }

  public func result(at index: Int) -> HostTensor {
    switch backend {
    case .native(let executor): executor.result(index)
    case .reference(let memory): memory.results[index]
    }
  }

  /// The present value of a parameter.
  public func parameter(_ name: String) throws -> HostTensor {
    memory(ofParameter: try index(of: name, in: parameterNames)).tensor
  }

  /// Workers that run the program.
  public var workerCount: Int { if case .native(let executor) = backend { executor.workerCount } else { 1 } }

  /// What the workers lost to other programs so far.
  public var lostTime: LostTime {
    if case .native(let executor) = backend { executor.lostTime } else { LostTime() }
  }

  /// Runs once with a clock around every step, see `Executor.runTimed`; the reference evaluation observes nothing.
  public func runTimed(_ observe: (_ step: Int, _ start: Double, _ seconds: Double) -> Void) {
    if case .native(let executor) = backend { executor.runTimed(observe) } else { runUnwatched() }
  }

  /// Gives the memory of the step arena back to the system until the next run; parameters stay, results are lost.
  public func releaseArena() { if case .native(let executor) = backend { executor.releaseArena() } }

  /// Bytes of the step arena that are in memory, in whole pages; 0 for the reference evaluation, which has none.
  public var residentByteCount: Int {
    if case .native(let executor) = backend { executor.residentByteCount } else { 0 }
  }

  /// Runs on an arena filled with a pattern, to show results that depend on memory nothing wrote.
  public func runPoisoned(_ pattern: UInt8) {
    if case .native(let executor) = backend { executor.runPoisoned(pattern) } else { runUnwatched() }
  }
}
