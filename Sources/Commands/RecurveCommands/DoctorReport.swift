import CodeGeneration
import Compilation
import Execution
import Foundation
import GraphIR
import Operators
import PJRT
import Reports
import TensorTypes

/// What the machine offers and what stands in the way.
struct DoctorReport {
  struct Finding: Codable {
    var name: String
    var isGood: Bool
    var text: String
  }

  private(set) var findings: [Finding] = []

  static let noCompiler =
    "no C compiler was found (RECURVE_CC, clang on the search path): the slow reference evaluation runs instead"

  static func make() -> DoctorReport {
    var report = DoctorReport()
    report.checkCompiler()
    report.checkCache()
    report.checkEnvironment()
    report.checkOpenBLAS()
    report.checkContraction()
    report.checkTools()
    report.checkPlugin()
    report.checkMachine()
    let memory = Double(Executor.availableByteCount) / 1e9
    report.note("memory", memory > 2, String(format: "%.1f GB available", memory))
    return report
  }

  mutating func note(_ name: String, _ isGood: Bool, _ text: String) {
    findings.append(Finding(name: name, isGood: isGood, text: text))
  }

  private mutating func checkCompiler() {
    let toolchain = Toolchain.find()
    note("C compiler", toolchain != nil, toolchain?.path ?? Self.noCompiler)
  }

  private mutating func checkCache() {
    let cache = KernelCache()
    let problem = cache.problem
    note("kernel cache", problem == nil, problem ?? cache.folder ?? "")
  }

  private mutating func checkEnvironment() {
    guard let value = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] else { return }
    note(
      "environment", false,
      "OPENBLAS_CORETYPE=\(value) fixes OpenBLAS's kernels for every program; Recurve removes it for itself, unset it")
  }

  private mutating func checkOpenBLAS() {
    do {
      let library = try OpenBLAS.loaded()
      let size = 768
      let a = Array(repeating: Float(1), count: size * size)
      var c = a
      let seconds = Self.best { library.multiply(size, a, a, &c) }
      note(
        "OpenBLAS", true,
        String(format: "%@, sgemm %.0f GF/s on one thread", library.coreName, Self.rate(size, seconds)))
    } catch { note("OpenBLAS", false, "\(error)") }
  }

  private mutating func checkContraction() {
    guard Toolchain.find() != nil else { return }
    let size = 768
    let builder = GraphBuilder(Graph(name: "contraction"))
    let type = TensorType(.float32, [size, size])
    let a = builder.graph.addParameter(type, name: "a", role: .input)
    let b = builder.graph.addParameter(type, name: "b", role: .input)
    builder.graph.addResult(builder.dot(a, b, DotAxes(leftInner: [1], rightInner: [0])), name: "c")
    do {
      let program = try Compiler.compile(builder.graph, CompilerOptions(workerCount: 1))
      for name in program.parameterNames { try program.set(name, HostTensor(type, repeating: 1)) }
      let seconds = try Self.best { try program.run() }
      note("generated kernels", true, String(format: "%.0f GF/s on one thread", Self.rate(size, seconds)))
    } catch { note("generated kernels", false, "\(error)") }
  }

  private mutating func checkTools() {
    let tools = [
      ("gnuplot", "gnuplot-nox", "curves"), ("rsvg-convert", "librsvg2-bin", "memory maps as PNG and PDF"),
    ]
    for (tool, package, purpose) in tools {
      let isThere = ExternalTool(tool, package: package).isFound
      note(tool, isThere, isThere ? "found" : "not found: no \(purpose); Tools/setup installs it")
    }
  }

  /// None is needed, one that cannot be used is worth a word.
  private mutating func checkPlugin() {
    do {
      let path = try PluginSearch().plugin(nil)
      let engine = try PJRTEngine(plugin: path)
      note("PJRT plugin", true, "\(path), interface \(engine.version), runs on \(engine.platform)")
    } catch PJRTError.noneFound {
      note("PJRT plugin", true, "none; --engine pjrt needs one, Tools/engines-setup installs it")
    } catch { note("PJRT plugin", false, "\(error)") }
  }

  private static func best(_ body: () throws -> Void) rethrows -> Double {
    try body()
    return try (0..<5).map { _ in
      let start = ContinuousClock.now
      try body()
      return (ContinuousClock.now - start) / .seconds(1)
    }.min() ?? .infinity
  }

  private static func rate(_ size: Int, _ seconds: Double) -> Double {
    2 * Double(size * size * size) / seconds / 1e9
  }
}
