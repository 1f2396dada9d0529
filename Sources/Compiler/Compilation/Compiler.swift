import CodeGeneration
import Execution
import Foundation
import GraphIR
import KernelIR
import MemoryPlanning
import Operators
import Scheduling
import TensorTypes
import Transforms

/// How a graph is compiled.
public struct CompilerOptions: Sendable {
  /// Threads that share large kernels: as many as there are processors that the process may use.
  public var workerCount: Int
  public var pipeline: Pipeline
  public var planner: MemoryPlanner
  /// The C compiler; nil runs the reference evaluation.
  public var toolchain: Toolchain?
  /// Where programs run; nil leaves it to the C compiler.
  public var engine: (any Engine)?
  public var cache: KernelCache
  /// Who computes contractions.
  public var provider: ContractionProvider
  /// Whether operations over the same elements or rows share a kernel; otherwise each has its own, with the same bits.
  public var fuses: Bool
  /// What kernels are generated for.
  public var target: Target
  /// Numbers of parameters that belong to the program and never change.
  public var values: [String: HostTensor] = [:]
  /// The line of user code that a token of the graph's annotations stands for; plans and messages name it.
  public var line: @Sendable (_ token: Int) -> String? = { _ in nil }
  /// Whether every run is watched: on poisoned memory, with red zones between buffers and hashes of values between uses.
  public var verifies = false

  public init(
    workerCount: Int = Processors().usable, pipeline: Pipeline = .standard,
    planner: MemoryPlanner = MemoryPlanner(), toolchain: Toolchain? = Toolchain.find(),
    cache: KernelCache = KernelCache(), provider: ContractionProvider = .generated,
    fuses: Bool = true, target: Target = .generated
  ) {
    self.workerCount = workerCount
    self.pipeline = pipeline
    self.planner = planner
    self.toolchain = toolchain
    self.cache = cache
    self.provider = provider
    self.fuses = fuses
    self.target = target
  }

  /// Where programs run: compiled kernels, or the reference evaluation without a C compiler.
  var usedEngine: any Engine { engine ?? toolchain.map(NativeEngine.init) ?? ReferenceEngine() }
}

/// A graph with its schedule and its memory: everything known before any code exists.
public struct CompilationPlan: Sendable {
  /// As it was handed over.
  public var source: Graph
  /// After the passes.
  public var graph: Graph
  public var log: PassLog
  public var schedule: Schedule
  public var memory: MemoryPlan
  public var persistentOffsets: [Int]
  public var persistentByteCount: Int
  /// What the schedule suits.
  public var target: Target
  /// The line of user code that a token of the graph's annotations stands for.
  public var line: @Sendable (_ token: Int) -> String?

  /// Bytes of the stack that the longest row of any kernel takes.
  public var rowByteCount: Int {
    schedule.functions.reduce(0) { largest, function in
      switch function {
      case .nest(let kernel): max(largest, kernel.rowByteCount(target))
      case .rows, .contraction, .packing, .streamed: largest
      }
    }
  }
}

extension CompilationPlan {
  /// What a buffer of the schedule is called, with the user's line.
  public func name(ofBuffer index: Int) -> String { schedule.buffers[index].name.text(line) }

  /// The numbers of parameters that have names.
  func numbers<Value>(_ named: [String: Value]) -> [Int: Value] {
    var numbered: [Int: Value] = [:]
    for (index, parameter) in schedule.parameters.enumerated() { numbered[index] = named[parameter.name] }
    return numbered
  }

  /// - Parameter shared: parameters, by name, whose memory is there already.
  /// - Throws: `ExecutionError.notEnoughMemory` where the system has less than the plan needs.
  func checkMemory(_ shared: Set<String> = []) throws {
    let present = schedule.parameters.indices.filter { shared.contains(schedule.parameters[$0].name) }
    let own = Program(self, shared: Set(present))
    // The reference evaluation keeps every value that the plan would place, and more.
    let (needed, available) = (own.arenaByteCount + own.persistentByteCount, Executor.availableByteCount)
    guard needed <= available else {
      throw ExecutionError.notEnoughMemory(needed: needed, available: available, largest: largestBuffers(3))
    }
  }

  /// So many of the largest buffers that are alive when memory is fullest, with their bytes.
  func largestBuffers(_ count: Int) -> [ExecutionError.NamedBytes] {
    schedule.problem.liveBuffers(at: schedule.problem.peakPosition).sorted { $0.byteCount > $1.byteCount }
      .prefix(count).map { .init(name: name(ofBuffer: $0.id), byteCount: $0.byteCount) }
  }
}

/// The driver: a graph in, a program out.
public enum Compiler {
  /// Steps of a compilation's run in the abstract: at most some tenths of a second.
  private static let mostAbstractSteps = 200_000

  /// Everything up to addresses.
  ///
  /// - Throws: `GraphViolations` for a graph whose structure or types are not sound.
  public static func plan(_ graph: Graph, _ options: CompilerOptions = CompilerOptions()) throws -> CompilationPlan {
    try graph.verify()
    var log = PassLog()
    // Beyond this point no operation is added but copies of results.
    let simplified = options.pipeline.run(graph, log: &log)
    let target = options.provider == .generated ? options.target : options.target.streaming(nil)
    // Beyond this point the order of kernels is fixed, and every address is known. As many bytes alive at once may still
    // lie worse.
    let placed = Schedule.candidates(
      simplified, target, workerCount: options.workerCount, fuses: options.fuses
    ).map { (schedule: $0, memory: options.planner.plan($0.problem)) }
    guard let (schedule, memory) = placed.min(by: { $0.memory.arenaByteCount < $1.memory.arenaByteCount }) else {
      preconditionFailure("\(graph.name) has no schedule")
    }
    let violations = memory.validate(against: schedule.problem)
    precondition(violations.isEmpty, "the memory plan of \(graph.name) is broken: \(violations)")
    let (offsets, byteCount) = TensorMemory.layout(schedule.parameters.map(\.type))
    return CompilationPlan(
      source: graph, graph: simplified, log: log, schedule: schedule, memory: memory, persistentOffsets: offsets,
      persistentByteCount: byteCount, target: options.target, line: options.line)
  }

  /// A program that can run, on the engine of the options.
  ///
  /// - Throws: as `checkedPlan`, or what the engine throws: `CompilationError`, `EngineError`.
  public static func compile(_ graph: Graph, _ options: CompilerOptions = CompilerOptions()) throws -> CompiledProgram {
    try program(try checkedPlan(graph, options), options)
  }

  /// A plan that has room in memory and that has been run in the abstract: a step that would read what another has
  /// overwritten is a mistake of the compiler, and traps.
  ///
  /// - Parameter shared: parameters, by name, whose memory is there already.
  /// - Throws: `GraphViolations` for a graph that is not sound, `ExecutionError.notEnoughMemory` before anything is
  ///   allocated, `ExecutionError.workerCount`.
  public static func checkedPlan(
    _ graph: Graph, _ options: CompilerOptions, shared: Set<String> = []
  ) throws -> CompilationPlan {
    guard (1...ExecutionError.mostWorkers).contains(options.workerCount) else {
      throw ExecutionError.workerCount(options.workerCount)
    }
    let plan = try plan(graph, options)
    // Where memory has no room, nothing is as large as it says.
    try options.usedEngine.checkMemory(plan, shared: shared)
    do { try plan.runAbstractly(atMost: mostAbstractSteps) } catch { error.trap() }
    return plan
  }

  /// A program from its plan, which was made with the same options.
  ///
  /// - Parameter shared: the memory of parameters, by name, that are not the program's own.
  /// - Throws: as `compile`.
  public static func program(
    _ plan: CompilationPlan, _ options: CompilerOptions, shared: [String: TensorMemory] = [:]
  ) throws -> CompiledProgram {
    let engine = options.usedEngine
    try engine.checkMemory(plan, shared: Set(shared.keys))
    let present = plan.numbers(shared)
    let running = try engine.program(plan, options, shared: present)
    let compiled = CompiledProgram(
      plan, running, engine: engine.name, shared: Set(present.keys), verifies: options.verifies)
    for (name, tensor) in options.values { try compiled.set(name, tensor) }
    return compiled
  }
}
