import ArgumentParser
import CodeGeneration
import Foundation
import Recurve
import StandardStreams

/// What all workloads are told.
struct WorkloadOptions: ParsableArguments {
  @Option(help: "Losses to report, one per step; of w4, which has none, the fewest runs to time.") var steps: Int?
  @Option(help: "Seconds to measure; 0 runs every measured step once.") var seconds: Double = 4
  @Option(help: "Threads.") var threads: Int = 2
  @Option(help: "generated, openblas, or auto: by the shape of each product.") var matmul: String = "generated"
  @Flag(inversion: .prefixedNo, help: "Whether operations over the same elements or rows share a kernel.")
  var fusion = true
  @Flag(inversion: .prefixedNo, help: "Whether kernels over the same rows share a launch, tile by tile.")
  var streaming = true
  @Option(help: "Folder with the workload's safetensors files; the same numbers are generated without it.")
  var data: String?
  @Flag(help: "Compiles into an empty cache first, and a second time from it.") var cold = false
  @Flag(help: "Shows on standard error which kernels take the time.") var profile = false
  @Flag(help: "Prints one JSON object.") var json = false

  func validate() throws {
    guard (steps ?? 1) >= 1, threads >= 1 else { throw ValidationError("--steps and --threads need at least 1") }
    try Self.check(seconds: seconds)
    guard provider != nil else { throw ValidationError("--matmul got '\(matmul)', needs generated, openblas or auto") }
  }

  /// - Throws: `ValidationError` for times that are none or that nobody waits for.
  static func check(seconds: Double) throws {
    guard (0...3600).contains(seconds) else { throw ValidationError("--seconds got \(seconds), needs 0 to 3600") }
  }

  /// The generated kernels lose to OpenBLAS in no shape that is known in advance, so `auto` means them.
  private var provider: ContractionProvider? {
    ContractionProvider(rawValue: matmul) ?? (matmul == "auto" ? .generated : nil)
  }

  /// - Parameter cache: where compiled kernels are kept.
  func compilerOptions(_ cache: KernelCache = KernelCache()) -> CompilerOptions {
    var options = CompilerOptions(workerCount: threads, cache: cache)
    options.provider = provider ?? .generated
    options.fuses = fusion
    if !streaming { options.target.streams = nil }
    return options
  }

  /// The tensors of a data file of the workload.
  func tensors(_ name: String, generated: () -> [String: HostTensor]) throws -> WorkloadTensors {
    try WorkloadTensors(tensors: data.map { try WorkloadTensors.read(folder: $0, name) } ?? generated())
  }

  /// Prints a report: its JSON, or the line for people.
  func show(_ report: some Encodable, _ line: String) throws {
    try StandardStreams.print(json ? try Self.json(report) : line)
  }

  static func json(_ report: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Quoting.json(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}
