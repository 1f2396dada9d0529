import Compilation
import Execution
import Foundation
import GraphIR
import Operators
import Profiling
import TensorTypes
import Testing

/// What a profile says about a program of known work.
@Suite struct ProfileTests {
  private static let ceilings = MachineCeilings(flopsPerSecond: 1e11, bytesPerSecond: 1e10, workerCount: 1)

  /// y = tanh(a b) three times over, a loop with one product and one element-wise kernel.
  private func program(
    _ options: CompilerOptions = CompilerOptions(workerCount: 1), _ mark: (inout Graph) -> Void = { _ in }
  ) throws -> CompiledProgram {
    let builder = GraphBuilder(Graph(name: "profiled"))
    let type = TensorType(.float32, [64, 64])
    let a = builder.graph.addParameter(type, name: "a", role: .input)
    let b = builder.graph.addParameter(type, name: "b", role: .input)
    var value = a
    for _ in 0..<3 {
      value = builder.emit1(.hyperbolicTangent, builder.dot(value, b, DotAxes(leftInner: [1], rightInner: [0])))
    }
    builder.graph.addResult(value, name: "y")
    mark(&builder.graph)
    var options = options
    options.line = { "Net.swift:\($0)" }
    let program = try Compiler.compile(builder.graph, options)
    try program.set("a", HostTensor([64, 64], [Float](repeating: 0.01, count: 4096)))
    try program.set("b", HostTensor([64, 64], [Float](repeating: 0.01, count: 4096)))
    return program
  }

  @Test func rowsCountLaunchesFlopsAndBytes() throws {
    let profile = try Profile(try program(), repetitions: 3, ceilings: Self.ceilings)
    let products = profile.rows.filter { $0.kind == "product" }
    #expect(products.count == 3 && products.allSatisfy { $0.launches == 1 && $0.flops == 2 * 64 * 64 * 64 })
    #expect(products.allSatisfy { $0.byteCount == 3 * 64 * 64 * 4 })
    let nests = profile.rows.filter { $0.kind == "nest" }
    #expect(nests.count == 3 && nests.allSatisfy { $0.byteCount == 2 * 64 * 64 * 4 })
    #expect(profile.rows.allSatisfy { $0.seconds >= 0 } && profile.seconds > 0 && profile.secondsPerRun > 0)
  }

  @Test func tableAddsUpLaunchesOfOneKernelAndLinesUp() throws {
    let text = try Profile(try program(), repetitions: 1, ceilings: Self.ceilings).table(limit: 10)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0].contains("launches") && lines[0].contains("of peak"))
    #expect(lines.filter { $0.contains("product") }.count == 1)
    #expect(lines.first { $0.contains("product") }?.contains(" 3 ") == true)
    #expect(text.contains("steps add up to") && text.contains("6 launches"))
  }

  /// Engines that show no steps stand beside compiled kernels, a row each.
  @Test func enginesStandSideBySide() throws {
    var reference = CompilerOptions(workerCount: 1)
    reference.engine = ReferenceEngine()
    let profile = try EngineProfile([CompilerOptions(workerCount: 1), reference], repetitions: 2) { try program($0) }
    #expect(profile.rows.map(\.engine) == ["native", "reference"] && profile.name == "profiled")
    #expect(
      profile.flops >= 3 * 2 * 64 * 64 * 64
        && profile.rows.map(\.temporaryBytes) == [profile.plannedBytes, nil])
    #expect(profile.rows.allSatisfy { $0.secondsPerRun > $0.dispatchSeconds && $0.dispatchSeconds > 0 })
    let lines = profile.table.split(separator: "\n")
    #expect(lines[0].contains("dispatch") && lines[2].hasPrefix("native") && lines[3].hasPrefix("reference"))
    #expect(!lines[2].hasSuffix(" -") && lines[3].hasSuffix(" -"), "the reference evaluation has no arena")
  }

  /// A launch says which line of the model asked for it, unless launches of several lines are one row of the table.
  @Test func launchesNameTheirLines() throws {
    let program = try program { graph in
      for index in graph.operations.indices { graph.operations[index].annotation.location = index < 2 ? 18 : 19 }
    }
    let profile = try Profile(program, repetitions: 1, ceilings: Self.ceilings)
    #expect(profile.rows.filter { $0.kernel >= 0 }.map(\.line) == [18, 18, 19, 19, 19, 19].map { "Net.swift:\($0)" })
    #expect(!profile.table(limit: 10).contains("Net.swift"))
    let one = try self.program { graph in
      for index in graph.operations.indices { graph.operations[index].annotation.location = 18 }
    }
    #expect(try Profile(one, repetitions: 1, ceilings: Self.ceilings).table(limit: 10).contains("dot (Net.swift:18)"))
  }

  @Test func restOfTheRowsIsOneLine() throws {
    let text = try Profile(try program(), repetitions: 1, ceilings: Self.ceilings).table(limit: 1)
    #expect(text.contains("1 others"))
  }

  /// Time that was lost in runs which are not among the times is not held against those.
  @Test func lostTimeIsAShareOfTheWholeWatch() {
    func doubt(_ watched: Double?) -> String? {
      StepTimes(
        seconds: [0.1, 0.1], otherShare: nil, lost: LostTime(seconds: 0.1), workerCount: 2, watchedSeconds: watched
      ).doubt
    }
    #expect(doubt(nil) == "workers waited 25 % of the time for a processor")
    #expect(doubt(1) == nil)
  }

  @Test func tracesControlNothing() throws {
    var trace = try StepTrace(try program())
    trace.name = "a\u{9B}2J\u{202E}"
    #expect(try trace.json.contains("\"name\":\"a\\u009b2J\\u202e\""))
  }

  @Test func traceHasASliceAndLiveBytesPerLaunch() throws {
    let program = try program()
    let trace = try StepTrace(program)
    #expect(trace.slices.count == 6)
    #expect(trace.slices.map(\.liveByteCount).max() == program.plan.memory.lowerBoundByteCount)
    #expect(zip(trace.slices, trace.slices.dropFirst()).allSatisfy { $0.start + $0.seconds <= $1.start + 1e-9 })
    let json = try JSONSerialization.jsonObject(with: Data(try trace.json.utf8)) as? [String: Any]
    let events = json?["traceEvents"] as? [[String: Any]] ?? []
    #expect(events.filter { $0["ph"] as? String == "X" }.count == 6)
    #expect(events.filter { $0["ph"] as? String == "C" }.count == 12)
    #expect(zip(trace.slices, trace.slices.dropFirst()).allSatisfy { $0.residentByteCount <= $1.residentByteCount })
    #expect((trace.slices.last?.residentByteCount ?? 0) >= program.plan.memory.arenaByteCount)
  }
}
