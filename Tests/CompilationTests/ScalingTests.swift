import Compilation
import Differentiation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import Testing

/// What must not grow: stacks with long chains, programs with trip counts; and work no faster than programs.
@Suite struct ScalingTests {
  @Test func chainOfHundredThousandOperationsCompilesAndRuns() throws {
    let graph = GrowingGraph.chain(100_000)
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
    let input = HostTensor(Shape([64]), (0..<64).map { 1 + Float($0) / 64 })
    try program.set("x", input)
    try program.run()
    #expect(try program.result(at: 0).isIdentical(to: ReferenceEvaluator.evaluate(graph, [input])[0]))
    #expect(program.plan.schedule.functions.count < 20)
  }

  /// Doubling a program at most multiplies the work of compiling it by 2.3.
  @Test(arguments: GrowingGraph.all) func workGrowsWithThePrograms(_ growing: GrowingGraph) throws {
    let (small, large) = (try growing.work(growing.size), try growing.work(2 * growing.size))
    #expect(Double(large) <= 2.3 * Double(small), "\(growing): \(small), then \(large) visits")
  }

  /// What `concatenate([x.slice(1..<n), x.slice(0..<1)])` again and again gives: each step once doubled the text of the kernel.
  @Test(arguments: [1, 4, 18, 40]) func rotationsAgainAndAgainKeepTheirBits(_ count: Int) throws {
    let graph = GrowingGraph.rotations(count)
    let input = HostTensor(Shape([64]), (0..<64).map { Float($0) })
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
    try program.set("x", input)
    try program.run()
    #expect(try program.result(at: 0).floats == (0..<64).map { Float(($0 + count) % 64) })
  }

  /// `x[..<half] + x[half...]` again and again: sums that movement alone reads are computed where they go, but not without end.
  @Test func halvesAgainAndAgainKeepTheirBits() throws {
    let graph = GrowingGraph.halves(12)
    let input = HostTensor(Shape([4096]), (0..<4096).map { Float($0 % 7) })
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
    try program.set("x", input)
    try program.run()
    #expect(try program.result(at: 0).isIdentical(to: ReferenceEvaluator.evaluate(graph, [input])[0]))
  }
}

extension ScalingTests {
  /// `x <- x + x` of no elements: each step reads nothing, but was looked through twice as often as the one before.
  @Test func sumsOfNothingAgainAndAgainEnd() throws {
    let build = GraphBuilder(Graph(name: "nothing"))
    let x = build.graph.addParameter(TensorType(.float32, [0, 2]), name: "x", role: .weight)
    let y = (0..<100).reduce(x) { value, _ in build.add(value, value) }
    build.graph.addResult(build.sum(build.sum(y, [0]), [0]), name: "loss")
    let program = try Compiler.compile(try build.graph.withGradients(), CompilerOptions(workerCount: 1))
    try program.run()
    #expect(try program.result(at: 0).floats == [0])
  }
}

/// Programs of one kind and any size.
struct GrowingGraph: Sendable, CustomTestStringConvertible {
  var name: String
  /// The smaller of the two that are compared.
  var size: Int
  var isDifferentiated = false
  var graph: @Sendable (Int) -> Graph

  var testDescription: String { name }

  static let all: [GrowingGraph] = [
    GrowingGraph(name: "chain", size: 2000, graph: chain),
    GrowingGraph(name: "chain with gradient", size: 500, isDifferentiated: true, graph: chain),
    GrowingGraph(name: "width", size: 500, graph: width),
    GrowingGraph(name: "width with gradient", size: 500, isDifferentiated: true, graph: width),
    GrowingGraph(name: "nesting", size: 8, graph: nesting),
    GrowingGraph(name: "rotations", size: 50, graph: rotations),
    GrowingGraph(name: "rotations with gradient", size: 50, isDifferentiated: true, graph: rotations),
    GrowingGraph(name: "halves", size: 7, graph: halves),
    GrowingGraph(name: "concatenation", size: 200, graph: concatenation),
    GrowingGraph(name: "concatenation with gradient", size: 200, isDifferentiated: true, graph: concatenation),
    GrowingGraph(name: "captured values", size: 100, isDifferentiated: true, graph: capturedValues),
    GrowingGraph(name: "carries", size: 100, isDifferentiated: true, graph: carries),
    GrowingGraph(name: "residuals", size: 100, isDifferentiated: true, graph: residuals),
    GrowingGraph(name: "loops", size: 50, isDifferentiated: true, graph: loops),
    GrowingGraph(name: "revolve", size: 500, isDifferentiated: true, graph: revolve),
  ]

  /// Visits of operations, values and regions from the graph to the plan.
  func work(_ size: Int) throws -> Int {
    var graph = graph(size)
    let visits = VisitCounter()
    graph.visits = visits
    if isDifferentiated { graph = try graph.trained() }
    _ = try Compiler.plan(graph, CompilerOptions(workerCount: 1))
    return visits.count
  }
}

extension Graph {
  /// The graph with the gradient of the sum of its first result as further results.
  fileprivate func trained() throws -> Graph {
    let build = GraphBuilder(self)
    let value = results[0]
    build.graph[Graph.body].results[0] = build.sum(value, Array(0..<build.type(of: value).shape.rank))
    return try build.graph.withGradients()
  }
}

extension GrowingGraph {
  private static let type: TensorType = TensorType(.float32, [64])

  private static func built(_ type: TensorType = type, _ body: (GraphBuilder, Graph.Value) -> Graph.Value) -> Graph {
    let build = GraphBuilder(Graph(name: "growing"))
    let x = build.graph.addParameter(type, name: "x", role: .weight)
    build.graph.addResult(body(build, x), name: "y")
    return build.graph
  }

  /// `x <- sin(x) * x`, again and again.
  @Sendable static func chain(_ count: Int) -> Graph {
    built { build, x in (0..<(count / 2)).reduce(x) { value, _ in build.multiply(build.emit1(.sine, value), value) } }
  }

  /// Many functions of one tensor, added up.
  @Sendable static func width(_ count: Int) -> Graph {
    built { build, x in
      let terms = (0..<count).map { build.emit1(.sine, build.scale(x, by: Double($0))) }
      return terms.dropFirst().reduce(terms[0], build.add)
    }
  }

  /// Loops inside loops; every one has a step of its own around the next.
  @Sendable static func nesting(_ depth: Int) -> Graph {
    func nest(_ build: GraphBuilder, _ value: Graph.Value, _ depth: Int) -> Graph.Value {
      if depth == 0 { return build.emit1(.sine, value) }
      return loop(build, [value]) { [build.emit1(.sine, nest(build, $0[0], depth - 1))] }[0]
    }
    return built { nest($0, $1, depth) }
  }

  /// The elements moved by one place, again and again.
  @Sendable static func rotations(_ count: Int) -> Graph {
    built { build, x in
      (0..<count).reduce(x) { value, _ in
        let parts = [build.part(value, 1..<64), build.part(value, 0..<1)]
        return build.emit(.concatenate, parts, ["axis": .integer(0)])[0]
      }
    }
  }

  /// The sum of both halves, again and again.
  @Sendable static func halves(_ count: Int) -> Graph {
    built(TensorType(.float32, Shape([1 << count]))) { build, x in
      (1...count).reduce(x) { value, step in
        let half = 1 << (count - step)
        return build.add(build.part(value, 0..<half), build.part(value, half..<(2 * half)))
      }
    }
  }

  /// A tensor laid together one by one, and taken apart.
  @Sendable static func concatenation(_ count: Int) -> Graph {
    built { build, x in
      let whole = (1..<count).reduce(x) { whole, step in
        build.emit(.concatenate, [whole, build.scale(x, by: Double(step))], ["axis": .integer(0)])[0]
      }
      let parts = (0..<count).map { build.emit1(.sine, build.part(whole, ($0 * 64)..<($0 * 64 + 64))) }
      return parts.dropFirst().reduce(parts[0], build.add)
    }
  }

  /// A loop that reads many weights.
  @Sendable static func capturedValues(_ count: Int) -> Graph {
    built { build, x in
      let weights = (0..<count).map { build.graph.addParameter(type, name: "w\($0)", role: .weight) }
      return loop(build, [x]) { [weights.reduce($0[0]) { build.multiply($0, $1) }] }[0]
    }
  }

  /// A loop with many carries, each the next one's step.
  @Sendable static func carries(_ count: Int) -> Graph {
    built { build, x in
      let results = loop(build, Array(repeating: x, count: count)) { carries in
        carries.indices.map { build.multiply(carries[$0], carries[($0 + 1) % carries.count]) }
      }
      return results.dropFirst().reduce(results[0], build.add)
    }
  }

  /// A loop whose step keeps many values, most of which are computed again.
  @Sendable static func residuals(_ count: Int) -> Graph {
    built { build, x in
      loop(build, [x]) { carries in
        [
          (0..<count).reduce(carries[0]) { value, step in
            build.emit1(.hyperbolicTangent, build.scale(build.multiply(value, value), by: Double(step)))
          }
        ]
      }[0]
    }
  }

  /// Loops one after another.
  @Sendable static func loops(_ count: Int) -> Graph {
    built { build, x in (0..<count).reduce(x) { value, _ in loop(build, [value]) { [build.emit1(.sine, $0[0])] }[0] } }
  }

  /// One loop of so many iterations, with ten states kept at a time.
  @Sendable static func revolve(_ count: Int) -> Graph {
    built { build, x in loop(build, [x], count, .revolve(slots: 10)) { [build.emit1(.sine, $0[0])] }[0] }
  }

  private static func loop(
    _ build: GraphBuilder, _ initial: [Graph.Value], _ count: Int = 3, _ mode: GradientMode = .full,
    _ step: ([Graph.Value]) -> [Graph.Value]
  ) -> [Graph.Value] {
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carries = initial.map { build.graph.addParameter(build.type(of: $0), to: region) }
    let next = build.inside(region) { step(carries) }
    build.graph[region].results = next
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(carries.count)]
    for (name, value) in mode.attributes { attributes[name] = value }
    return build.emit(.repeat, initial, attributes, regions: [region])
  }
}

extension GraphBuilder {
  /// A part of a row.
  fileprivate func part(_ value: Graph.Value, _ range: Range<Int>) -> Graph.Value {
    emit(
      .slice, [value],
      ["axis": .integer(0), "start": .integer(range.lowerBound), "end": .integer(range.upperBound)])[0]
  }
}
