import Compilation
import Differentiation
import GraphIR
import KernelIR
import Operators
import ReferenceEvaluation
import Scheduling
import TensorTypes
import TestSupport
import Testing

/// Kernels over the same rows share a launch and give the reference's bits, whatever the tiles.
@Suite struct StreamedGroupTests {
  private static let inner = DotAxes(leftInner: [1], rightInner: [0])

  /// `x + silu(x a) b`, normalised over rows.
  private static func block(rows: Int, width: Int, wide: Int, isLoss: Bool = false) -> (Graph, [HostTensor]) {
    let build = GraphBuilder(Graph(name: "block"))
    let shapes = [Shape([rows, width]), Shape([width, wide]), Shape([wide, width])]
    let p = zip(["x", "a", "b"], shapes).map { name, shape in
      build.graph.addParameter(TensorType(.float32, shape), name: name, role: .input)
    }
    let hidden = build.dot(p[0], p[1], inner)
    let gated = build.multiply(hidden, build.emit1(.sigmoid, hidden))
    let sum = build.add(p[0], build.dot(gated, p[2], inner))
    let y = build.emit(.softmax, [sum])[0]
    build.graph.addResult(isLoss ? build.sum(build.multiply(y, y), [0, 1]) : y, name: "y")
    let tensors = shapes.enumerated().map { index, shape in
      SampleTensors.tensor(TensorType(.float32, shape), .uniform(-1, 1), seed: UInt64(index))
    }
    return (build.graph, tensors)
  }

  private static func groups(_ graph: Graph, workerCount: Int, _ streams: StreamLimits?) throws -> [StreamedGroup] {
    let target = Target.generated.streaming(streams)
    let plan = try Compiler.plan(graph, CompilerOptions(workerCount: workerCount, target: target))
    return plan.schedule.functions.compactMap { if case .streamed(let group) = $0 { group } else { nil } }
  }

  /// Whole and broken panels, tiles and workers' shares; chains of one and several parts.
  @Test(arguments: [(256, 32, 64), (300, 16, 40), (517, 24, 270), (262, 33, 47)])
  func blockHasTheReferencesBits(_ rows: Int, _ width: Int, _ wide: Int) throws {
    let (graph, tensors) = Self.block(rows: rows, width: width, wide: wide)
    let found = try Self.groups(graph, workerCount: 2, StreamLimits())
    #expect(found.map(\.members.count) == [4], "two products, the gate, the sum with its softmax")
    #expect(found.map(\.locals.count) == [3], "nothing but the result is stored")
    try ProgramCheck(graph, tensors, "block").run(.few(0))
    let (loss, _) = Self.block(rows: rows, width: width, wide: wide, isLoss: true)
    try ProgramCheck(loss.withGradients(), tensors, "gradient of a block").run(.few(1))
  }

  /// A kernel of 15 rows computes the operand of 18 matrices under another shape: tiles of matrices are no rows of its own.
  @Test func kernelsWithOtherRowsStayOutside() throws {
    let graph = try Graph(
      parsing: """
        graph @rows(weight %a: f32[54], weight %b: f32[9]) {
          %0 = broadcast %a {axes = [1], shape = [15, 54]} : f32[15, 54]
          %1 = reshape %0 {shape = [18, 3, 3, 5]} : f32[18, 3, 3, 5]
          %2 = broadcast %b {axes = [1], shape = [108, 9]} : f32[108, 9]
          %3 = reshape %2 {shape = [18, 3, 6, 3]} : f32[18, 3, 6, 3]
          %4 = dot %1, %3 {left_batch = [0], left_inner = [1, 2], right_batch = [0], right_inner = [1, 3]} : f32[18, 5, 6]
          %5 = sum %4 {axes = [0, 1, 2]} : f32[]
          return "loss" %5
        }
        """)
    let tensors = [54, 9].enumerated().map { index, count in
      SampleTensors.tensor(TensorType(.float32, Shape([count])), .uniform(-1, 1), seed: UInt64(index))
    }
    let expected = ReferenceEvaluator.evaluate(graph, tensors)[0]
    for fuses in [false, true] {
      let target = Target.generated.streaming(ProgramCheck.smallestStreams)
      let options = CompilerOptions(workerCount: 1, fuses: fuses, target: target)
      let program = try Compiler.compile(graph, options)
      for (name, tensor) in zip(["a", "b"], tensors) { try program.set(name, tensor) }
      try program.runPoisoned(0xFF)
      #expect(try program.result(at: 0).isIdentical(to: expected), "fused: \(fuses)")
    }
  }

  @Test func nothingWideIsStored() throws {
    let (graph, _) = Self.block(rows: 4096, width: 32, wide: 256)
    func byteCount(_ streams: StreamLimits?) throws -> Int {
      let target = Target.generated.streaming(streams)
      return try Compiler.plan(graph, CompilerOptions(workerCount: 2, target: target)).memory.arenaByteCount
    }
    let (result, hidden) = (4096 * 32 * 4, 4096 * 256 * 4)
    #expect(try byteCount(nil) >= hidden)
    #expect(try byteCount(StreamLimits()) < result + hidden / 2)
  }

  /// 65 panels in 64 shares, of which one is longer than the others; the last panel has eight rows.
  @Test func everyWorkerFillsItsScratch() throws {
    let (graph, tensors) = Self.block(rows: 776, width: 32, wide: 64)
    let found = try Self.groups(graph, workerCount: 8, StreamLimits())
    #expect(found.map(\.tilePanelCount) == [1])
    #expect(found.map(\.scratch.productsEnd) == [0])
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 8))
    for (name, tensor) in zip(["x", "a", "b"], tensors) { try program.set(name, tensor) }
    let counts = try #require(try program.measureMemory()?.buffers)
    let scratch = zip(program.plan.schedule.problem.buffers, counts).filter { $0.0.name == "group scratch" }
    #expect(scratch.count == 1)
    for (buffer, count) in scratch { #expect(count == buffer.byteCount) }
  }

  @Test func limitsAreKept() throws {
    let (graph, _) = Self.block(rows: 255, width: 32, wide: 64)
    #expect(try Self.groups(graph, workerCount: 2, StreamLimits()).isEmpty, "too few rows")
    let (large, _) = Self.block(rows: 256, width: 512, wide: 1024)
    #expect(try Self.groups(large, workerCount: 2, StreamLimits()).isEmpty, "operands of 2 MB each")
    #expect(try Self.groups(Self.block(rows: 512, width: 32, wide: 64).0, workerCount: 2, nil).isEmpty)
  }

  /// A product whose right operand is computed from the same rows cannot wait for a tile.
  @Test func operandsThatCrossRowsStayOutside() throws {
    let build = GraphBuilder(Graph(name: "gram"))
    let x = build.graph.addParameter(TensorType(.float32, [300, 48]), name: "x", role: .input)
    let w = build.graph.addParameter(TensorType(.float32, [48, 48]), name: "w", role: .input)
    let y = build.emit1(.sine, build.dot(x, w, Self.inner))
    let gram = build.dot(y, y, DotAxes(leftInner: [0], rightInner: [0]))
    build.graph.addResult(build.dot(y, gram, Self.inner), name: "z")
    let found = try Self.groups(build.graph, workerCount: 2, StreamLimits())
    #expect(found.map(\.members.count) == [2], "the product and the sine")
    let tensors = [Shape([300, 48]), Shape([48, 48])].enumerated().map { index, shape in
      SampleTensors.tensor(TensorType(.float32, shape), .uniform(-1, 1), seed: UInt64(index))
    }
    try ProgramCheck(build.graph, tensors, "gram").run(.few(0))
  }

  /// Softmax of `q k^T`, times `v`, for every matrix; `isLoss` adds a sum of squares.
  private static func attention(
    _ matrices: Shape, length: Int, width: Int, isLoss: Bool = false
  ) -> (Graph, [HostTensor]) {
    let build = GraphBuilder(Graph(name: "attention"))
    let shape = Shape(matrices.extents + [length, width])
    let batch = Array(0..<matrices.rank), last = matrices.rank + 1
    let p = ["q", "k", "v"].map { build.graph.addParameter(TensorType(.float32, shape), name: $0, role: .input) }
    func dot(_ left: Graph.Value, _ right: Graph.Value, _ rightInner: Int) -> Graph.Value {
      build.dot(left, right, DotAxes(leftBatch: batch, rightBatch: batch, leftInner: [last], rightInner: [rightInner]))
    }
    let weights = build.emit(.softmax, [dot(p[0], p[1], last)])[0]
    let y = dot(weights, p[2], last - 1)
    build.graph.addResult(isLoss ? build.sum(build.multiply(y, y), Array(0...last)) : y, name: "y")
    let tensors = p.indices.map {
      SampleTensors.tensor(TensorType(.float32, shape), .uniform(-1, 1), seed: UInt64($0))
    }
    return (build.graph, tensors)
  }

  /// Matrices of whole and broken panels, in tiles of one and of several; several kinds of batch axes.
  @Test(arguments: [(Shape([16]), 24, 32), ([2, 6], 17, 40), ([2], 258, 3)] as [(Shape, Int, Int)])
  func attentionHasTheReferencesBits(_ matrices: Shape, _ length: Int, _ width: Int) throws {
    let (graph, tensors) = Self.attention(matrices, length: length, width: width)
    let found = try Self.groups(graph, workerCount: 2, ProgramCheck.smallestStreams)
    #expect(found.map(\.members.count) == [3], "two products, the softmax between")
    #expect(found.map(\.panelRows) == [1])
    #expect(found.map(\.locals.count) == [2], "nothing but the result is stored")
    try ProgramCheck(graph, tensors, "attention").run(.few(0))
    let (loss, _) = Self.attention(matrices, length: length, width: width, isLoss: true)
    try ProgramCheck(loss.withGradients(), tensors, "gradient of attention").run(.few(1))
  }

  /// Heads between the positions and their features, queries computed before, the result as it is stored by layers: only
  /// the sequences are apart.
  @Test(arguments: [(8, 20, 3, 8), (9, 26, 2, 40)]) func sequencesWithSeveralHeadsHaveTheReferencesBits(
    _ sequences: Int, _ length: Int, _ heads: Int, _ width: Int
  ) throws {
    let build = GraphBuilder(Graph(name: "heads"))
    let shape = Shape([sequences, length, heads, width])
    let p = ["q", "k", "v"].map { build.graph.addParameter(TensorType(.float32, shape), name: $0, role: .input) }
    let over = DotAxes(leftBatch: [0, 2], rightBatch: [0, 2], leftInner: [3], rightInner: [3])
    let scores = build.dot(build.emit1(.sine, p[0]), build.emit1(.cosine, p[1]), over)
    let weights = build.emit(.softmax, [scores])[0]
    let mixed = build.dot(
      weights, p[2], DotAxes(leftBatch: [0, 1], rightBatch: [0, 2], leftInner: [3], rightInner: [1]))
    let y = build.transpose(mixed, [0, 2, 1, 3])
    build.graph.addResult(build.sum(build.multiply(y, y), [0, 1, 2, 3]), name: "loss")
    let tensors = p.indices.map {
      SampleTensors.tensor(TensorType(.float32, shape), .uniform(-1, 1), seed: UInt64($0))
    }
    let gradients = try build.graph.withGradients()
    let found = try Self.groups(gradients, workerCount: 2, ProgramCheck.smallestStreams)
    #expect(found.contains { $0.panelRows == 1 && $0.rowCount == sequences && $0.members.count > 3 })
    try ProgramCheck(gradients, tensors, "several heads").run(.few(sequences))
  }

  @Test func workersShareMatricesEvenly() throws {
    let (graph, _) = Self.attention([7], length: 64, width: 32)
    #expect(try Self.groups(graph, workerCount: 2, StreamLimits()).isEmpty, "fewer than four for each")
    #expect(try Self.groups(graph, workerCount: 1, StreamLimits()).map(\.members.count) == [3])
  }

  /// Random chains of products, residuals, gates and norms over rows, with their gradients.
  @Test(arguments: 0..<8) func randomChainsHaveTheReferencesBits(_ seed: Int) throws {
    let chain = RowChain(seed: UInt64(seed))
    let count = try Self.groups(try chain.graph.withGradients(), workerCount: 2, ProgramCheck.smallestStreams).count
    #expect(count > 0)
    try ProgramCheck(chain.graph, chain.tensors, "chain \(seed)").run(.few(seed))
    try ProgramCheck(chain.graph.withGradients(), chain.tensors, "gradient of chain \(seed)").run(.few(seed))
  }

  /// The random programs that are held against the reference do form groups.
  @Test func randomProgramsFormGroups() throws {
    let counts = try (0..<16).map { seed in
      let graph = try RandomProgram(seed: UInt64(seed)).graph.withGradients()
      return try Self.groups(graph, workerCount: 2, ProgramCheck.smallestStreams).count
    }
    #expect(counts.reduce(0, +) > 0, "\(counts)")
  }
}

/// A random program in which rows stay apart.
private struct RowChain {
  private(set) var graph: Graph
  private(set) var tensors: [HostTensor] = []

  init(seed: UInt64) {
    var random = CounterRandom(seed: seed &* 0x9E37_79B9 &+ 7)
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    let build = GraphBuilder(Graph(name: "chain"))
    let rows = 20 + below(71)
    var shapes: [Shape] = []
    func parameter(_ shape: Shape) -> Graph.Value {
      shapes.append(shape)
      return build.graph.addParameter(TensorType(.float32, shape), name: "p\(shapes.count)", role: .input)
    }
    var values = [parameter([rows, 24])]
    func width(_ value: Graph.Value) -> Int { build.graph.type(of: value).shape[1] }
    for _ in 0..<6 + below(7) {
      let x = values[values.count - 1]
      switch below(6) {
      case 0, 1:
        let weight = parameter([width(x), 8 + below(63)])
        values.append(build.dot(x, weight, DotAxes(leftInner: [1], rightInner: [0])))
      case 2: values.append(build.multiply(x, build.emit1(.sigmoid, x)))
      case 3: values.append(build.emit(.softmax, [x])[0])
      case 4:
        let other = values.last { $0 != x && width($0) == width(x) }
        values.append(build.add(x, other ?? build.emit1(.sine, x)))
      default:
        values.append(build.emit(.concatenate, [build.emit1(.cosine, x), x], ["axis": .integer(1)])[0])
      }
    }
    let y = values[values.count - 1]
    build.graph.addResult(build.sum(build.multiply(y, y), [0, 1]), name: "loss")
    graph = build.graph
    tensors = shapes.enumerated().map { index, shape in
      SampleTensors.tensor(TensorType(.float32, shape), .uniform(-1, 1), seed: seed &+ UInt64(index))
    }
  }
}
