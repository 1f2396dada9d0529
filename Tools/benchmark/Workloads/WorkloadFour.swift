import ArgumentParser
import CodeGeneration
import Foundation
import Recurve

struct WorkloadFour: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "w4", abstract: "Programs bound by memory: norm, gate, softmax, their chain, AdamW.")

  @Option(help: "One kernel: rmsnorm, swiglu, softmax, chain or adamw; all without it.") var kernel: String?
  @Option(help: "Rows of 1024; as many as the peers have, 8192, without it.") var rows: Int?
  @Option(help: "Elements that AdamW updates; as many as for the peers, 10000000, without it.") var elements: Int?
  @OptionGroup var options: WorkloadOptions

  struct Figures: Codable {
    var step_seconds: Double
    var least_seconds: Double
    var timed_steps: Int
    var clean: Bool
    var other_share: Double
    /// Why the times cannot be relied on; null where nothing speaks against them.
    var doubt: String?
    /// Of the traffic that no program can avoid.
    var gigabytes_per_second: Double
    var compile_seconds: Double
    var cold_seconds: Double?
    var warm_seconds: Double?
    /// The first run, which maps the memory.
    var first_seconds: Double
    var work_bytes: Int
    var planned_bytes: Int
    /// Of the first result.
    var sum: Double
    var absolute_sum: Double
    /// Elements 0, 1, 1023, 1024 and the last.
    var sample: [Double]
  }

  struct Report: Codable {
    var kernels: [String: Figures]
  }

  func validate() throws {
    if let rows, rows < 2 { throw ValidationError("--rows got \(rows), needs at least 2") }
    if let elements, elements < 1025 { throw ValidationError("--elements got \(elements), needs at least 1025") }
    guard kernel.map({ MemoryBoundKernel(rawValue: $0) != nil }) ?? true else {
      throw ValidationError("--kernel got '\(kernel ?? "")', needs rmsnorm, swiglu, softmax, chain or adamw")
    }
    if rows != nil, kernel == MemoryBoundKernel.adamw.rawValue {
      throw ValidationError("--rows has no effect on adamw, needs another --kernel")
    }
    if let kernel, elements != nil, kernel != MemoryBoundKernel.adamw.rawValue {
      throw ValidationError("--elements has no effect on \(kernel), needs --kernel adamw")
    }
  }

  private var sizes: MemoryBoundSizes {
    var sizes = MemoryBoundSizes()
    if let rows { sizes.rows = rows }
    if let elements { sizes.elements = elements }
    return sizes
  }

  func run() throws {
    let report = try measure()
    let lines = chosen.compactMap { kernel in
      report.kernels[kernel.rawValue].map {
        String(
          format: "w4 %@: %.2f ms, %.1f GB/s, sum %.6g%@", kernel.rawValue, $0.step_seconds * 1e3,
          $0.gigabytes_per_second, $0.sum, ($0.clean ? "" : " (noisy)") + ($0.doubt.map { " (? \($0))" } ?? ""))
      }
    }
    try options.show(report, lines.joined(separator: "\n"))
  }

  func measure() throws -> Report {
    Report(kernels: Dictionary(uniqueKeysWithValues: try chosen.map { ($0.rawValue, try measure($0)) }))
  }

  private var chosen: [MemoryBoundKernel] {
    MemoryBoundKernel.allCases.filter { kernel == nil || $0.rawValue == kernel }
  }

  private func measure(_ kernel: MemoryBoundKernel) throws -> Figures {
    let graph = try kernel.graph(sizes)
    let cold = options.cold ? ColdCache() : nil
    let compilerOptions = options.compilerOptions(cold?.cache ?? KernelCache())
    var program: CompiledProgram?
    let compileSeconds = try Self.time { program = try Compiler.compile(graph, compilerOptions) }
    guard let program else { throw BenchmarkError.failedProcess(kernel.rawValue, "no program") }
    try load(program, kernel, sizes)
    let first = try Stopwatch.time(program.run)
    let result = try kernel == .adamw ? program.parameter("p").doubles : program.result("y").doubles
    for _ in 0..<4 { try program.run() }
    let workBytes = try Self.workBytes(program)
    let windows = try TimedWindows(program, seconds: options.seconds / 2, fewest: options.steps ?? 5, program.run)
    try options.showProfile(program)
    let warm = try cold.map { _ in try Self.time { _ = try Compiler.compile(graph, compilerOptions) } }
    cold?.remove()
    return Figures(
      step_seconds: windows.median, least_seconds: windows.least, timed_steps: windows.times.count,
      clean: windows.isClean, other_share: windows.otherShare, doubt: windows.doubt,
      gigabytes_per_second: Double(kernel.compulsoryBytes(sizes)) / windows.median / 1e9,
      compile_seconds: compileSeconds, cold_seconds: warm == nil ? nil : compileSeconds, warm_seconds: warm,
      first_seconds: first, work_bytes: workBytes, planned_bytes: program.plan.memory.arenaByteCount,
      sum: result.reduce(0, +), absolute_sum: result.reduce(0) { $0 + abs($1) },
      sample: [0, 1, 1023, 1024, result.count - 1].map { result[$0] })
  }

  private static func workBytes(_ program: CompiledProgram) throws -> Int {
    program.releaseArena()
    ProcessMemory.trim()
    let idle = ProcessMemory.resident
    ProcessMemory.resetPeak()
    try program.run()
    return ProcessMemory.peak - idle
  }

  private func load(_ program: CompiledProgram, _ kernel: MemoryBoundKernel, _ sizes: MemoryBoundSizes) throws {
    let tensors = try options.tensors(kernel.fileName) { kernel.generated(sizes) }
    guard kernel == .adamw else {
      for name in ["in.g", "in.u", "w"] where program.parameterNames.contains(name) {
        try program.set(name, try tensors[name])
      }
      return
    }
    for (parameter, file) in [("p", "p"), ("g", "g"), ("adam.m.p", "m"), ("adam.v.p", "v")] {
      try program.set(parameter, try tensors[file])
    }
    // The first update is the tenth: the powers of the betas are those after nine.
    for (name, beta) in [("adam.power1", 0.9), ("adam.power2", 0.95)] {
      try program.set(name, HostTensor(.scalar, .float64([pow(beta, 9)])))
    }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1e-4)]))
  }

  private static func time(_ action: () throws -> Void) rethrows -> Double {
    let watch = Stopwatch()
    try action()
    return watch.seconds
  }
}
