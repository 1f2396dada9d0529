import Compilation
import GraphIR
import KernelIR
import Operators
import TensorTypes
import Testing

/// Results too large for any cache are stored around the caches: the same bits as those of small pieces, which are not.
@Suite struct StreamedStoreTests {
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

  static func streamedCount(rows: Int) -> Int {
    Compiler.plan(graph(rows: rows), CompilerOptions(workerCount: 2)).schedule.functions.reduce(0) { count, function in
      if case .nest(let kernel) = function { count + kernel.streamedStores.count } else { count }
    }
  }

  @Test func onlyLargeResultsAreStreamed() {
    #expect(Self.streamedCount(rows: 4096) == 1)
    #expect(Self.streamedCount(rows: 4095) == 0)
  }

  @Test func streamedRowsHaveTheBitsOfOthers() throws {
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

  private static func run(rows: Int, _ numbers: ArraySlice<Float>) throws -> [Float] {
    let program = try Compiler.compile(graph(rows: rows), CompilerOptions(workerCount: 2))
    try program.set("x", HostTensor(Shape([rows, columns]), Array(numbers)))
    program.run()
    return program.result(at: 0).floats
  }
}
