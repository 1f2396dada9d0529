import Compilation
import Foundation
import GraphIR
import Operators
import PJRT
import TensorTypes
import TestSupport
import Testing

/// What users read of plugins that cannot be used, and of programs that these refuse; needs no plugin of anyone.
@Suite struct PluginErrorTests {
  private func problem(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "nothing"
  }

  private func problem(of plugin: FakePlugin) throws -> String {
    try withTemporaryFolder { folder in
      let path = try plugin.build(in: folder)
      return problem { _ = try Compiler.compile(Self.graph, try Self.options(path)) }.replacing(path, with: "PLUGIN")
    }
  }

  static func options(_ path: String) throws -> CompilerOptions {
    var options = CompilerOptions(workerCount: 1)
    options.engine = try PJRTEngine(plugin: path)
    return options
  }

  /// `total` is replaced by itself and `x`, and is returned as well.
  static var graph: Graph {
    let build = GraphBuilder(Graph(name: "sum"))
    let type = TensorType(.float32, [4])
    let total = build.graph.addParameter(type, name: "total", role: .state)
    let x = build.graph.addParameter(type, name: "x", role: .input)
    let sum = build.add(total, x)
    build.graph.addResult(sum, name: "total_next", updating: total)
    build.graph.addResult(build.add(sum, sum), name: "twice")
    return build.graph
  }

  @Test func olderAndOtherVersionsAreRefused() throws {
    #expect(
      try problem(of: FakePlugin(minor: 80))
        == "PLUGIN has version 0.80 of PJRT's interface, needs 0.81 or a later 0.x")
    #expect(
      try problem(of: FakePlugin(major: 1))
        == "PLUGIN has version 1.115 of PJRT's interface, needs 0.81 or a later 0.x")
  }

  @Test func whatIsNoPluginIsRefused() throws {
    try withTemporaryFolder { folder in
      let text = folder + "/text.so"
      try "no library".write(toFile: text, atomically: true, encoding: .utf8)
      let unloadable = problem { _ = try PJRTEngine(plugin: text) }
      #expect(unloadable.hasPrefix("\(text) cannot be loaded: \(text)"), "\(unloadable)")
      let (source, library) = (folder + "/empty.c", folder + "/empty.so")
      try "int nothing;".write(toFile: source, atomically: true, encoding: .utf8)
      try FakePlugin.compile(["-shared", "-o", library, source])
      #expect(
        problem { _ = try PJRTEngine(plugin: library) }
          == "\(library) is no PJRT plugin: it has no function GetPjrtApi")
    }
  }

  @Test func searchesSayWhereTheyLooked() throws {
    try withTemporaryFolder { folder in
      let packages = folder + "/lib/python3.11/site-packages"
      try FileManager.default.createDirectory(atPath: packages + "/a_plugin", withIntermediateDirectories: true)
      let none = PluginSearch(environment: [:])
      let advice = "name one with --plugin or RECURVE_PJRT_PLUGIN, or install one with `Tools/engines-setup FOLDER`"
      #expect(problem { _ = try none.plugin(nil) } == "no PJRT plugin was found; \(advice)")
      #expect(problem { _ = try none.plugin(folder) } == "no PJRT plugin was found in \(packages); \(advice)")
      #expect(
        problem { _ = try none.plugin(folder + "/x.so") }
          == "\(folder)/x.so does not exist; needs a PJRT plugin or a folder that holds one")
      let first = packages + "/a_plugin/pjrt_c_api_cpu_plugin.so"
      try Data().write(to: URL(fileURLWithPath: first))
      #expect(try none.plugin(folder) == first && none.plugin(packages) == first)
      #expect(try PluginSearch(environment: ["VIRTUAL_ENV": folder]).plugin(nil) == first)
      #expect(try PluginSearch(environment: [PluginSearch.variable: first]).plugin(nil) == first)
      let second = packages + "/jax_plugins/xla_cuda12/xla_cuda_plugin.so"
      try FileManager.default.createDirectory(
        atPath: packages + "/jax_plugins/xla_cuda12", withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: second))
      #expect(
        problem { _ = try none.plugin(folder) }
          == "there are several PJRT plugins, \(first), \(second); name one of them with --plugin")
    }
  }

  @Test func failedCompilationsSayWhatTheCompilerSays() throws {
    var plugin = FakePlugin()
    plugin.compileProblem = "line 3: unknown operation"
    #expect(try problem(of: plugin) == "pjrt: compiling the program for fake failed: line 3: unknown operation")
  }

  @Test func aDeviceWithoutRoomSaysWhatToDo() throws {
    var plugin = FakePlugin()
    plugin.failingRun = 2
    try withTemporaryFolder { folder in
      let program = try Compiler.compile(Self.graph, try Self.options(try plugin.build(in: folder)))
      try program.set("x", HostTensor([4], [1, 1, 1, 1] as [Float]))
      #expect(program.temporaryByteCount == 12345 && program.engine == "pjrt" && !program.isNative)
      try program.run()
      let text = "running the program on fake failed: Out of memory allocating 64 bytes"
      #expect(
        problem { try program.run() }
          == "pjrt: \(text); choose a smaller batch or depth, or a gradient mode that keeps less")
      // The run has used up the state that it was to replace.
      let lost = "its numbers were lost when a run failed (\(text)); load a checkpoint"
      #expect(problem { try program.run() } == lost && problem { _ = try program.parameter("total") } == lost)
      try program.set("total", HostTensor([4], [1, 2, 3, 4] as [Float]))
      try program.run()
    }
  }

  @Test func whatAFailedRunHasNotUsedUpStays() throws {
    var plugin = FakePlugin()
    (plugin.failingRun, plugin.losesArguments) = (1, false)
    try withTemporaryFolder { folder in
      let program = try Compiler.compile(Self.graph, try Self.options(try plugin.build(in: folder)))
      try program.set("x", HostTensor([4], [1, 1, 1, 1] as [Float]))
      try program.set("total", HostTensor([4], [1, 2, 3, 4] as [Float]))
      #expect(problem { try program.run() }.contains("Out of memory"))
      #expect(try program.parameter("total").floats == [1, 2, 3, 4])
    }
  }
}
