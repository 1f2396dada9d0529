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

  /// One step of a program.
  public indirect enum Step: Sendable {
    case call(Call)
    case copy(source: Place, destination: Place, byteCount: Int)
    case storeStep(loop: Int, destination: Place)
    case loop(number: Int, count: Int, isReversed: Bool, body: [Step])
  }

  /// One launch of a kernel.
  public struct Call: Sendable {
    public var function: Int
    public var arguments: [Place]
    public var scratch: Place?
    /// Into how many parts the launch is divided, at least one for every worker; 1 where it is too small to divide.
    public var shares: Int
    public var label: String
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

  /// Where bytes are: a buffer, and how far to move in it for each iteration of the loops around.
  public struct Place: Hashable, Sendable {
    public var base: Base
    public var byteOffset: Int
    public var terms: [Term]

    public enum Base: Hashable, Sendable {
      /// Index of a buffer of the arena.
      case buffer(Int)
      /// Index of a graph parameter.
      case parameter(Int)
    }

    public struct Term: Hashable, Sendable {
      public var loop: Int
      public var byteStride: Int
    }
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
    public var name: String
    public var category: String
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
  /// Schedules a graph for so many workers.
  ///
  /// - Parameters:
  ///   - graph: after the passes: decomposed, checkpoints inlined.
  ///   - fuses: whether operations over the same elements or rows share a kernel.
  ///   - streams: when kernels over the same rows share a launch, tile by tile; nil for never.
  public init(_ graph: Graph, workerCount: Int, fuses: Bool = true, streams: StreamLimits? = StreamLimits()) {
    let lowered = LoweredGraph(graph.isolatingResults())
    let timeline = Timeline(lowered, workerCount: workerCount, fuses: fuses, streams: streams)
    let assignment = StorageAssignment(lowered, timeline, workerCount: workerCount)
    self = ScheduleBuilder(lowered, timeline, assignment).schedule()
  }

  /// Steps of the plan, loop bodies counted once.
  public var stepCount: Int { Self.count(steps) }

  private static func count(_ steps: [Step]) -> Int {
    steps.reduce(0) { total, step in
      if case .loop(_, _, _, let body) = step { total + 1 + count(body) } else { total + 1 }
    }
  }

  /// Floating-point operations of one run, by role; each, and so the sum, stops where `OperationCount` does.
  public var flops: [Graph.Role: Int] {
    var totals: [Graph.Role: Int] = [:]
    Self.addFlops(steps, times: 1, &totals)
    return totals
  }

  private static func addFlops(_ steps: [Step], times: Int, _ totals: inout [Graph.Role: Int]) {
    for step in steps {
      switch step {
      case .call(let call):
        add(call.flops - call.recomputedFlops, times, &totals[call.role, default: 0])
        if call.recomputedFlops > 0 { add(call.recomputedFlops, times, &totals[.recompute, default: 0]) }
      case .loop(_, let count, _, let body): addFlops(body, times: OperationCount.product([times, count]), &totals)
      case .copy, .storeStep: break
      }
    }
  }

  private static func add(_ flops: Int, _ times: Int, _ total: inout Int) {
    total = OperationCount.sum(total, OperationCount.product([flops, times]))
  }
}
