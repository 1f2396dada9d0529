/// A step as the executor's loop reads it: trivially copyable.
struct Instruction {
  enum Kind: UInt8 { case call, copy, storeStep, loopBegin, loopEnd }

  var kind: Kind
  /// Call: index into the entries. Loops and stored steps: the loop's number.
  var number: Int32
  /// Where the arguments begin in the pointer table; copies use source and destination.
  var firstArgument: Int32
  /// Parts that workers take one after another; 1 where waking them is not worth it.
  var shares: Int32
  /// Copy: bytes. Loop begin: trip count. Loop end: position of the first instruction of the body.
  var count: Int
  /// Call: place of the scratch pointer in the table, -1 if none. Loops: 1 when reversed.
  var extra: Int
}

/// An argument whose address moves with the iterations of loops.
struct MovingArgument {
  var slot: Int
  var base: UnsafeMutableRawPointer
  var terms: [Program.Address.Term]
}

/// Flattens a program's steps into instructions and a table of argument pointers.
struct InstructionAssembly {
  private(set) var instructions: [Instruction] = []
  private(set) var pointers: [UnsafeMutablePointer<CChar>?] = []
  /// Arguments to refresh at the start of each iteration, by loop.
  private(set) var moving: [[MovingArgument]]
  private let step: UnsafeMutableRawPointer
  private let persistent: UnsafeMutableRawPointer

  init(_ program: Program, step: UnsafeMutableRawPointer, persistent: UnsafeMutableRawPointer) {
    self.step = step
    self.persistent = persistent
    moving = Array(repeating: [], count: program.loopCount)
    add(program.steps)
  }

  private mutating func add(_ steps: [Program.Step]) {
    for step in steps {
      switch step {
      case .call(let function, let arguments, let scratch, let shares):
        let first = pointers.count
        for argument in arguments { add(argument) }
        var scratchSlot = -1
        if let scratch {
          scratchSlot = pointers.count
          add(scratch)
        }
        append(.call, function, first, shares, 0, scratchSlot)
      case .copy(let source, let destination, let byteCount):
        let first = pointers.count
        add(source)
        add(destination)
        append(.copy, 0, first, 1, byteCount, 0)
      case .storeStep(let loop, let destination):
        let first = pointers.count
        add(destination)
        append(.storeStep, loop, first, 1, 0, 0)
      case .loop(let number, let count, let isReversed, let body):
        append(.loopBegin, number, 0, 1, count, isReversed ? 1 : 0)
        let start = instructions.count
        add(body)
        append(.loopEnd, number, 0, 1, start, isReversed ? 1 : 0)
      }
    }
  }

  private mutating func append(
    _ kind: Instruction.Kind, _ number: Int, _ firstArgument: Int, _ shares: Int, _ count: Int, _ extra: Int
  ) {
    instructions.append(
      Instruction(
        kind: kind, number: Int32(number), firstArgument: Int32(firstArgument), shares: Int32(shares),
        count: count, extra: extra))
  }

  private mutating func add(_ address: Program.Address) {
    let base = (address.arena == .step ? step : persistent) + address.byteOffset
    if let innermost = address.terms.last {
      moving[innermost.loop].append(MovingArgument(slot: pointers.count, base: base, terms: address.terms))
    }
    pointers.append(base.assumingMemoryBound(to: CChar.self))
  }
}
