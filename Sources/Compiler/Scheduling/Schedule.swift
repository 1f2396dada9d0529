import GraphIR
import KernelIR
import MemoryPlanning
import Operators
import TensorTypes

/// A graph as ordered kernels with a place for every value: all but addresses in bytes of real memory.
public struct Schedule: Sendable {
  public var name: String
  /// Distinct kernels, in order of first use.
  public var functions: [KernelFunction]
  public var steps: [Step]
  /// By the numbers that calls have.
  public var launches: [LaunchDescription]
  public var loopCount: Int
  public var problem: MemoryProblem
  /// What the arena's buffers hold, in the order of the problem's buffers.
  public var buffers: [BufferDescription]
  public var parameters: [Binding]
  public var results: [Binding]
  /// Loops with their positions on the timeline.
  public var phases: [Phase]
  /// Positions on the timeline.
  public var length: Int
  /// What the steps mean.
  public var flow: DataFlow

  /// What a launch is for, and what it costs.
  public struct LaunchDescription: Sendable {
    public var label: String
    /// Token of the user's line that asked for the last of its operations; nil if none did.
    public var location: Int?
    public var role: Graph.Role
    /// Floating-point operations of one launch.
    public var flops: Int
    /// Those of a backward kernel that compute again what the forward part knew.
    public var recomputedFlops: Int
    /// On the timeline, for what is live while it runs.
    public var position: Int
    /// Bytes that one launch reads and writes at least: every argument once.
    public var byteCount: Int
  }

  /// A named value at the border of the program.
  public struct Binding: Sendable {
    public var name: String
    public var type: TensorType
    public var role: ParameterRole?
    public var place: Place
    public var updatedParameter: Int?
  }

  /// What a buffer holds, for people.
  public struct BufferDescription: Sendable {
    public var name: BufferName
    public var category: String
    /// Whether it is scratch of workers or panels of an operand, whose bytes follow from the target and the workers.
    public var isScratchOrPanels: Bool
  }

  /// A loop on the timeline.
  public struct Phase: Sendable {
    public var name: String
    public var positions: Range<Int>
    public var tripCount: Int
    public var depth: Int
  }
}

extension Schedule {
  /// Schedules of a graph for so many workers: one in which panels are made for each use, or each loop, anew, and before it
  /// perhaps one in which some stay in memory from one product to the next, with no more bytes alive at the peak.
  ///
  /// - Parameters:
  ///   - graph: after the passes: decomposed, checkpoints inlined.
  ///   - target: what the kernels will run on, and whether they share launches.
  ///   - fuses: whether operations over the same elements or rows share a kernel.
  public static func candidates(_ graph: Graph, _ target: Target, workerCount: Int, fuses: Bool = true) -> [Schedule] {
    let lowered = LoweredGraph(graph.inliningSingleIterations().isolatingResults(), target)
    let team = Team(workerCount: workerCount, target: target, graph: lowered.graph)
    let timeline = Timeline(lowered, team, fuses: fuses)
    let plain = Schedule(lowered, team, timeline.withPanels(team) { _, _ in false })
    var live = plain.problem.liveByteCounts(length: plain.length)
    let peak = live.max() ?? 0
    var hasKept = false
    let keeping = timeline.withPanels(team) { byteCount, positions in
      guard live[positions].allSatisfy({ $0 + byteCount <= peak }) else { return false }
      for position in positions { live[position] += byteCount }
      hasKept = true
      return true
    }
    return hasKept ? [Schedule(lowered, team, keeping), plain] : [plain]
  }

  private init(_ lowered: LoweredGraph, _ team: Team, _ timeline: Timeline) {
    self = ScheduleBuilder(lowered, timeline, StorageAssignment(lowered, timeline, team), team).schedule()
  }

  /// The largest sum of bytes that are alive at once without scratch and panels. Which values are stored at all still
  /// follows from what shares a launch.
  public var valueByteCount: Int {
    problem.liveByteCounts(length: length) { !buffers[$0].isScratchOrPanels }.max() ?? 0
  }

  /// Bytes of scratch and panels when memory is fullest.
  public var scratchAndPanelByteCount: Int {
    problem.liveBuffers(at: problem.peakPosition).filter { buffers[$0.id].isScratchOrPanels }
      .reduce(0) { $0 + $1.byteCount }
  }

  /// Steps of the plan, loop bodies counted once.
  public var stepCount: Int { steps.count { if case .loopEnd = $0 { false } else { true } } }

  /// Calls the visitor with every step, and how often a run comes to it; loops count for what is around them. A loop whose
  /// count is computed is taken to run as often as the compiler expects, or as often as it may.
  public func forEachStep(_ visit: (_ step: Step, _ times: Int) -> Void) {
    var times = [1]
    for step in steps {
      if case .loopEnd = step { times.removeLast() }
      visit(step, times[times.count - 1])
      if case .loopBegin(let loop) = step {
        let around = times[times.count - 1]
        let expected = loop.expectedCount.map { OperationCount.product(around, $0) }
        times.append(expected ?? OperationCount.product([around, loop.count]))
      }
    }
  }

  /// Floating-point operations of one run, by role; each, and so the sum, stops where `OperationCount` does.
  public var flops: [Graph.Role: Int] {
    var totals: [Graph.Role: Int] = [:]
    func add(_ flops: Int, _ times: Int, to role: Graph.Role) {
      totals[role] = OperationCount.sum(totals[role] ?? 0, OperationCount.product([flops, times]))
    }
    forEachStep { step, times in
      guard case .call(let call) = step else { return }
      let launch = launches[call.launch]
      add(launch.flops - launch.recomputedFlops, times, to: launch.role)
      if launch.recomputedFlops > 0 { add(launch.recomputedFlops, times, to: .recompute) }
    }
    return totals
  }
}
