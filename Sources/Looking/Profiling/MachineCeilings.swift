import Compilation
import GraphIR
import Operators
import TensorTypes

/// What the machine can do at best, measured with compiled programs: the roof that a profile is held against.
public struct MachineCeilings: Sendable, Codable {
  /// Of a large matrix product, all workers together.
  public var flopsPerSecond: Double
  /// Of a scaled addition of two arrays far larger than the caches, all workers together; every array counts once.
  public var bytesPerSecond: Double
  public var workerCount: Int

  public init(flopsPerSecond: Double, bytesPerSecond: Double, workerCount: Int) {
    self.flopsPerSecond = flopsPerSecond
    self.bytesPerSecond = bytesPerSecond
    self.workerCount = workerCount
  }

  /// Measures for about half a second; runs are not watched, whatever the options say.
  public static func measured(_ options: CompilerOptions) throws -> MachineCeilings {
    var options = options
    options.verifies = false
    return MachineCeilings(
      flopsPerSecond: 2 * productSize * productSize * productSize / (try best(product(), options)),
      bytesPerSecond: 3 * 4 * arraySize / (try best(triad(), options)), workerCount: options.workerCount)
  }

  private static let productSize = 1536.0
  private static let arraySize = 33_554_432.0

  private static func product() -> Graph {
    let builder = GraphBuilder(Graph(name: "ceiling"))
    let type = TensorType(.float32, [Int(productSize), Int(productSize)])
    let a = builder.graph.addParameter(type, name: "a", role: .input)
    let b = builder.graph.addParameter(type, name: "b", role: .input)
    builder.graph.addResult(builder.dot(a, b, DotAxes(leftInner: [1], rightInner: [0])), name: "c")
    return builder.graph
  }

  private static func triad() -> Graph {
    let builder = GraphBuilder(Graph(name: "ceiling"))
    let type = TensorType(.float32, [Int(arraySize)])
    let a = builder.graph.addParameter(type, name: "a", role: .input)
    let b = builder.graph.addParameter(type, name: "b", role: .input)
    builder.graph.addResult(builder.add(builder.scale(a, by: 2), b), name: "c")
    return builder.graph
  }

  private static func best(_ graph: Graph, _ options: CompilerOptions) throws -> Double {
    let program = try Compiler.compile(graph, options)
    // Memory that nobody has written is one page of zeros, which any cache holds.
    for parameter in program.plan.schedule.parameters {
      try program.set(parameter.name, HostTensor(parameter.type, repeating: 1))
    }
    try program.run()
    return try (0..<5).map { _ in try seconds { try program.run() } }.min() ?? .infinity
  }

  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}
