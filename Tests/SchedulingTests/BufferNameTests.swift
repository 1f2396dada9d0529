import GraphIR
import KernelIR
import Operators
import TensorTypes
import Testing

@testable import Scheduling

/// Buffers are called as the user calls what they hold.
@Suite struct BufferNameTests {
  private static let type = TensorType(.float32, [4, 8])

  /// A loop of so many iterations that stacks `body` of its carry.
  private static func loop(
    _ build: GraphBuilder, _ x: Graph.Value, count: Int, _ body: (Graph.Value) -> (next: Graph.Value, out: Graph.Value)
  ) -> [Graph.Value] {
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carry = build.graph.addParameter(build.type(of: x), to: region)
    build.inside(region) {
      let (next, out) = body(carry)
      build.graph[region].results = [next, out]
    }
    return build.emit(.repeat, [x], ["count": .integer(count), "carries": .integer(1)], regions: [region])
  }

  private static func line(_ token: Int) -> String? { token == 7 ? "Net.swift:18" : nil }

  @Test func stacksAreCalledAfterWhatTheyHold() {
    let build = GraphBuilder(Graph(name: "loops"))
    let x = build.graph.addParameter(Self.type, name: "x", role: .input)
    let net = build.graph.addScope("net", parent: 0)
    let outer = Self.loop(build, x, count: 10) { carry in
      let inner = Self.loop(build, carry, count: 6) { state in
        build.annotation = Graph.Annotation(scope: net, location: 7)
        let z = build.emit1(.sine, state)
        build.graph[z].name = "z"
        return (build.transpose(build.transpose(z, [1, 0]), [1, 0]), build.reshape(z, to: [8, 4]))
      }
      return (inner[0], inner[1])
    }
    let stack = BufferName(outer[1], in: build.graph)
    #expect(stack.text(Self.line) == "z of net (Net.swift:18) x 10 x 6")
    #expect(stack.description == "z of net x 10 x 6")
    #expect(BufferName(outer[0], in: build.graph).text(Self.line) == "z of net (Net.swift:18)")
  }

  @Test func whatHasNoLabelIsCalledAfterItsOperation() {
    let build = GraphBuilder(Graph(name: "plain"))
    let x = build.graph.addParameter(Self.type, name: "x", role: .input)
    #expect(BufferName(build.emit1(.sine, x), in: build.graph).text(Self.line) == "sine")
    #expect(BufferName(build.transpose(x, [1, 0]), in: build.graph).description == "x")
    let loop = Self.loop(build, x, count: 3) { (build.emit1(.cosine, $0), $0) }
    #expect(BufferName(loop[1], in: build.graph).description == "carry 0 x 3")
  }

  /// Names and residuals are found without recursion.
  @Test func longChainsOfMovementHaveNames() {
    let build = GraphBuilder(Graph(name: "chain"))
    var value = build.emit1(.sine, build.graph.addParameter(Self.type, name: "x", role: .input))
    for _ in 0..<200_000 { value = build.emit1(.stopGradient, value) }
    #expect(BufferName(value, in: build.graph).description == "sine")
    build.annotation.role = .backward
    _ = build.negate(value)
    #expect(build.graph.residuals().count == 1)
  }

  @Test func parametersOfALoopAreToldApart() {
    let build = GraphBuilder(Graph(name: "loop"))
    let x = build.graph.addParameter(Self.type, name: "x", role: .input)
    let region = build.graph.addRegion()
    let types = [TensorType(.int32, .scalar), Self.type, TensorType(.float32, [8])]
    let inner = types.map { build.graph.addParameter($0, name: nil, to: region) }
    build.graph[region].results = [inner[1]]
    _ = build.emit(.repeat, [x, x], ["count": .integer(4), "carries": .integer(1)], regions: [region])
    #expect(inner.map { BufferName($0, in: build.graph).description } == ["step", "carry 0", "slice 0"])
  }

  /// A stack that the user asked for is no residual, one that only the backward part reads is.
  @Test func residualsAreWhatTheBackwardPartReads() {
    let build = GraphBuilder(Graph(name: "roles"))
    let x = build.graph.addParameter(Self.type, name: "x", role: .input)
    let loops = (0..<2).map { _ in Self.loop(build, x, count: 3) { (build.emit1(.cosine, $0), build.negate($0)) } }
    build.graph.addResult(build.sum(loops[0][1], [0]), name: "shown")
    build.annotation.role = .backward
    build.graph.addResult(build.sum(loops[1][1], [0]), name: "gradient")
    #expect(build.graph.residuals() == [loops[1][1]])
    let schedule = Schedule.candidates(build.graph, Target(products: SampleProducts()), workerCount: 1)[0]
    let stacks = schedule.buffers.filter { !$0.name.counts.isEmpty }
    #expect(stacks.map(\.category).sorted() == ["forward", "residuals"])
  }
}
