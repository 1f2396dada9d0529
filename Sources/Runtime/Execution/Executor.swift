import CKernelSupport
import Foundation
import StandardStreams
import TensorTypes

/// Runs a program in its arenas; allocates nothing once it exists.
///
/// Not safe for use from several threads at once; it uses its own workers.
public final class Executor {
  public let program: Program
  public let workerCount: Int
  let arena: ArenaMemory
  /// Of each parameter: the program's own, or what it shares with other programs.
  public private(set) var parameterMemory: [TensorMemory]
  /// All that is the program's own, at the offsets of the program.
  let persistent: ArenaMemory
  let entries: [recurve_kernel]
  /// By name.
  let parameterIndices: [String: Int]
  let instructions: [Instruction]
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private(set) var moving: [[MovingArgument]]
  /// Loops whose rows workers share as a whole, by number.
  let rowLoops: [RowLoop?]
  /// Arguments of each worker in such a loop, and how many one has room for.
  let (rowPointers, rowPointerCount): (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, Int)
  /// The places in the table of pointers that depend on each parameter.
  private let parameterSlots: [[ParameterSlot]]
  let steps: UnsafeMutablePointer<Int>
  private let remaining: UnsafeMutablePointer<Int>
  /// Of loops by rows, when they last ran.
  let iterationCounts: UnsafeMutablePointer<Int>
  /// None where one worker is enough, or where one thread does the work of all in turn.
  let pool: OpaquePointer?
  private(set) var isInTurn: Bool
  /// Whether somebody looks at memory before and after every step, so that iterations follow each other.
  var isWatched = false
  /// Whether the step arena is nowhere in memory. In the next run no worker helps another, so that each touches its own
  /// part of the scratch then, and not in some run long after.
  var isUntouched = true

  /// - Parameters:
  ///   - entries: the functions that the program's steps name by number.
  ///   - shared: the memory of parameters, by number, that are not the program's own.
  ///   - hasThreads: whether workers are threads; otherwise the calling thread computes the shares of each in turn.
  /// - Throws: `ExecutionError.notEnoughMemory`, before anything is allocated; `workerCount` or `noThreads`.
  public init(
    _ program: Program, entries: [recurve_kernel], workerCount: Int, shared: [Int: TensorMemory] = [:],
    hasThreads: Bool = true
  ) throws {
    guard (1...ExecutionError.mostWorkers).contains(workerCount) else { throw ExecutionError.workerCount(workerCount) }
    self.program = program
    self.workerCount = workerCount
    self.entries = entries
    isInTurn = !hasThreads
    parameterIndices = Dictionary(
      program.parameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let available = ArenaMemory.availableByteCount
    let needed = program.arenaByteCount + program.persistentByteCount
    guard needed <= available else { throw ExecutionError.notEnoughMemory(needed: needed, available: available) }
    arena = try ArenaMemory(byteCount: program.arenaByteCount)
    let persistent = try ArenaMemory(byteCount: program.persistentByteCount)
    self.persistent = persistent
    parameterMemory = program.parameters.enumerated().map { index, binding in
      shared[index]
        ?? TensorMemory(type: binding.type, block: persistent, byteOffset: program.parameterOffsets[index])
    }
    let (step, memory) = (arena.base, parameterMemory)
    let assembly = InstructionAssembly(program) { program.address($0, step: step, parameters: memory) }
    instructions = assembly.instructions
    moving = assembly.moving
    parameterSlots = assembly.parameterSlots
    rowLoops = assembly.rowLoops
    rowPointerCount = max(rowLoops.compactMap { $0?.slots.count }.max() ?? 0, 1)
    rowPointers = .allocate(capacity: rowPointerCount * workerCount)
    rowPointers.initialize(repeating: nil, count: rowPointerCount * workerCount)
    pointers = .allocate(capacity: max(assembly.pointers.count, 1))
    pointers.initialize(from: assembly.pointers, count: assembly.pointers.count)
    steps = .allocate(capacity: max(program.loopCount, 1))
    remaining = .allocate(capacity: max(program.loopCount, 1))
    iterationCounts = .allocate(capacity: max(program.loopCount, 1))
    iterationCounts.initialize(repeating: 0, count: max(program.loopCount, 1))
    steps.initialize(repeating: 0, count: max(program.loopCount, 1))
    remaining.initialize(repeating: 0, count: max(program.loopCount, 1))
    pool = hasThreads && workerCount > 1 ? recurve_pool_create(Int64(workerCount)) : nil
    if hasThreads && workerCount > 1 && pool == nil {
      throw ExecutionError.noThreads(workerCount: workerCount, reason: SystemMessage.text())
    }
  }

  /// Lets the host have the newest bytes of all parameters, some of which a run is about to change. Small programs run in a
  /// fraction of a microsecond, of which this is a part.
  ///
  /// - Throws: as `TensorMemory.bringHome`.
  public func bringParametersHome(updating isUpdated: [Bool]) throws {
    for index in parameterMemory.indices where parameterMemory[index].isShared {
      if isUpdated[index] { try parameterMemory[index].takeHome() } else { try parameterMemory[index].bringHome() }
    }
  }

  deinit {
    if let pool { recurve_pool_destroy(pool) }
    pointers.deallocate()
    rowPointers.deallocate()
    steps.deallocate()
    remaining.deallocate()
    iterationCounts.deallocate()
  }

  /// Lets a parameter lie in other memory from the next run on; its bytes are those that are there.
  public func place(_ parameter: Int, in memory: TensorMemory) {
    let binding = program.parameters[parameter]
    precondition(memory.type == binding.type, "\(binding.name) is \(binding.type), the memory holds \(memory.type)")
    parameterMemory[parameter] = memory
    for slot in parameterSlots[parameter] {
      let base = memory.address + slot.byteOffset
      pointers[slot.position] = base.assumingMemoryBound(to: CChar.self)
      if let (loop, index) = slot.moving { moving[loop][index].base = base }
    }
  }

  /// Runs the program once. Results stay valid until the next run.
  public func run() {
    instructions.withUnsafeBufferPointer { instructions in
      var position = 0
      while position < instructions.count { position = run(instructions[position], at: position) }
    }
    isUntouched = false
  }

  /// Runs the program once, the calling thread doing the work of all workers in turn: what is written where depends on
  /// nothing but the program.
  public func runInTurn() {
    let saved = isInTurn
    isInTurn = true
    run()
    isInTurn = saved
  }

  /// What the workers lost to other programs since the executor was made.
  public var lostTime: LostTime {
    guard let pool else { return LostTime() }
    let record = recurve_pool_get_record(pool)
    return LostTime(
      seconds: Double(record.lost_nanoseconds) / 1e9, launches: Int(record.runs),
      smallerLaunches: Int(record.smaller_runs))
  }

  /// Runs one instruction and returns the position of the next.
  @inline(__always)
  func run(_ instruction: Instruction, at position: Int) -> Int {
    switch instruction.kind {
    case .call: call(instruction)
    case .copy: copy(instruction)
    case .storeIteration:
      pointers[Int(instruction.firstArgument)]?.withMemoryRebound(to: Int32.self, capacity: 1) {
        $0.pointee = Int32(steps[Int(instruction.number)])
      }
    case .loopBegin:
      if instruction.shares > 1, let loop = rowLoop(instruction) {
        return runByRows(loop, iterationCount: instruction.count)
      }
      begin(instruction)
    case .boundedLoopBegin:
      if instruction.shares > 1, let loop = rowLoop(instruction) {
        return runByRows(loop, iterationCount: boundedCount(instruction))
      }
      if !beginsBounded(instruction) { return instruction.extra }
    case .loopEnd: if isAgain(instruction) { return instruction.count }
    }
    return position + 1
  }

  /// The loop that begins, if its rows go through all iterations.
  private func rowLoop(_ instruction: Instruction) -> RowLoop? {
    isWatched ? nil : rowLoops[Int(instruction.number)]
  }

  @inline(__always)
  private func call(_ instruction: Instruction) {
    let arguments = UnsafePointer(pointers + Int(instruction.firstArgument))
    let scratch = instruction.extra >= 0 ? pointers[instruction.extra] : nil
    let entry = entries[Int(instruction.number)]
    guard instruction.shares > 1, workerCount > 1 else {
      var whole = recurve_share(index: 0, count: 1, worker: 0, workers: 1)
      return entry(arguments, scratch, &whole)
    }
    guard let pool, !isInTurn else { return callInTurn(entry, arguments, scratch, Int64(instruction.shares)) }
    var launch = Launch(entry: entry, arguments: arguments, scratch: scratch)
    if isUntouched { return recurve_pool_run_apart(pool, runLaunch, &launch, Int64(instruction.shares)) }
    recurve_pool_run(pool, runLaunch, &launch, Int64(instruction.shares))
  }

  /// Every worker's own shares, one after another: what the workers write if none helps another.
  private func callInTurn(
    _ entry: recurve_kernel, _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
    _ scratch: UnsafeMutablePointer<CChar>?, _ count: Int64
  ) {
    forEachShareInTurn(count) { share in
      var share = share
      entry(arguments, scratch, &share)
    }
  }

  func forEachShareInTurn(_ count: Int64, _ body: (recurve_share) -> Void) {
    let workers = Int64(workerCount)
    for worker in 0..<workers {
      var owner = recurve_share(index: worker, count: workers, worker: worker, workers: workers)
      for index in recurve_share_begin(&owner, count)..<recurve_share_end(&owner, count) {
        body(recurve_share(index: index, count: count, worker: worker, workers: workers))
      }
    }
  }

  @inline(__always)
  private func copy(_ instruction: Instruction) {
    let first = Int(instruction.firstArgument)
    if let source = pointers[first], let destination = pointers[first + 1] {
      memmove(destination, source, instruction.count)
    }
  }

  private func begin(_ instruction: Instruction) {
    let loop = Int(instruction.number)
    remaining[loop] = instruction.count
    steps[loop] = instruction.extra == 1 ? instruction.count - 1 : 0
    refresh(loop)
  }

  /// Begins a loop whose count is found in memory; false where it has no iteration.
  private func beginsBounded(_ instruction: Instruction) -> Bool {
    let loop = Int(instruction.number)
    remaining[loop] = boundedCount(instruction)
    steps[loop] = 0
    guard remaining[loop] > 0 else { return false }
    refresh(loop)
    return true
  }

  /// Iterations of a loop whose count is found in memory.
  private func boundedCount(_ instruction: Instruction) -> Int {
    let count = pointers[Int(instruction.firstArgument)].map { UnsafeRawPointer($0).load(as: Int32.self) } ?? 0
    return min(max(Int(count), 0), instruction.count)
  }

  private func isAgain(_ instruction: Instruction) -> Bool {
    let loop = Int(instruction.number)
    remaining[loop] -= 1
    guard remaining[loop] > 0 else { return false }
    steps[loop] += instruction.extra == 1 ? -1 : 1
    refresh(loop)
    return true
  }

  /// Moves the arguments that depend on the loop's iteration.
  private func refresh(_ loop: Int) {
    for argument in moving[loop] {
      let offset = argument.terms.reduce(0) { $0 + steps[$1.loop] * $1.byteStride }
      pointers[argument.slot] = (argument.base + offset).assumingMemoryBound(to: CChar.self)
    }
  }
}

/// What the workers of one fork-join share.
private struct Launch {
  var entry: recurve_kernel
  var arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>
  var scratch: UnsafeMutablePointer<CChar>?
}

private func runLaunch(_ context: UnsafeMutableRawPointer?, _ share: UnsafePointer<recurve_share>) {
  guard let launch = context?.assumingMemoryBound(to: Launch.self).pointee else { return }
  launch.entry(launch.arguments, launch.scratch, share)
}
