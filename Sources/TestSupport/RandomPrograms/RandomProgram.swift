import GraphIR
import Modeling
import Operators
import TensorTypes

/// A program drawn from a seed: every control operator, gradient mode and memory layout in odd company.
///
/// The first result is the loss, a scalar; others are any values, some of which update states.
public struct RandomProgram: Sendable, CustomStringConvertible {
  public let seed: UInt64
  public let graph: Graph
  /// One tensor per parameter of the graph.
  public let parameters: [HostTensor]

  /// What a program may contain.
  public struct Options: Sendable {
    /// Operations of the body besides those inside regions.
    public var operationCount: Int = 9
    /// Operations of each region.
    public var innerOperationCount: Int = 4
    public var depth: Int = 2
    /// nil draws a mode for each loop.
    public var mode: GradientMode?
    /// Whether the program has no steps: no maxima, comparisons, or rounding, and no detached parts.
    public var isSmooth: Bool = false
    public init() {}
  }

  public init(seed: UInt64, _ options: Options = Options()) {
    self.seed = seed
    var writer = ProgramWriter(seed: seed, options)
    graph = writer.write()
    parameters = zip(graph.parameters, 0...).map { [graph] value, index in
      let type = graph.type(of: value)
      let domain: OperatorSample.Domain = type.elementType == .int32 ? .integers(4) : .uniform(-1, 1)
      return SampleTensors.tensor(type, domain, seed: seed &* 1_000 &+ UInt64(index))
    }
  }

  public var description: String { "program \(seed)" }
}

extension CounterRandom {
  /// Uniform among `0 ..< bound`.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func isTrue(oneIn bound: Int) -> Bool { below(bound) == 0 }

  mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
