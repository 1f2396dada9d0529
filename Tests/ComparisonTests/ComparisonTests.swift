import Comparison
import Differentiation
import Foundation
import Recurve
import Testing
import TinyRecursion

/// The promises of the main job, on the Tiny Recursive Model.
@Suite struct ComparisonTests {
  static let modes: [GradientMode] = [.full, .checkpointed(every: 1), .revolve(slots: 2), .last(1)]

  private func rows(_ depths: [Int]) throws -> [ComparisonRow] {
    try Comparison(
      family: TinyRecursion.family, options: ModelOptions(preset: "nano", batch: 2), depths: depths, modes: Self.modes,
      compilerOptions: CompilerOptions(workerCount: 1), repetitions: 1
    ).run()
  }

  private func plan(_ depth: Int, _ mode: GradientMode, batch: Int = 32) throws -> CompilationPlan {
    let options = ModelOptions(preset: "nano", batch: batch, depth: depth, gradient: mode)
    let task = try TinyRecursion.family.make(options)
    let graph = try Comparison.withGradients(task.model.traced(name: "tiny-recursion").graph).graph
    return try Compiler.plan(graph, CompilerOptions(workerCount: 2))
  }

  @Test func everyRowKeepsTheContract() throws {
    let rows = try rows([1, 2, 4])
    #expect(rows.count == 12)
    for row in rows {
      #expect(row.plannedBytes == row.highestBytes, "\(row.depth) \(row.mode)")
      #expect(Double(row.plannedBytes) <= 1.02 * Double(row.lowerBoundBytes), "\(row.depth) \(row.mode)")
      if !row.mode.hasPrefix("last") { #expect(row.gradientCosine == 1, "\(row.depth) \(row.mode)") }
      #expect(row.disconnectedWeights.isEmpty)
    }
    for depth in [1, 2, 4] { #expect(Set(rows.filter { $0.depth == depth }.map(\.loss)).count == 1) }
    let last = rows.filter { $0.mode == "last(1)" }
    #expect(last[0].gradientCosine == 1 && last[1].gradientCosine < 1 && last[2].gradientCosine < 1)
  }

  @Test(arguments: modes) func kernelsDoNotDependOnDepth(_ mode: GradientMode) throws {
    // From 4 on two states are not all of them.
    let (few, many) = (try plan(4, mode, batch: 2), try plan(9, mode, batch: 2))
    #expect(few.schedule.functions.count == many.schedule.functions.count)
    #expect(few.schedule.stepCount == many.schedule.stepCount)
  }

  @Test func detachedBytesDoNotDependOnDepth() throws {
    let bytes = try [1, 2, 4, 32].map { try plan($0, .last(1)).memory.arenaByteCount }
    #expect(Set(bytes).count == 1, "\(bytes)")
  }

  @Test func tenDetachedCyclesNeedAnEighth() throws {
    let (full, detached) = (try plan(10, .full), try plan(10, .last(1)))
    #expect(detached.memory.arenaByteCount * 8 <= full.memory.arenaByteCount)
  }

  @Test func detachedRegionKeepsNothing() throws {
    let bytes = try [2, 3, 50].map { try plan($0, .last(1), batch: 2).graph.residualByteCount }
    #expect(Set(bytes).count == 1, "\(bytes)")
    #expect(try plan(3, .none, batch: 2).graph.residualByteCount < 10_000)
  }

  @Test func tablesShowWhatIsWrittenInPartAndWhatIsDoubted() throws {
    var row = try rows([1])[0]
    (row.timeDoubt, row.partlyWritten) = (nil, [])
    #expect(ComparisonTable.text([row], depthName: "cycles").split(separator: "\n").count == 3)
    row.writtenBytes = row.plannedBytes / 2
    row.timeDoubt = "runs differ by 50 %"
    row.partlyWritten = [
      .init(name: "scratch", category: "workspace", bytes: 400, writtenBytes: 100),
      .init(name: "scratch", category: "workspace", bytes: 400, writtenBytes: 300),
    ]
    let lines = ComparisonTable.text([row], depthName: "cycles").split(separator: "\n")
    #expect(lines.count == 5 && lines[2].contains("50.00 %") && lines[2].contains(" ? "))
    #expect(lines[3] == "1 full: written in part: 2 x scratch, at least 25.0 %")
    #expect(lines[4].hasSuffix(" ?: runs differ by 50 %"))
  }

  @Test func rowsThatAreWatchedSaySo() throws {
    var options = CompilerOptions(workerCount: 2)
    options.verifies = true
    let rows = try Comparison(
      family: TinyRecursion.family, options: ModelOptions(preset: "nano", batch: 2), depths: [2], modes: [.last(1)],
      compilerOptions: options, repetitions: 1
    ).run()
    #expect(rows.count == 1 && (rows[0].verification?.comparisons ?? 0) > 100)
    #expect(ComparisonTable.text(rows, depthName: "cycles").contains("red zones without a fault"))
  }

  @Test func rowsEncodeWithTheDocumentedNames() throws {
    let data = try JSONEncoder().encode(try rows([2]))
    let objects = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    let needed = [
      "model", "batch", "depth", "mode", "planned_bytes", "highest_bytes", "written_bytes", "resident_growth_bytes",
      "lower_bound_bytes", "residual_bytes",
      "kernels", "plan_steps", "flops", "recompute_share", "seconds_per_step", "loss", "gradient_cosine",
      "gradient_norm_ratio",
    ]
    for object in objects { for name in needed { #expect(object[name] != nil, "\(name) is missing") } }
  }
}
