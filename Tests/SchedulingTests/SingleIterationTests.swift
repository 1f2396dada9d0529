import GraphIR
import KernelIR
import Operators
import TensorTypes
import Testing

@testable import Scheduling

/// Loops of one iteration are loops in the graph, and none in the schedule.
@Suite struct SingleIterationTests {
  private static let type = TensorType(.float32, [4, 8])

  /// Two carries, a slice and a stack: `(a, b) -> (b + slice, sine(a))`, stacking `a * b`, one after another.
  private static func graph(counts: [Int]) -> Graph {
    let build = GraphBuilder(Graph(name: "loops"))
    let x = build.graph.addParameter(type, name: "x", role: .input)
    let stackType = TensorType(.float32, Shape([counts[0]] + type.shape.extents))
    var stack = build.graph.addParameter(stackType, name: "stack", role: .input)
    var carries = [x, build.emit1(.cosine, x)]
    for count in counts {
      let region = build.graph.addRegion()
      _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
      let inner = (0..<3).map { _ in build.graph.addParameter(type, to: region) }
      build.inside(region) {
        build.graph[region].results = [
          build.add(inner[1], inner[2]), build.emit1(.sine, inner[0]), build.multiply(inner[0], inner[1]),
        ]
      }
      let results = build.emit(
        .repeat, carries + [stack], ["count": .integer(count), "carries": .integer(2)], regions: [region])
      (carries, stack) = (Array(results[0..<2]), results[2])
    }
    build.graph.addResult(build.add(carries[0], carries[1]), name: "y")
    build.graph.addResult(stack, name: "stacked")
    return build.graph
  }

  private static func schedule(_ graph: Graph) -> Schedule {
    Schedule.candidates(graph, Target(products: SampleProducts()), workerCount: 1)[0]
  }

  @Test func oneIterationIsNoLoop() {
    let graph = Self.graph(counts: [1, 1])
    #expect(graph.violations().isEmpty && graph.inliningSingleIterations().violations().isEmpty)
    let schedule = Self.schedule(graph)
    #expect(schedule.loopCount == 0)
    #expect(Self.schedule(Self.graph(counts: [2, 2])).loopCount == 2)
  }

  /// Nobody asked for such a loop, but a pass may leave one.
  @Test func loopsWithoutResultsAreScheduled() {
    let build = GraphBuilder(Graph(name: "idle"))
    let x = build.graph.addParameter(Self.type, name: "x", role: .input)
    for count in 1...2 {
      let region = build.graph.addRegion()
      _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
      _ = build.emit(.repeat, [], ["count": .integer(count), "carries": .integer(0)], regions: [region])
    }
    build.graph.addResult(build.emit1(.sine, x), name: "y")
    #expect(Self.schedule(build.graph).loopCount == 1)
  }

  /// The stack of one frame is its frame: what fills it writes where the result lies.
  @Test func nothingIsCopied() {
    let steps = Self.schedule(Self.graph(counts: [1, 1])).steps
    #expect(steps.allSatisfy { if case .copy = $0 { false } else { true } })
  }

  /// Two carries that begin with equal zeros have a constant each, written where the carry is.
  @Test func carriesThatBeginWithOneConstantHaveTheirOwn() {
    let build = GraphBuilder(Graph(name: "zeros"))
    let zero = build.constant(0, Self.type)
    let x = build.graph.addParameter(Self.type, name: "x", role: .input)
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let inner = (0..<3).map { _ in build.graph.addParameter(Self.type, to: region) }
    build.inside(region) {
      build.graph[region].results = [
        build.add(inner[0], x), build.multiply(inner[1], x), build.add(inner[1], inner[2]),
      ]
    }
    let results = build.emit(
      .repeat, [zero, zero, zero], ["count": .integer(3), "carries": .integer(3)], regions: [region])
    for (index, value) in results.enumerated() { build.graph.addResult(value, name: "y\(index)") }
    let steps = Self.schedule(build.graph).steps
    #expect(steps.allSatisfy { if case .copy = $0 { false } else { true } }, "\(steps)")
  }
}
