import Fuzzing
import GraphIR
import Operators
import TensorTypes
import TestSupport
import Testing

/// Defects that random programs showed, each in its smallest form.
@Suite struct DefectTests {
  /// Kernels that write 0 and -0 were taken for the same kernel, since 0 equals -0 as a number.
  @Test func constantsOfZeroAndMinusZeroKeepTheirSigns() throws {
    let build = GraphBuilder(Graph(name: "zeros"))
    let type = TensorType(.float32, [5])
    build.graph.addResult(build.constant(-0.0, type), name: "minus")
    build.graph.addResult(build.constant(0.0, type), name: "plus")
    try ProgramCheck(build.graph, [], "zeros").run(.few(0))
  }

  /// A step index that a kernel read had no place in memory.
  @Test func stepIndexIsReadByKernels() throws {
    let build = GraphBuilder(Graph(name: "steps"))
    let type = TensorType(.float32, [3])
    let start = build.graph.addParameter(type, name: "start", role: .input)
    let region = build.graph.addRegion()
    let step = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carry = build.graph.addParameter(type, to: region)
    build.inside(region) {
      let number = build.broadcast(build.convert(step, to: .float32), to: type.shape, axes: [])
      build.graph[region].results = [build.emit1(.sine, build.add(carry, number))]
    }
    let final = build.emit(.repeat, [start], ["count": .integer(4), "carries": .integer(1)], regions: [region])[0]
    build.graph.addResult(final, name: "final")
    try ProgramCheck(build.graph, [SampleTensors.tensor(type, .uniform(-1, 1), seed: 3)], "steps").run(.few(0))
  }

  /// In double precision the negative number behind the minus was no C: the loop goes when nothing is folded any more.
  @Test func negativeConstantsAreNegated() throws {
    let build = GraphBuilder(Graph(name: "negated"))
    let type = TensorType(.float64, [5])
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carry = build.graph.addParameter(type, to: region)
    build.inside(region) { build.graph[region].results = [build.emit1(.negate, carry)] }
    let start = build.constant(-1.5, type)
    let final = build.emit(.repeat, [start], ["count": .integer(1), "carries": .integer(1)], regions: [region])[0]
    build.graph.addResult(final, name: "final")
    try ProgramCheck(build.graph, [], "negated").run(.few(0))
  }

  /// As many places as elements, not as their square.
  @Test func longVectorsAreSorted() throws {
    let build = GraphBuilder(Graph(name: "sorted"))
    let x = build.graph.addParameter(TensorType(.float32, [50_000]), name: "x", role: .input)
    let places = build.graph.addParameter(TensorType(.int32, [50_000]), name: "places", role: .input)
    build.graph.addResult(
      build.emit(.takeAlongAxis, [x, places], ["axis": .integer(0)])[0], name: "taken")
    #expect(build.graph.violations().isEmpty)
  }

  /// A product was added to its own factor in the factor's place, which it still had to read.
  @Test(arguments: [true, false], [[48, 48], [3, 48, 48]])
  func productsAreNotWrittenOverTheirFactors(_ isLeft: Bool, _ extents: [Int]) throws {
    let build = GraphBuilder(Graph(name: "residual"))
    let type = TensorType(.float32, Shape(extents))
    let parameters = ["x", "w"].map { build.graph.addParameter(type, name: $0, role: .input) }
    let batch = Array(0..<extents.count - 2)
    let axes = DotAxes(
      leftBatch: batch, rightBatch: batch, leftInner: [extents.count - 1], rightInner: [extents.count - 2])
    let x = build.emit1(.sigmoid, parameters[0])
    let product = isLeft ? build.dot(x, parameters[1], axes) : build.dot(parameters[1], x, axes)
    build.graph.addResult(build.add(x, product), name: "y")
    let tensors = (0..<2).map { SampleTensors.tensor(type, .uniform(-1, 1), seed: UInt64($0)) }
    try ProgramCheck(build.graph, tensors, "residual").run(.few(0))
  }

  /// Rows were added to a table in its own place, which held the rows that were still to be added.
  @Test func rowsAreNotAddedOverThemselves() throws {
    let build = GraphBuilder(Graph(name: "scatter"))
    let type = TensorType(.float32, [6, 4])
    let x = build.graph.addParameter(type, name: "x", role: .input)
    let rows = build.graph.addParameter(TensorType(.int32, [6]), name: "rows", role: .input)
    let table = build.emit1(.sigmoid, x)
    build.graph.addResult(build.emit1(.scatterAdd, table, rows, table), name: "y")
    let tensors = [
      SampleTensors.tensor(type, .uniform(-1, 1), seed: 1), HostTensor([6], .int32([1, 2, 3, 4, 5, 0])),
    ]
    try ProgramCheck(build.graph, tensors, "scatter").run(.few(0))
  }

  private static func concatenation(_ build: GraphBuilder, _ operands: [Graph.Value], _ axis: Int) -> Graph.Value {
    build.emit(.concatenate, operands, ["axis": .integer(axis)])[0]
  }

  /// `body` over inputs of so many shapes, against the reference.
  private func check(_ name: String, _ shapes: [Shape], _ body: (GraphBuilder, [Graph.Value]) -> Graph.Value) throws {
    let build = GraphBuilder(Graph(name: name))
    let types = shapes.map { TensorType(.float32, $0) }
    let parameters = types.enumerated().map { build.graph.addParameter($1, name: "p\($0)", role: .input) }
    build.graph.addResult(body(build, parameters), name: "y")
    let tensors = types.enumerated().map { SampleTensors.tensor($1, .uniform(-1, 1), seed: UInt64($0)) }
    let check = ProgramCheck(build.graph, tensors, name)
    for number in 0..<2 { try check.run(.few(number)) }
    for workerCount in 1...2 {
      let problems = try check.check.problems(Configuration(workerCount: workerCount))
      #expect(problems.isEmpty, "\(name), \(workerCount) workers: \(problems)")
    }
  }

  /// A concatenation that a view reads was laid into another one, and then neither place had it.
  @Test func concatenationsWithinConcatenationsAreCopied() throws {
    try check("nested", [[4, 2], [4, 2], [3, 8]]) { build, p in
      let first = Self.concatenation(build, p[0..<2].map { build.emit1(.exponential, $0) }, 1)
      return Self.concatenation(build, [build.emit1(.exponential, p[2]), build.reshape(first, to: [2, 8])], 0)
    }
  }

  /// The same without a view: it is too large to be computed wherever it is read.
  @Test func largeConcatenationsWithinConcatenationsAreCopied() throws {
    try check("large", Array(repeating: [4, 1], count: 20) + [[3, 20]]) { build, p in
      let parts = (0..<20).map { build.emit1($0 % 2 == 0 ? .exponential : .sine, p[$0]) }
      return Self.concatenation(build, [build.emit1(.exponential, p[20]), Self.concatenation(build, parts, 1)], 0)
    }
  }

  /// A transposition that lies in memory read its operand, which was stored elsewhere.
  @Test func storedTranspositionsAreComputedWhereTheyGo() throws {
    try check("turned", [[3, 4], [1, 6]]) { build, p in
      let turned = build.transpose(build.emit1(.exponential, p[0]), [1, 0])
      return Self.concatenation(build, [build.reshape(turned, to: [2, 6]), build.emit1(.sine, p[1])], 0)
    }
  }

  /// Two parts of one concatenation, computed by one kernel, shared the row that waits to be stored around the caches.
  @Test func partsAroundTheCachesHaveTheirOwnPlaces() throws {
    try check("parts", [[64, 16]]) { build, p in
      let spread = build.broadcast(build.sum(p[0], [1]), to: [64, 16], axes: [0])
      let parts = [build.emit1(.sine, build.add(p[0], spread)), build.emit1(.cosine, build.multiply(p[0], spread))]
      return Self.concatenation(build, parts, 0)
    }
  }

  /// A part that was computed before the group of the other part, and of what reads the whole, was overwritten.
  @Test func partsFromBeforeAGroupAreKept() throws {
    try check("before", [[512, 64], [512, 64], [64, 64], [128, 64]]) { build, p in
      let axes = DotAxes(leftInner: [1], rightInner: [0])
      let early = build.emit1(.sine, p[0])
      let late = build.emit1(.sigmoid, build.dot(p[1], p[2], axes))
      return build.dot(Self.concatenation(build, [late, early], 1), p[3], axes)
    }
  }
}
