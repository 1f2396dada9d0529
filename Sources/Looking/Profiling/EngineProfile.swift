import Compilation
import Foundation
import GraphIR
import Operators
import Reports
import TensorTypes

/// What a program costs on engines side by side: those that show no steps say how long a whole run takes, and no more.
public struct EngineProfile: Sendable, Codable {
  public var name: String
  /// Floating-point operations of one run, as the plan counts them.
  public var flops: Int
  /// Bytes of the step arena by the plan.
  public var plannedBytes: Int
  public var rows: [Row]

  /// A program on one engine.
  public struct Row: Sendable, Codable {
    public var engine: String
    public var compileSeconds: Double
    /// Median seconds of a run.
    public var secondsPerRun: Double
    /// Seconds of a run that computes nothing, with as many parameters that it replaces: what a run costs beyond computing.
    public var dispatchSeconds: Double
    /// Bytes for what is computed on the way, by the engine's own account; of compiled kernels by the plan. Nil where neither
    /// says it, as for the reference evaluation.
    public var temporaryBytes: Int?
    /// Why the times cannot be relied on; nil where nothing speaks against them.
    public var doubt: String?

    enum CodingKeys: String, CodingKey {
      case engine, doubt
      case compileSeconds = "compile_seconds"
      case secondsPerRun = "seconds_per_run"
      case dispatchSeconds = "dispatch_seconds"
      case temporaryBytes = "temporary_bytes"
    }
  }

  enum CodingKeys: String, CodingKey {
    case name, flops, rows
    case plannedBytes = "planned_bytes"
  }

  /// - Parameters:
  ///   - engines: compiler options, each with its engine.
  ///   - compile: makes the program with its inputs set.
  /// - Throws: what `compile` throws, `EngineError`.
  public init(
    _ engines: [CompilerOptions], repetitions: Int, _ compile: (CompilerOptions) throws -> CompiledProgram
  ) throws {
    (name, flops, plannedBytes, rows) = ("", 0, 0, [])
    for options in engines {
      let start = ContinuousClock.now
      let program = try compile(options)
      let compileSeconds = (ContinuousClock.now - start) / .seconds(1)
      let plan = program.plan
      (name, plannedBytes) = (plan.schedule.name, plan.memory.arenaByteCount)
      flops = plan.schedule.flops.values.reduce(0, +)
      // The first run copies what later ones find in place.
      try program.run()
      let times = try StepTimes(program, workerCount: options.workerCount, repetitions: repetitions)
      rows.append(
        Row(
          engine: program.engine, compileSeconds: compileSeconds, secondsPerRun: times.seconds.median,
          dispatchSeconds: try Self.dispatchSeconds(plan, options),
          temporaryBytes: program.temporaryByteCount ?? (program.isNative ? plan.memory.arenaByteCount : nil),
          doubt: times.doubt))
    }
  }

  /// Of a program that takes as many scalars as the plan's takes parameters and replaces as many, each by its double.
  private static func dispatchSeconds(_ plan: CompilationPlan, _ options: CompilerOptions) throws -> Double {
    let build = GraphBuilder(Graph(name: "dispatch"))
    let scalar = TensorType(.float32, .scalar)
    let parameters = (0..<max(plan.schedule.parameters.count, 1)).map {
      build.graph.addParameter(scalar, name: "p\($0)", role: .state)
    }
    let updated = plan.schedule.results.count { $0.updatedParameter != nil }
    for position in 0..<updated {
      let (parameter, name) = (parameters[position], "next\(position)")
      build.graph.addResult(build.add(parameter, parameter), name: name, updating: parameter)
    }
    build.graph.addResult(build.add(parameters[0], parameters[0]), name: "sum")
    var options = options
    options.values = [:]
    let program = try Compiler.compile(build.graph, options)
    try program.run()
    return try StepTimes(program, workerCount: 1, repetitions: 1_000).seconds.median
  }

  /// The rows as a table that lines up.
  public var table: String {
    let header = ["engine", "compiled in", "a run", "GF/s", "dispatch", "bytes on the way"]
    let cells = rows.map { row in
      [
        row.engine, TextTable.seconds(row.compileSeconds), TextTable.seconds(row.secondsPerRun),
        String(format: "%.1f", Double(flops) / row.secondsPerRun / 1e9), TextTable.seconds(row.dispatchSeconds),
        row.temporaryBytes.map(TextTable.bytes) ?? "-",
      ]
    }
    let doubts = rows.compactMap { row in row.doubt.map { "\(row.engine): these times cannot be relied on: \($0)" } }
    return ([TextTable.aligned([header] + cells, leftColumns: [0])] + doubts).joined(separator: "\n")
  }
}
