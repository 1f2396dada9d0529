import Compilation
import Execution
import StableHLO
import TensorTypes

/// XLA, or what else a PJRT plugin brings: programs are compiled from their text in StableHLO and run on a device.
public struct PJRTEngine: Engine {
  public static let name = "pjrt"

  private let client: PJRTClient

  /// Loads a plugin; one that is loaded already is used again.
  ///
  /// - Throws: `PJRTError` for what is no plugin or has another version, and for a plugin without a device here.
  public init(plugin path: String) throws { client = try PJRTClient.shared(path: path) }

  public var name: String { Self.name }

  /// The kind of device: `cpu`, for example.
  public var platform: String { client.platform }

  /// The version of PJRT's interface that the plugin has.
  public var version: String { "\(client.plugin.version.major).\(client.plugin.version.minor)" }

  /// The plan's arena is none of the device's: it says itself when it has no room.
  public func checkMemory(_ plan: CompilationPlan, shared: Set<String>) {}

  public func program(
    _ plan: CompilationPlan, _ options: CompilerOptions, shared: [Int: TensorMemory]
  ) throws -> any EngineProgram {
    let text = StableHLOProgram(plan.graph).text
    do {
      return try PJRTProgram(
        plan, client, try client.compile(text, argumentCount: plan.schedule.parameters.count), shared: shared)
    } catch let error as PJRTError { throw error.engineError }
  }
}
