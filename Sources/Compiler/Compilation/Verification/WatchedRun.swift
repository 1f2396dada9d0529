import Execution
import Foundation
import KernelIR
import Scheduling

/// One run of a program, watched step by step.
///
/// After a step has written a buffer its bytes are hashed; before a step reads one, or writes a part of one, they are
/// compared. Bytes between buffers must keep the pattern that memory was filled with.
final class WatchedRun {
  typealias Base = Place.Base

  private let plan: CompilationPlan
  private let executor: Executor
  private let pattern: UInt8
  private let accesses: [StepAccess]
  private let zones: [RedZone]
  private var records: [Base: Record] = [:]
  /// The steps so far.
  private var events: [Int] = []
  private var loss: Loss?
  private var fault: VerificationError.Fault?
  private(set) var comparisons = 0

  /// What a buffer held after it was written.
  private struct Record {
    var hash: UInt64
    var writer: String
    /// Steps that had ended by then.
    var time: Int
  }

  private struct Loss {
    var base: Base
    var record: Record
    var reader: String
    /// Steps that had ended when it was found.
    var time: Int
  }

  /// - Parameter hasRedZones: whether buffers lie apart, with red zones between.
  init(_ plan: CompilationPlan, _ executor: Executor, pattern: UInt8, hasRedZones: Bool) {
    (self.plan, self.executor, self.pattern) = (plan, executor, pattern)
    accesses = plan.schedule.accesses
    zones = hasRedZones ? RedZone.all(plan) : []
  }

  var stepCount: Int { events.count }
  var redZoneCount: Int { zones.count }

  /// Runs the program once.
  ///
  /// - Throws: `VerificationError`, the first fault found.
  func run() throws {
    let saved = executor.savedParameters()
    for index in plan.schedule.parameters.indices { record(.parameter(index), writer: "the host") }
    executor.poison(pattern)
    executor.run(before: before, after: after)
    checkEnd()
    if let loss, fault == nil { fault = explanation(loss, saved) }
    if let fault { throw VerificationError(program: plan.schedule.name, fault: fault) }
  }

  // MARK: Steps

  private var isClean: Bool { loss == nil && fault == nil }

  private func before(_ step: Int) {
    let access = accesses[step]
    for base in access.reads { compare(base, reader: access.label) }
    guard let position = access.position else { return }
    for base in access.writes.subtracting(access.reads) where isKept(base, position) {
      compare(base, reader: access.label)
    }
  }

  private func after(_ step: Int) {
    let access = accesses[step]
    events.append(step)
    for base in access.writes { record(base, writer: access.label) }
    if isClean { checkZones(access.label) }
  }

  private func record(_ base: Base, writer: String) {
    records[base] = Record(hash: hash(base), writer: writer, time: events.count)
  }

  private func compare(_ base: Base, reader: String) {
    guard isClean, let record = records[base] else { return }
    comparisons += 1
    if hash(base) != record.hash { loss = Loss(base: base, record: record, reader: reader, time: events.count) }
  }

  /// Whether a step that writes a buffer at a position leaves bytes in it that were written before: it does not begin a
  /// life of the buffer, and nothing has ended the one in which they were written.
  private func isKept(_ base: Base, _ position: Int) -> Bool {
    guard case .buffer(let index) = base else { return true }
    let intervals = plan.schedule.problem.buffers[index].intervals
    guard let record = records[base], let life = intervals.first(where: { $0.contains(position) }),
      life.lowerBound != position
    else { return false }
    return events[max(0, record.time - 1)...].allSatisfy { step in
      accesses[step].position.map(life.contains) ?? true
    }
  }

  /// What the host reads afterwards is as it was written; where buffers lie apart, everything is.
  private func checkEnd() {
    for binding in plan.schedule.parameters + plan.schedule.results { compare(binding.place.base, reader: "the host") }
    guard !zones.isEmpty else { return }
    for index in plan.schedule.buffers.indices { compare(.buffer(index), reader: "the end of the run") }
  }

  private func checkZones(_ label: String) {
    for zone in zones {
      let bytes = UnsafeRawBufferPointer(rebasing: memory(zone.isStep)[zone.range])
      guard let first = bytes.firstByte(otherThan: pattern) else { continue }
      fault = .wroteOutside(operation: label, byteCount: first, place: "behind the end of '\(zone.owner)'")
      return
    }
  }

  // MARK: Faults

  /// Finds who overwrote a value: a step that was given the same bytes, or else one that wrote where it must not, which
  /// shows itself when the run is repeated.
  private func explanation(_ loss: Loss, _ saved: [Data]) -> VerificationError.Fault {
    let own = range(loss.base)
    let declared = events[loss.record.time..<loss.time].first { step in
      accesses[step].writes.contains { $0 != loss.base && range($0).overlaps(own) }
    }
    let step = declared ?? repeated(loss, saved)
    return .lost(
      value: name(loss.base), writer: loss.record.writer, clobberer: step.map { accesses[$0].label } ?? "something",
      reader: loss.reader)
  }

  private func repeated(_ loss: Loss, _ saved: [Data]) -> Int? {
    executor.restoreParameters(saved)
    executor.poison(pattern)
    var (time, found) = (0, Int?.none)
    executor.run(before: { _ in }) { step in
      time += 1
      if found == nil, time > loss.record.time, hash(loss.base) != loss.record.hash { found = step }
    }
    return found
  }

  // MARK: Bytes

  private func memory(_ isStep: Bool) -> UnsafeRawBufferPointer {
    isStep ? executor.memory.step : executor.memory.persistent
  }

  private func bytes(_ base: Base) -> UnsafeRawBufferPointer {
    switch base {
    case .buffer(let index):
      let first = plan.memory.offsets[index]
      let end = first + plan.schedule.problem.buffers[index].byteCount
      return UnsafeRawBufferPointer(rebasing: memory(true)[first..<end])
    case .parameter(let index): return executor.bytes(ofParameter: index)
    }
  }

  /// Its addresses.
  private func range(_ base: Base) -> Range<UInt> {
    let first = UInt(bitPattern: bytes(base).baseAddress)
    return first..<first + UInt(bytes(base).count)
  }

  private func hash(_ base: Base) -> UInt64 { bytes(base).byteHash }

  private func name(_ base: Base) -> String {
    switch base {
    case .buffer(let index): plan.name(ofBuffer: index)
    case .parameter(let index): plan.schedule.parameters[index].name
    }
  }
}

/// Bytes that belong to no buffer.
private struct RedZone {
  var isStep: Bool
  var range: Range<Int>
  /// What lies before.
  var owner: String

  static func all(_ plan: CompilationPlan) -> [RedZone] {
    let buffers = zip(plan.memory.offsets, plan.schedule.problem.buffers).map { ($0, $1.byteCount, $1.name) }
    let parameters = zip(plan.persistentOffsets, plan.schedule.parameters).map { ($0, $1.type.byteCount, $1.name) }
    return between(buffers, plan.memory.arenaByteCount, isStep: true)
      + between(parameters, plan.persistentByteCount, isStep: false)
  }

  private static func between(
    _ places: [(offset: Int, byteCount: Int, name: String)], _ end: Int, isStep: Bool
  ) -> [RedZone] {
    var zones: [RedZone] = []
    var (last, owner) = (0, "the beginning")
    for place in places {
      zones.append(RedZone(isStep: isStep, range: last..<place.offset, owner: owner))
      (last, owner) = (place.offset + place.byteCount, place.name)
    }
    return zones + [RedZone(isStep: isStep, range: last..<end, owner: owner)]
  }
}
