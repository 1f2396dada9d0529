import KernelIR

/// A step as the executor's loop reads it: trivially copyable.
struct Instruction {
  enum Kind: UInt8 { case call, copy, storeIteration, loopBegin, boundedLoopBegin, loopEnd }

  var kind: Kind
  /// Call: index into the entries. Loops and stored iterations: the loop's number.
  var number: Int32
  /// Where the arguments begin in the pointer table; copies use source and destination.
  var firstArgument: Int32
  /// Parts that workers take one after another, of a loop as a whole or of a call; 1 where waking them is not worth it, and
  /// for loops whose iterations end before the next begin.
  var shares: Int32 = 1
  /// Copy: bytes. Loop begin: trip count or its bound. Loop end: position of the first instruction of the body.
  var count = 0
  /// Call: place of the scratch pointer in the table, -1 if none. Loops: 1 when reversed. Begin of a bounded loop: position
  /// behind its end.
  var extra = 0

  var isLoopBegin: Bool { kind == .loopBegin || kind == .boundedLoopBegin }
}

/// An argument whose address moves with the iterations of loops.
struct MovingArgument {
  var slot: Int
  var base: UnsafeMutableRawPointer
  var terms: [Place.Term]
}

/// A place in the table of pointers whose address is that of a parameter, so far from its beginning.
struct ParameterSlot {
  var position: Int
  var byteOffset: Int
  /// Where it is among the moving arguments, if it is one.
  var moving: (loop: Int, index: Int)?
}

/// Turns a program's steps into instructions, one each, and a table of argument pointers.
struct InstructionAssembly {
  private(set) var instructions: [Instruction] = []
  private(set) var pointers: [UnsafeMutablePointer<CChar>?] = []
  /// Arguments to refresh at the start of each iteration, by loop.
  private(set) var moving: [[MovingArgument]]
  /// By parameter.
  private(set) var parameterSlots: [[ParameterSlot]]
  /// By loop.
  private(set) var rowLoops: [RowLoop?]

  /// - Parameter address: where a place is in the first iteration of all loops.
  init(_ program: Program, address: (Place) -> UnsafeMutableRawPointer) {
    moving = Array(repeating: [], count: program.loopCount)
    parameterSlots = Array(repeating: [], count: program.parameters.count)
    rowLoops = Array(repeating: nil, count: program.loopCount)
    for step in program.steps {
      instructions.append(instruction(step, address))
      guard case .loopEnd(let loop, let begin) = step else { continue }
      if let rows = loop.rows { addRowLoop(loop, rows, begin) }
      if instructions[begin].kind == .boundedLoopBegin { instructions[begin].extra = instructions.count }
    }
  }

  private mutating func addRowLoop(_ loop: Step.Loop, _ rows: Step.Loop.Rows, _ begin: Int) {
    instructions[begin].shares = Int32(rows.shares)
    let body = (begin + 1)..<(instructions.count - 1)
    for copy in instructions[body] where copy.kind == .copy {
      precondition(
        copy.count.isMultiple(of: rows.count), "a copy of \(copy.count) bytes in a loop of \(rows.count) rows")
    }
    let first = body.map { Int(instructions[$0].firstArgument) }.min() ?? pointers.count
    rowLoops[loop.number] = RowLoop(
      number: loop.number, isReversed: loop.isReversed, rows: rows, body: body, slots: first..<pointers.count)
  }

  private mutating func instruction(_ step: Step, _ address: (Place) -> UnsafeMutableRawPointer) -> Instruction {
    let first = Int32(pointers.count)
    switch step {
    case .call(let call):
      for argument in call.arguments { add(argument.place, address) }
      let scratchSlot = call.scratch == nil ? -1 : pointers.count
      if let scratch = call.scratch { add(scratch, address) }
      return Instruction(
        kind: .call, number: Int32(call.function), firstArgument: first, shares: Int32(call.shares),
        extra: scratchSlot)
    case .copy(let source, let destination, let byteCount):
      add(source, address)
      add(destination, address)
      return Instruction(kind: .copy, number: 0, firstArgument: first, count: byteCount)
    case .storeIteration(let loop, let destination):
      add(destination, address)
      return Instruction(kind: .storeIteration, number: Int32(loop), firstArgument: first)
    case .loopBegin(let loop):
      guard let count = loop.runTimeCount else { return instruction(.loopBegin, loop, count: loop.count) }
      add(count, address)
      return Instruction(
        kind: .boundedLoopBegin, number: Int32(loop.number), firstArgument: first, count: loop.count)
    case .loopEnd(let loop, let begin): return instruction(.loopEnd, loop, count: begin + 1)
    }
  }

  private func instruction(_ kind: Instruction.Kind, _ loop: Step.Loop, count: Int) -> Instruction {
    Instruction(
      kind: kind, number: Int32(loop.number), firstArgument: 0, count: count, extra: loop.isReversed ? 1 : 0)
  }

  private mutating func add(_ place: Place, _ address: (Place) -> UnsafeMutableRawPointer) {
    let base = address(place)
    if case .parameter(let index) = place.base {
      parameterSlots[index].append(
        ParameterSlot(
          position: pointers.count, byteOffset: place.byteOffset,
          moving: place.terms.last.map { (loop: $0.loop, index: moving[$0.loop].count) }))
    }
    if let innermost = place.terms.last {
      moving[innermost.loop].append(MovingArgument(slot: pointers.count, base: base, terms: place.terms))
    }
    pointers.append(base.assumingMemoryBound(to: CChar.self))
  }
}
