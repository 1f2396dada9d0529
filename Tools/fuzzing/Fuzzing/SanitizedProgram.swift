import CodeGeneration
import Compilation
import Differentiation
import Foundation
import ReferenceEvaluation
import TensorTypes

/// The kernels of a program under a sanitizer, in a process of their own.
struct SanitizedProgram {
  private let tested: FuzzCase
  private let sanitizer: Sanitizer

  init(_ tested: FuzzCase, _ sanitizer: Sanitizer) {
    self.tested = tested
    self.sanitizer = sanitizer
  }

  func problems() throws -> [String] {
    let graph = try tested.graph.withGradients()
    let tensors = tested.data.tensors(for: graph)
    var plan = try Compiler.plan(graph, tested.configuration.options)
    tested.fault?.plant(into: &plan, tested.configuration.options.planner)
    let folder = try WorkFolder()
    let source = StandaloneSource.text(plan, workerCount: tested.configuration.workerCount)
    let contractions = KernelCompiler.contractionSource
    let executable = try sanitizer.executable(["program": source, "contractions": contractions], in: folder)
    var input = Data()
    for tensor in tensors { tensor.withUnsafeBytes { input.append(contentsOf: $0) } }
    try input.write(to: URL(fileURLWithPath: folder.path("input")))
    let child = try ChildProcess(executable, [folder.path("input"), folder.path("output")])
    let (status, output) = child.wait(seconds: 120)
    guard status == .exited(0) else { return ["\(status) under \(sanitizer.rawValue): \(output.suffix(3000))"] }
    return differences(
      try Data(contentsOf: URL(fileURLWithPath: folder.path("output"))), ReferenceEvaluator.evaluate(graph, tensors))
  }

  private func differences(_ output: Data, _ expected: [HostTensor]) -> [String] {
    var rest = output[...]
    return expected.enumerated().compactMap { index, needed in
      let bytes = rest.prefix(needed.type.byteCount)
      rest = rest.dropFirst(needed.type.byteCount)
      guard bytes.count == needed.type.byteCount else { return "the output ends before result \(index)" }
      let found = Data(bytes).withUnsafeBytes { HostTensor(needed.type, bytes: $0) }
      return found.isIdentical(to: needed) ? nil : "result \(index): \(found.firstDifference(from: needed))"
    }
  }
}

/// A mode of clang that watches a program.
public enum Sanitizer: String, Sendable, CaseIterable {
  case addresses, threads

  private var flags: [String] {
    switch self {
    case .addresses: ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    case .threads: ["-fsanitize=thread"]
    }
  }

  /// The thread sanitizer of Swift's clang needs Swift's libraries.
  private func libraries(_ toolchain: Toolchain) -> [String] {
    let folder = URL(fileURLWithPath: toolchain.path).resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("../lib/swift/linux").standardizedFileURL.path
    guard self == .threads, FileManager.default.fileExists(atPath: folder + "/libdispatch.so") else { return [] }
    return ["-L", folder, "-Wl,-rpath,\(folder)", "-ldispatch", "-lBlocksRuntime"]
  }

  /// The folder of the C sources that kernels are built on.
  static let support: String = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { folder.deleteLastPathComponent() }
    return folder.appendingPathComponent("Sources/Runtime/CKernelSupport").path
  }()

  /// Compiles C texts together with the workers.
  func executable(_ sources: [String: String], in folder: WorkFolder) throws -> String {
    guard let toolchain = Toolchain.find() else { throw FuzzError("no C compiler is on the search path") }
    for (name, text) in sources {
      try text.write(toFile: folder.path(name + ".c"), atomically: false, encoding: .utf8)
    }
    let files = sources.keys.sorted().map { folder.path($0 + ".c") } + [Self.support + "/recurve_workers.c"]
    let arguments =
      flags + libraries(toolchain) + [
        "-march=native", "-O1", "-g", "-std=gnu17", "-ffp-contract=off", "-fno-math-errno", "-fno-strict-aliasing",
        "-w", "-I", Self.support,
        "-I", Self.support + "/include", "-I", SupportDriver.folder, "-o", folder.path("sanitized"), "-lm", "-lpthread",
      ] + files
    let (status, output) = try ChildProcess(toolchain.path, arguments).wait(seconds: 300)
    guard status == .exited(0) else { throw FuzzError("the C compiler ended with \(status): \(output.suffix(3000))") }
    return folder.path("sanitized")
  }
}

/// Why the fuzzer itself cannot go on.
public struct FuzzError: Error, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

/// A folder for temporary files that is gone with its last owner.
public final class WorkFolder {
  private let root: String

  public init() throws {
    root = NSTemporaryDirectory() + "recurve-fuzz-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: root, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  public func path(_ name: String) -> String { root + "/" + name }
}
