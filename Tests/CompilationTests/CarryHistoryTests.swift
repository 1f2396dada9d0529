import Compilation
import GraphIR
import KernelIR
import Operators
import TensorTypes
import TestSupport
import Testing

/// Carries that a loop stacks: computed frame by frame where they are kept.
@Suite struct CarryHistoryTests {
  private static let type = TensorType(.float32, [4, 8])
  private static let stackType = TensorType(.float32, [5, 4, 8])

  private struct Kind: Sendable, CustomTestStringConvertible {
    var stacks: [String]
    var isReversed: Bool
    var testDescription: String { stacks.joined(separator: " ") + (isReversed ? ", reversed" : "") }
  }

  private static let kinds: [Kind] = [["entering"], ["leaving", "entering"], ["entering", "leaving", "entering"]]
    .flatMap { stacks in [false, true].map { Kind(stacks: stacks, isReversed: $0) } }

  /// `c <- sine(c + slice)` five times, from the cosine of an input.
  private static func loop(_ build: GraphBuilder, _ initial: Graph.Value, _ sequence: Graph.Value, _ kind: Kind)
    -> [Graph.Value]
  {
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let (carry, slice) = (build.graph.addParameter(type, to: region), build.graph.addParameter(type, to: region))
    build.inside(region) {
      let next = build.emit1(.sine, build.add(carry, slice))
      build.graph[region].results = [next] + kind.stacks.map { $0 == "entering" ? carry : next }
    }
    var attributes: Attributes = ["count": .integer(5), "carries": .integer(1)]
    if kind.isReversed { attributes["reversed"] = .flag(true) }
    return build.emit(.repeat, [initial, sequence], attributes, regions: [region])
  }

  private static func parameters(_ build: GraphBuilder, _ types: [TensorType]) -> ([Graph.Value], [HostTensor]) {
    let values = types.enumerated().map { build.graph.addParameter($1, name: "p\($0)", role: .input) }
    return (values, types.enumerated().map { SampleTensors.tensor($1, .uniform(-1, 1), seed: UInt64($0)) })
  }

  @Test(arguments: kinds) private func nothingIsCopiedInTheLoop(_ kind: Kind) throws {
    let build = GraphBuilder(Graph(name: "history"))
    let (p, tensors) = Self.parameters(build, [Self.type, Self.stackType])
    let results = Self.loop(build, build.emit1(.cosine, p[0]), p[1], kind)
    for (index, value) in results.enumerated() { build.graph.addResult(value, name: "y\(index)") }
    let plan = try Compiler.plan(build.graph, CompilerOptions(workerCount: 1))
    let steps = plan.schedule.steps
    let begin = try #require(steps.firstIndex { if case .loopBegin = $0 { true } else { false } })
    let end = try #require(steps.firstIndex { if case .loopEnd = $0 { true } else { false } })
    #expect(end - begin == 2, "one kernel")
    // Five frames and one more, whatever is stacked, and what enters them.
    #expect(plan.memory.arenaByteCount <= 7 * Self.type.byteCount)
    try ProgramCheck(build.graph, tensors, "history \(kind)").run(.few(0))
  }

  /// The last value is read when the stacks are not any more, by another loop that begins with it; all of that in a loop.
  @Test(arguments: kinds) private func lastValueOutlivesTheFrames(_ kind: Kind) throws {
    let build = GraphBuilder(Graph(name: "histories"))
    let (p, tensors) = Self.parameters(build, [Self.type, Self.stackType])
    let outer = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: outer)
    let state = build.graph.addParameter(Self.type, to: outer)
    build.inside(outer) {
      let first = Self.loop(build, build.emit1(.cosine, state), p[1], kind)
      let sums = first.dropFirst().map { build.sum($0, [0]) }
      let second = Self.loop(build, first[0], p[1], kind)
      let sum = (sums + [second[0], first[0]]).reduce(state) { build.add($0, $1) }
      build.graph[outer].results = [build.emit1(.sine, sum), second[1]]
    }
    let results = build.emit(
      .repeat, [p[0]], ["count": .integer(3), "carries": .integer(1)], regions: [outer])
    for (index, value) in results.enumerated() { build.graph.addResult(value, name: "y\(index)") }
    try ProgramCheck(build.graph, tensors, "histories \(kind)").run(.few(0))
  }

  /// A loop that begins with a parameter, and whose last value becomes that parameter's; both loops keep their carries.
  @Test(arguments: kinds) private func lastValuesBecomeParameters(_ kind: Kind) throws {
    let build = GraphBuilder(Graph(name: "updated"))
    let state = build.graph.addParameter(Self.type, name: "state", role: .state)
    let (p, tensors) = Self.parameters(build, [Self.stackType])
    let outer = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: outer)
    let carry = build.graph.addParameter(Self.type, to: outer)
    build.inside(outer) {
      let inner = Self.loop(build, carry, p[0], kind)
      build.graph[outer].results = [inner[0], carry, build.sum(inner[1], [0])]
    }
    let results = build.emit(
      .repeat, [state], ["count": .integer(3), "carries": .integer(1)], regions: [outer])
    build.graph.addResult(results[0], name: "state", updating: state)
    for index in 1...2 { build.graph.addResult(results[index], name: "y\(index)") }
    let first = SampleTensors.tensor(Self.type, .uniform(-1, 1), seed: 7)
    try ProgramCheck(build.graph, [first] + tensors, "updated \(kind)").run(.few(0))
  }

  /// Frames without elements take no bytes.
  @Test func framesMayBeEmpty() throws {
    let build = GraphBuilder(Graph(name: "empty"))
    let x = build.graph.addParameter(TensorType(.float32, [0, 8]), name: "x", role: .input)
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carry = build.graph.addParameter(TensorType(.float32, [0, 8]), to: region)
    build.inside(region) { build.graph[region].results = [build.emit1(.sine, carry), carry] }
    let results = build.emit(.repeat, [x], ["count": .integer(4), "carries": .integer(1)], regions: [region])
    for (index, value) in results.enumerated() { build.graph.addResult(value, name: "y\(index)") }
    try ProgramCheck(build.graph, [HostTensor([0, 8], [Float]())], "empty").run(.few(0))
  }

  /// A carry that stays as it is, two that swap and one that lags behind another have values that are copied.
  @Test func carriesWithoutOwnNextValues() throws {
    let build = GraphBuilder(Graph(name: "delayed"))
    let (p, tensors) = Self.parameters(build, [Self.type, Self.type, Self.type])
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let c = (0..<3).map { _ in build.graph.addParameter(Self.type, to: region) }
    build.inside(region) {
      build.graph[region].results = [c[0], build.add(c[0], c[1]), c[1]] + c + [c[1]]
    }
    let results = build.emit(.repeat, p, ["count": .integer(4), "carries": .integer(3)], regions: [region])
    for (index, value) in results.enumerated() { build.graph.addResult(value, name: "y\(index)") }
    try ProgramCheck(build.graph, tensors, "delayed").run(.few(0))
  }
}
