import CKernelSupport
import Foundation
import TensorTypes

/// Runs a program in its arenas; allocates nothing once it exists.
///
/// Not safe for use from several threads at once; it uses its own workers.
public final class Executor {
  public let program: Program
  private let arena: ArenaMemory
  private let persistent: ArenaMemory
  private let entries: [recurve_kernel]
  private let instructions: [Instruction]
  private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let moving: [[MovingArgument]]
  private let steps: UnsafeMutablePointer<Int>
  private let remaining: UnsafeMutablePointer<Int>
  private let pool: OpaquePointer?

  /// - Parameter entries: the functions that the program's steps name by number.
  /// - Throws: `ExecutionError.notEnoughMemory`, before anything is allocated.
  public init(_ program: Program, entries: [recurve_kernel], workerCount: Int) throws {
    self.program = program
    self.entries = entries
    let available = ArenaMemory.availableByteCount
    let needed = program.arenaByteCount + program.persistentByteCount
    guard needed <= available else { throw ExecutionError.notEnoughMemory(needed: needed, available: available) }
    arena = try ArenaMemory(byteCount: program.arenaByteCount)
    persistent = try ArenaMemory(byteCount: program.persistentByteCount)
    let assembly = InstructionAssembly(program, step: arena.base, persistent: persistent.base)
    instructions = assembly.instructions
    moving = assembly.moving
    pointers = .allocate(capacity: max(assembly.pointers.count, 1))
    pointers.initialize(from: assembly.pointers, count: assembly.pointers.count)
    steps = .allocate(capacity: max(program.loopCount, 1))
    remaining = .allocate(capacity: max(program.loopCount, 1))
    steps.initialize(repeating: 0, count: max(program.loopCount, 1))
    remaining.initialize(repeating: 0, count: max(program.loopCount, 1))
    pool = workerCount > 1 ? recurve_pool_create(Int64(workerCount)) : nil
  }

  deinit {
    if let pool { recurve_pool_destroy(pool) }
    pointers.deallocate()
    steps.deallocate()
    remaining.deallocate()
  }

  /// Runs the program once. Results stay valid until the next run.
  public func run() {
    instructions.withUnsafeBufferPointer { instructions in
      var position = 0
      while position < instructions.count { position = run(instructions[position], at: position) }
    }
  }

  /// Runs the program once with a clock around every step.
  ///
  /// - Parameter observe: is given each step's number in the order of the program, a loop's beginning and end being steps
  ///   of their own, and when it started and how long it took, in seconds since the run began.
  public func runTimed(_ observe: (_ step: Int, _ start: Double, _ seconds: Double) -> Void) {
    let begin = ContinuousClock.now
    var position = 0
    while position < instructions.count {
      let start = ContinuousClock.now
      let next = run(instructions[position], at: position)
      observe(position, (start - begin) / .seconds(1), (ContinuousClock.now - start) / .seconds(1))
      position = next
    }
  }

  /// Runs one instruction and returns the position of the next.
  @inline(__always)
  private func run(_ instruction: Instruction, at position: Int) -> Int {
    switch instruction.kind {
    case .call: call(instruction)
    case .copy: copy(instruction)
    case .storeStep:
      pointers[Int(instruction.firstArgument)]?.withMemoryRebound(to: Int32.self, capacity: 1) {
        $0.pointee = Int32(steps[Int(instruction.number)])
      }
    case .loopBegin: begin(instruction)
    case .loopEnd: if isAgain(instruction) { return instruction.count }
    }
    return position + 1
  }

  @inline(__always)
  private func call(_ instruction: Instruction) {
    let arguments = UnsafePointer(pointers + Int(instruction.firstArgument))
    let scratch = instruction.extra >= 0 ? pointers[instruction.extra] : nil
    let entry = entries[Int(instruction.number)]
    guard instruction.shares > 1, let pool else {
      var whole = recurve_share(index: 0, count: 1, worker: 0, workers: 1)
      return entry(arguments, scratch, &whole)
    }
    var launch = Launch(entry: entry, arguments: arguments, scratch: scratch)
    recurve_pool_run(pool, runLaunch, &launch, Int64(instruction.shares))
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

extension Executor {
  /// Sets a parameter.
  ///
  /// - Throws: `ExecutionError` when no parameter has that name or the tensor has another type.
  public func set(_ name: String, _ tensor: HostTensor) throws {
    guard let binding = program.parameters.first(where: { $0.name == name }) else {
      throw ExecutionError.unknownParameter(name, known: program.parameters.map(\.name))
    }
    guard binding.type == tensor.type else {
      throw ExecutionError.wrongType(parameter: name, found: "\(tensor.type)", needed: "\(binding.type)")
    }
    tensor.withUnsafeBytes { bytes in
      if let source = bytes.baseAddress { memcpy(address(binding.address), source, bytes.count) }
    }
  }

  /// The present value of a parameter: of a weight after its updates, for example.
  public func parameter(_ index: Int) -> HostTensor { tensor(program.parameters[index]) }

  /// A result of the last run.
  public func result(_ index: Int) -> HostTensor { tensor(program.results[index]) }

  private func tensor(_ binding: Program.Binding) -> HostTensor {
    HostTensor(
      binding.type,
      bytes: UnsafeRawBufferPointer(start: address(binding.address), count: binding.type.byteCount))
  }

  private func address(_ address: Program.Address) -> UnsafeMutableRawPointer {
    (address.arena == .step ? arena.base : persistent.base) + address.byteOffset
  }

  /// Memory that the system can still give, in bytes.
  public static var availableByteCount: Int { ArenaMemory.availableByteCount }

  /// Bytes of the step arena that a run really touches, found by filling it with two patterns; parameters keep their
  /// values.
  ///
  /// A byte is touched if it differs from either pattern afterwards; the count reaches to the last such byte.
  public func measureTouchedByteCount() -> Int {
    let saved = Data(bytes: persistent.base, count: persistent.byteCount)
    var end = 0
    for sentinel: UInt8 in [0xA5, 0x5A] {
      arena.fill(sentinel)
      run()
      end = max(end, arena.touchedEnd(sentinel: sentinel))
      saved.withUnsafeBytes { bytes in
        if let source = bytes.baseAddress { memcpy(persistent.base, source, bytes.count) }
      }
    }
    return end
  }

  /// Gives the memory of the step arena back to the system until the next run; parameters stay, results are lost.
  public func releaseArena() { arena.release() }

  /// Bytes of the step arena that are in memory, in whole pages: 2 MiB each where the system has huge ones.
  public var residentByteCount: Int { arena.residentByteCount }

  /// Runs once on an arena filled with a pattern: a result that depends on memory nothing wrote shows itself.
  public func runPoisoned(_ pattern: UInt8) {
    arena.fill(pattern)
    run()
  }
}
