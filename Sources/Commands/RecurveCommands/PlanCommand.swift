import ArgumentParser
import Comparison
import Compilation
import Diagrams
import Foundation
import MemoryPlanning
import Reports
import Scheduling
import Training

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Shows where every byte of a step goes; runs it only with --measure.")

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var step: StepArguments
  @OptionGroup var program: ProgramArguments

  @Option(help: "Draws addresses over time into a file: .svg, .png or .pdf.")
  var map: String?

  @Option(help: "Writes the buffers as CSV, in the format of minimalloc.")
  var csv: String?

  @Option(help: "How many of the largest buffers to list; 20 without it, 0 for all.")
  var rows: Int?

  @Flag(help: "Runs the step and shows how many bytes of each buffer it writes.")
  var measure = false

  @Flag(help: "Prints the plan as JSON.")
  var json = false

  private struct Report: Codable {
    var model: String
    var planned_bytes: Int
    var lower_bound_bytes: Int
    /// Of values that are alive at once, and of scratch and panels at the peak.
    var value_bytes: Int
    var scratch_and_panel_bytes: Int
    var residual_bytes: Int
    var persistent_bytes: Int
    var kernels: Int
    var plan_steps: Int
    var flops: Int
    var method: String
    var table_updates: [TableUpdate]
    /// Of a run, if one was asked for.
    var highest_bytes: Int?
    var written_bytes: Int?
    var resident_growth_bytes: Int?
    var buffers: [BufferReport]
  }

  private struct BufferReport: Codable {
    var name: String
    var category: String
    var offset: Int
    var bytes: Int
    var written_bytes: Int?
    var intervals: [[Int]]
  }

  func validate() throws {
    if !measure { try arguments.refuseVerification(needing: "--measure") }
    try ArgumentChecks.checkRows(rows, isJSON: json)
    try ArgumentChecks.checkPicture("map", map, GraphvizRenderer.formats)
  }

  func run() throws {
    let compiled = try CompiledStep(arguments, step, program, writing: [("csv", csv), ("map", map)])
    let plan = compiled.plan
    if let csv { try Output.write(plan.memory.csv(for: plan.schedule.problem), to: csv) }
    if let map { try compiled.memoryMap(title: compiled.name).write(to: map) }
    let memory = measure ? try measurement(compiled) : nil
    if json { return try Output.json(report(compiled, memory)) }
    let updates = compiled.tableUpdates.map { "\nan update of \($0)" }.joined()
    try Output.result(table(plan, memory) + updates)
  }

  private func measurement(_ compiled: CompiledStep) throws -> MemoryMeasurement {
    let program = try compiled.program(arguments.compilerOptions)
    if arguments.verify && program.isNative { try Output.verify(program) }
    guard let memory = try program.measureMemory() else { throw CommandError.needsCompiler(command: "plan --measure") }
    return memory
  }

  private func report(_ compiled: CompiledStep, _ memory: MemoryMeasurement?) -> Report {
    let plan = compiled.plan
    let buffers = plan.schedule.problem.buffers.indices.map { index in
      BufferReport(
        name: plan.name(ofBuffer: index), category: plan.schedule.buffers[index].category,
        offset: plan.memory.offsets[index], bytes: plan.schedule.problem.buffers[index].byteCount,
        written_bytes: memory?.buffers?[index],
        intervals: plan.schedule.problem.buffers[index].intervals.map { [$0.lowerBound, $0.upperBound] })
    }
    return Report(
      model: compiled.name, planned_bytes: plan.memory.arenaByteCount,
      lower_bound_bytes: plan.memory.lowerBoundByteCount, value_bytes: plan.schedule.valueByteCount,
      scratch_and_panel_bytes: plan.schedule.scratchAndPanelByteCount, residual_bytes: plan.graph.residualByteCount,
      persistent_bytes: plan.persistentByteCount, kernels: plan.schedule.functions.count,
      plan_steps: plan.schedule.stepCount, flops: plan.schedule.flops.values.reduce(0, +),
      method: plan.memory.method, table_updates: compiled.tableUpdates, highest_bytes: memory?.highestByteCount,
      written_bytes: memory?.writtenByteCount,
      resident_growth_bytes: memory?.residentGrowth, buffers: buffers)
  }

  private func table(_ plan: CompilationPlan, _ memory: MemoryMeasurement?) -> String {
    let problem = plan.schedule.problem
    let order = problem.buffers.indices.sorted {
      (problem.buffers[$1].byteCount, $0) < (problem.buffers[$0].byteCount, $1)
    }
    let shown = rows == 0 ? order : Array(order.prefix(rows ?? 20))
    let cells = shown.map { index in
      let buffer = problem.buffers[index]
      let isAtPeak = buffer.isLive(at: problem.peakPosition)
      let written = memory.map { $0.buffers.map { "\($0[index])" } ?? "-" }
      return [
        "\(plan.memory.offsets[index])", "\(buffer.byteCount)",
      ] + (written.map { [$0] } ?? []) + [
        "\(buffer.intervals.first?.lowerBound ?? 0)",
        "\(buffer.intervals.last?.upperBound ?? 0)", isAtPeak ? "peak" : "", plan.schedule.buffers[index].category,
        plan.name(ofBuffer: index),
      ]
    }
    let header =
      ["offset", "bytes"] + (memory == nil ? [] : ["written"]) + ["from", "until", "", "category", "buffer"]
    let rest = order.count > shown.count ? "\n... and \(order.count - shown.count) smaller buffers" : ""
    let totals = """
      \(plan.memory.summary) (\(plan.memory.method))
      values at once \(TextTable.bytes(plan.schedule.valueByteCount)); the peak has \
      \(TextTable.bytes(plan.schedule.scratchAndPanelByteCount)) of scratch and panels, which suit this processor
      residuals \(TextTable.bytes(plan.graph.residualByteCount)), persistent \
      \(TextTable.bytes(plan.persistentByteCount)), \(plan.schedule.functions.count) kernels, \
      \(plan.schedule.stepCount) steps
      """
    let left = Set(header.count - 3..<header.count)
    return TextTable.aligned([header] + cells, leftColumns: left) + rest + "\n" + totals + (memory.map(summary) ?? "")
  }

  private func summary(_ memory: MemoryMeasurement) -> String {
    """

    a run writes up to \(memory.highestByteCount) bytes of the arena, \(memory.writtenByteCount) of them at least once; \
    the process grows by \(TextTable.bytes(memory.residentGrowth))
    """
  }
}
