import Compilation
import Foundation
import Scheduling
import StandardStreams

/// One run of a compiled step as a trace: a slice per launch, the planned bytes that are live while it runs, and the bytes
/// of the arena that are in memory after it when the arena was empty before the run.
///
/// The JSON is the trace event format, which Perfetto and Chrome's tracing page open.
public struct StepTrace: Sendable {
  public var slices: [Slice] = []
  public var name: String

  /// One launch.
  public struct Slice: Sendable {
    public var label: String
    public var kind: String
    public var role: String
    /// Seconds since the run began.
    public var start: Double
    public var seconds: Double
    public var flops: Int
    /// Bytes of all buffers that the plan holds live during the launch.
    public var liveByteCount: Int
    /// Bytes of the arena in memory after the launch, in whole pages, of a second run that began with none.
    public var residentByteCount: Int
  }

  /// Runs the program three times; its inputs must be set.
  ///
  /// - Throws: `EngineError`.
  public init(_ program: CompiledProgram) throws {
    let schedule = program.plan.schedule
    name = schedule.name
    let rows = Profile.rows(program.plan)
    let live = Self.liveByteCounts(schedule)
    var slices: [Slice] = []
    try program.run()
    try program.runTimed { index, start, seconds in
      guard rows[index].kernel >= 0 || rows[index].kind == "copy" else { return }
      slices.append(
        Slice(
          label: rows[index].label, kind: rows[index].kind, role: rows[index].role, start: start, seconds: seconds,
          flops: rows[index].flops, liveByteCount: live[index], residentByteCount: 0))
    }
    try Self.measureResidence(program, rows, &slices)
    self.slices = slices
  }

  /// Looking at pages takes time, so a run of its own does it.
  private static func measureResidence(
    _ program: CompiledProgram, _ rows: [Profile.Row], _ slices: inout [Slice]
  ) throws {
    var position = 0
    program.releaseArena()
    try program.runTimed { index, _, _ in
      guard rows[index].kernel >= 0 || rows[index].kind == "copy" else { return }
      slices[position].residentByteCount = program.residentByteCount
      position += 1
    }
  }

  /// For each instruction the bytes that are live at its position; what is no launch has those of the one before.
  private static func liveByteCounts(_ schedule: Schedule) -> [Int] {
    let atPosition = schedule.problem.liveByteCounts(length: schedule.length)
    var last = 0
    return schedule.steps.map { step in
      if case .call(let call) = step { last = atPosition[schedule.launches[call.launch].position] }
      return last
    }
  }

  public var json: String {
    get throws {
      var events = [
        Event(name: "process_name", ph: "M", ts: 0, args: ["name": .text(name)]),
        Event(name: "thread_name", ph: "M", ts: 0, args: ["name": .text("launches")]),
      ]
      for slice in slices {
        events.append(
          Event(name: "planned bytes", ph: "C", ts: slice.start * 1e6, args: ["live": .number(slice.liveByteCount)]))
        events.append(
          Event(
            name: "resident bytes", ph: "C", ts: (slice.start + slice.seconds) * 1e6,
            args: ["in memory": .number(slice.residentByteCount)]))
        events.append(
          Event(
            name: slice.label, cat: slice.kind, ph: "X", ts: slice.start * 1e6, dur: slice.seconds * 1e6,
            args: ["role": .text(slice.role), "flops": .number(slice.flops)]))
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Quoting.json(String(decoding: try encoder.encode(["traceEvents": events]), as: UTF8.self))
    }
  }

  /// Times in microseconds, as the format wants them.
  private struct Event: Encodable {
    var name: String
    var cat: String?
    var ph: String
    var ts: Double
    var dur: Double?
    var pid = 1
    var tid = 1
    var args: [String: Argument]
  }

  private enum Argument: Encodable {
    case text(String)
    case number(Int)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }
}
