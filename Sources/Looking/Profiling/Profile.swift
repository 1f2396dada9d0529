import Compilation
import Reports
import Scheduling

/// Where the time of a compiled step goes: one row per step of the plan, loop bodies added up over their iterations.
public struct Profile: Sendable, Codable {
  public var name: String
  public var rows: [Row]
  /// Median seconds of whole runs without any clock inside.
  public var secondsPerRun: Double
  /// Runs that were timed, of either kind.
  public var repetitions: Int
  public var ceilings: MachineCeilings
  /// Why the times cannot be relied on; nil where nothing speaks against them.
  public var doubt: String?

  /// One step of the plan.
  public struct Row: Sendable, Codable {
    /// Scope and operations.
    public var label: String
    /// The line of the model, as in `Net.swift:18`; nil where the compiler made the step, or launches of several lines are
    /// taken together.
    public var line: String?
    /// What runs: nest, contraction, scatter, copy, loop.
    public var kind: String
    /// forward, backward, recomputation, update.
    public var role: String
    /// Number of the generated kernel; -1 where none is called.
    public var kernel: Int
    /// Launches in one run.
    public var launches: Int
    /// Median seconds of all launches in one run.
    public var seconds: Double
    /// Floating-point operations of one launch.
    public var flops: Int
    /// Bytes that one launch reads and writes at least, every argument once.
    public var byteCount: Int

    public var flopsPerSecond: Double { seconds > 0 ? Double(flops) * Double(launches) / seconds : 0 }
    public var bytesPerSecond: Double { seconds > 0 ? Double(byteCount) * Double(launches) / seconds : 0 }
  }

  /// The time of all rows together.
  public var seconds: Double { rows.reduce(0) { $0 + $1.seconds } }
}

extension Profile {
  /// Runs a program so many times with a clock around every step, in turn with runs without.
  ///
  /// The program's inputs must be set; results and updated parameters are those of the runs.
  /// - Throws: `EngineError`.
  public init(_ program: CompiledProgram, repetitions: Int, ceilings: MachineCeilings) throws {
    var rows = Self.rows(program.plan)
    var times = Array(repeating: [Double](), count: rows.count)
    var whole: [Double] = []
    try program.run()
    let watch = StepWatch(program)
    for _ in 0..<max(repetitions, 1) {
      whole.append(try MachineCeilings.seconds { try program.run() })
      var sums = Array(repeating: 0.0, count: rows.count)
      var launches = Array(repeating: 0, count: rows.count)
      try program.runTimed { index, _, seconds in
        sums[index] += seconds
        launches[index] += 1
      }
      for index in rows.indices {
        times[index].append(sums[index])
        rows[index].launches = launches[index]
      }
    }
    for index in rows.indices { rows[index].seconds = times[index].median }
    self.init(
      name: program.plan.schedule.name, rows: rows, secondsPerRun: whole.median, repetitions: max(repetitions, 1),
      ceilings: ceilings, doubt: watch.times(whole, workerCount: ceilings.workerCount).doubt)
  }

  /// One row per instruction, in the order in which the executor numbers them.
  static func rows(_ plan: CompilationPlan) -> [Row] {
    let schedule = plan.schedule
    func row(_ label: String, _ kind: String, role: String = "", kernel: Int = -1, flops: Int = 0, bytes: Int = 0)
      -> Row
    {
      Row(
        label: label, kind: kind, role: role, kernel: kernel, launches: 0, seconds: 0, flops: flops, byteCount: bytes)
    }
    return schedule.steps.map { step in
      switch step {
      case .call(let call):
        let launch = schedule.launches[call.launch]
        var row = row(
          launch.label, schedule.functions[call.function].kind, role: launch.role.rawValue, kernel: call.function,
          flops: launch.flops, bytes: launch.byteCount)
        row.line = launch.location.flatMap(plan.line)
        return row
      case .copy(_, _, let byteCount): return row("copy", "copy", bytes: 2 * byteCount)
      case .storeIteration: return row("step index", "copy")
      case .loopBegin: return row("repeat", "loop")
      case .loopEnd: return row("next iteration", "loop")
      }
    }
  }
}
