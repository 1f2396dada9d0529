import Compilation
import GraphIR
import KernelIR
import Operators
import TensorTypes
import Testing

/// Results too large for any cache are stored around the caches: the same bits as those of small pieces, which are not.
@Suite struct UncachedStoreTests {
  static let columns = 1024

  /// `softmax(x) * 3` over rows.
  static func graph(rows: Int) -> Graph {
    var graph = Graph(name: "rows")
    let x = graph.addParameter(TensorType(.float32, Shape([rows, columns])), name: "x", role: .input)
    let build = GraphBuilder(graph)
    let weights = build.emit(.softmax, [x])[0]
    build.graph.addResult(build.scale(weights, by: 3), name: "y")
    return build.graph
  }

  static func uncachedCount(rows: Int) throws -> Int {
    try Compiler.plan(graph(rows: rows), CompilerOptions(workerCount: 2)).schedule.functions.reduce(0) {
      count, function in
      if case .nest(let kernel) = function { count + kernel.uncachedStores(.generated).count } else { count }
    }
  }

  @Test func onlyLargeResultsGoAroundTheCaches() throws {
    #expect(try Self.uncachedCount(rows: 4096) == 1)
    #expect(try Self.uncachedCount(rows: 4095) == 0)
  }

  @Test func rowsAroundTheCachesHaveTheBitsOfOthers() throws {
    let (rows, parts) = (4099, [1366, 1366, 1367])
    let numbers = (0..<rows * Self.columns).map { Float(($0 &* 2_654_435_761) & 0xFFFF) / 4096 - 8 }
    let whole = try Self.run(rows: rows, numbers[...])
    var start = 0
    for count in parts {
      let range = start * Self.columns..<(start + count) * Self.columns
      let piece = try Self.run(rows: count, numbers[range])
      #expect(piece.elementsEqual(whole[range]) { $0.bitPattern == $1.bitPattern })
      start += count
    }
    #expect(start == rows)
  }

  /// Rows of 16 MB would not fit on a stack; they are stored directly.
  @Test func rowsLongerThanTheStackRun() throws {
    let (rows, columns) = (2, 4 << 20)
    let build = GraphBuilder(Graph(name: "long"))
    let x = build.graph.addParameter(TensorType(.float32, Shape([rows, columns])), name: "x", role: .input)
    let scale = build.graph.addParameter(TensorType(.float32, Shape([rows])), name: "scale", role: .input)
    let scales = build.broadcast(scale, to: build.type(of: x).shape, axes: [0])
    build.graph.addResult(build.multiply(x, scales), name: "y")
    let program = try Compiler.compile(build.graph, CompilerOptions(workerCount: 2))
    #expect(program.plan.rowByteCount == 0)
    let numbers = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      buffer.initialize(repeating: 0.5)
      count = buffer.count
    }
    try program.set("x", HostTensor(Shape([rows, columns]), numbers))
    try program.set("scale", HostTensor(Shape([rows]), [Float(3), 5]))
    try program.run()
    let result = try program.result(at: 0).floats
    #expect(stride(from: 0, to: rows * columns, by: 4099).allSatisfy { result[$0] == ($0 < columns ? 1.5 : 2.5) })
  }

  /// Values of a row that later stages read again: many, and long ones, do not share a kernel without end.
  @Test(arguments: [(4, 4096), (18, 4096), (18, 16_384), (18, 16_385), (40, 16_384)])
  func rowsKeptForLaterStagesFitTheStack(_ count: Int, _ columns: Int) throws {
    let build = GraphBuilder(Graph(name: "kept"))
    let type = TensorType(.float64, Shape([2, columns]))
    let x = build.graph.addParameter(type, name: "x", role: .input)
    let terms = (1...count).map { build.emit1(.sine, build.scale(x, by: Double($0))) }
    let total = terms.dropFirst().reduce(terms[0], build.add)
    let sums = build.restore(build.sum(total, [1]), [1], to: type.shape)
    let shifted = terms.map { build.divide($0, sums) }
    build.graph.addResult(shifted.dropFirst().reduce(shifted[0], build.multiply), name: "y")
    let plan = try Compiler.plan(build.graph, CompilerOptions(workerCount: 2))
    #expect(plan.rowByteCount <= plan.target.rowByteLimit)
    #expect(count > 4 || plan.rowByteCount > 0)
  }

  private static func run(rows: Int, _ numbers: ArraySlice<Float>) throws -> [Float] {
    let program = try Compiler.compile(graph(rows: rows), CompilerOptions(workerCount: 2))
    try program.set("x", HostTensor(Shape([rows, columns]), Array(numbers)))
    try program.run()
    return try program.result(at: 0).floats
  }
}
