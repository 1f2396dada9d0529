import ArgumentParser
import Compilation
import PJRT

/// Options that choose where a model runs.
struct EngineArguments: ParsableArguments {
  enum Choice: String, ExpressibleByArgument, CaseIterable { case native, reference, pjrt }

  @Option(help: "Where the model runs: compiled kernels, the slow reference evaluation, or a PJRT plugin such as XLA.")
  var engine: Choice?

  @Option(
    help: ArgumentHelp(
      """
      With --engine pjrt: the plugin, or a Python environment that has one. Without it RECURVE_PJRT_PLUGIN is used, then the \
      active environment.
      """, valueName: "path"))
  var plugin: String?

  func validate() throws {
    if plugin != nil && engine != .pjrt { throw ValidationError("--plugin needs --engine pjrt") }
  }

  /// Options of the compiler with the engine that is asked for.
  ///
  /// - Throws: `CommandError` where the engine cannot do what the options want; `PJRTError` for a plugin that cannot be used.
  func applied(to options: CompilerOptions) throws -> CompilerOptions {
    var options = options
    switch engine {
    case nil: return options
    case .native:
      if options.toolchain == nil { throw CommandError.needsCompiler(command: "--engine native") }
      return options
    case .reference: options.engine = ReferenceEngine()
    case .pjrt:
      let path = try PluginSearch().plugin(plugin)
      let engine = try PJRTEngine(plugin: path)
      Output.progress("runs on \(engine.platform), by \(path) with interface \(engine.version)")
      options.engine = engine
    }
    if options.verifies { throw CommandError.nothingToWatch(engine?.rawValue ?? "") }
    return options
  }
}
