import Compilation
import Foundation
import PJRT
import Testing

/// The plugin that tests run on: `RECURVE_PJRT_PLUGIN` names it, as it does for commands.
enum Plugin {
  static let isThere = ProcessInfo.processInfo.environment[PluginSearch.variable].map { !$0.isEmpty } ?? false

  /// A header of PJRT's own.
  static let header = ProcessInfo.processInfo.environment["RECURVE_PJRT_HEADER"].flatMap { $0.isEmpty ? nil : $0 }

  /// Compiled kernels, and the plugin.
  static func options() throws -> (native: CompilerOptions, plugin: CompilerOptions) {
    let native = CompilerOptions(workerCount: 2)
    var plugin = native
    plugin.engine = try PJRTEngine(plugin: try PluginSearch().plugin(nil))
    return (native, plugin)
  }
}
