import KernelIR
import Scheduling

/// A run of a program's steps on names instead of numbers.
///
/// Every byte of memory holds the number of the value that was written there last, anew for each iteration that makes the
/// value. What a step reads must hold the value that it means to read; so a value that was overwritten, or has another's
/// place, or is left from the iteration before, is found without running a kernel, and both launches are known.
struct AbstractRun {
  private let plan: CompilationPlan
  private let flow: DataFlow
  /// What each byte of the arena and of the parameters holds: an index into `writers`.
  private var arena = ByteMap()
  private var persistent = ByteMap()
  /// Who wrote each instance of a value, the last where it has parts; the first stands for memory that nothing has written.
  private var writers = [""]
  /// The present instance of each value, nil before it is written.
  private var present: [Int32?]
  /// The values that each iteration of a loop makes anew, by loop.
  private let made: [[Int]]
  private var iterations: [Int]
  /// Where loops began, by loop.
  private var begins: [Int]
  /// The elements that each touch of a launch goes to, by event.
  private let elements: [[[Range<Int>]]]
  /// How often each event ran.
  private var runCounts: [Int]
  private(set) var stepCount = 0

  /// Ranges of a value that are told apart.
  private static let mostRanges = 64

  init(_ plan: CompilationPlan) {
    self.plan = plan
    flow = plan.schedule.flow
    present = Array(repeating: nil, count: flow.values.count)
    var made = [[Int]](repeating: [], count: plan.schedule.loopCount)
    for (number, value) in flow.values.enumerated() { if let loop = value.loop { made[loop].append(number) } }
    self.made = made
    iterations = Array(repeating: 0, count: plan.schedule.loopCount)
    begins = iterations
    elements = flow.events.map { event in
      if case .launch(_, _, let touches) = event { touches.map { $0.elements(atMost: Self.mostRanges) } } else { [] }
    }
    runCounts = Array(repeating: 0, count: flow.events.count)
  }

  /// - Parameter limit: after so many steps the run ends, since later iterations do what the first did; nil for never.
  /// - Throws: `VerificationError`, the first fault found.
  mutating func run(atMost limit: Int?) throws {
    for parameter in flow.parameters { write(parameter, by: "the host") }
    var position = 0
    while position < flow.events.count {
      if let limit, stepCount >= limit { return }
      position = try run(flow.events[position], at: position)
    }
    for result in flow.results { try read(result, by: "the host") }
  }

  /// Runs one event and returns the position of the next.
  private mutating func run(_ event: DataFlow.Event, at position: Int) throws -> Int {
    stepCount += 1
    switch event {
    case .launch(let step, let rowCount, let touches):
      let label = label(step)
      // Later iterations lie to each other as the first two do.
      if runCounts[position] < 2 { try checkOverlaps(touches, rowCount, label) }
      runCounts[position] += 1
      for (touch, elements) in zip(touches, elements[position]) {
        if touch.isWritten { write(touch, elements, by: label) } else { try read(touch, elements, by: label) }
      }
    case .move(let source, let destination, let step, let isPart):
      let label = step == nil ? "the next iteration" : "a copy"
      try read(source, by: label)
      if !isPart { present[destination.value] = nil }
      write(destination, by: label)
    case .storeIteration(_, let touch): write(touch, by: "the loop")
    case .loopBegin(let step, let count):
      if let count { try read(count, by: "the loop") }
      guard case .loopBegin(let loop) = plan.schedule.steps[step] else { break }
      begins[loop.number] = position
      iterations[loop.number] = loop.isReversed ? loop.count - 1 : 0
      forget(loop.number)
    case .loopEnd(let step):
      guard case .loopEnd(let loop, _) = plan.schedule.steps[step] else { break }
      iterations[loop.number] += loop.isReversed ? -1 : 1
      // How often a loop with a computed count runs, nobody knows; further iterations lie to each other as two do.
      let trips = loop.runTimeCount == nil ? loop.count : min(loop.count, 2)
      guard (0..<trips).contains(iterations[loop.number]) else { break }
      forget(loop.number)
      return begins[loop.number] + 1
    }
    return position + 1
  }

  /// An iteration begins with nothing of what it makes.
  private mutating func forget(_ loop: Int) {
    for value in made[loop] { present[value] = nil }
  }

  private func label(_ step: Int) -> String {
    guard case .call(let call) = plan.schedule.steps[step] else { return "step \(step)" }
    return plan.schedule.launches[call.launch].label
  }

  /// What a launch writes over something that it reads, it must have read there before.
  private func checkOverlaps(_ touches: [DataFlow.Touch], _ rowCount: Int, _ label: String) throws {
    for written in touches where written.isWritten && written.elementCount > 0 {
      for read in touches where !read.isWritten && read.value != written.value && read.member <= written.member {
        guard read.place.isInArena == written.place.isInArena, bytes(read).overlaps(bytes(written)),
          !read.isReadBefore(written, rowCount) || bytes(read) != bytes(written), let instance = present[read.value]
        else { continue }
        let writer = writers[Int(instance)]
        throw error(.lost(value: name(read), writer: writer, clobberer: label, reader: label))
      }
    }
  }

  /// Those of the whole value.
  private func bytes(_ touch: DataFlow.Touch) -> Range<Int> {
    touch.bytes(0..<touch.elementCount, from: base(touch.place))
  }

  // MARK: Values

  /// - Parameter elements: nil for all.
  private mutating func write(_ touch: DataFlow.Touch, _ elements: [Range<Int>]? = nil, by writer: String) {
    let instance = present[touch.value] ?? Int32(writers.count)
    if Int(instance) == writers.count { writers.append(writer) }
    writers[Int(instance)] = writer
    present[touch.value] = instance
    let base = base(touch.place)
    for range in elements ?? [0..<touch.elementCount] {
      let bytes = touch.bytes(range, from: base)
      if touch.place.isInArena { arena.fill(bytes, instance) } else { persistent.fill(bytes, instance) }
    }
  }

  /// - Parameter elements: nil for all.
  private func read(_ touch: DataFlow.Touch, _ elements: [Range<Int>]? = nil, by reader: String) throws {
    guard touch.elementCount > 0 else { return }
    guard let expected = present[touch.value] else {
      throw error(.readBeforeWritten(value: name(touch), reader: reader))
    }
    let base = base(touch.place)
    for range in elements ?? [0..<touch.elementCount] {
      let bytes = touch.bytes(range, from: base)
      let found =
        touch.place.isInArena
        ? arena.first(bytes, otherThan: expected) : persistent.first(bytes, otherThan: expected)
      guard let found else { continue }
      if found == 0 { throw error(.readBeforeWritten(value: name(touch), reader: reader)) }
      throw error(
        .lost(
          value: name(touch), writer: writers[Int(expected)], clobberer: writers[Int(found)],
          reader: reader))
    }
  }

  private func name(_ touch: DataFlow.Touch) -> String { flow.values[touch.value].name.text(plan.line) }

  private func error(_ fault: VerificationError.Fault) -> VerificationError {
    VerificationError(program: plan.schedule.name, fault: fault)
  }

  /// Where a place is in its memory in the present iteration.
  private func base(_ place: Place) -> Int { plan.base(place, iterations) }
}
