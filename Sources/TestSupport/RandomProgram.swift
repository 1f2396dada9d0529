import GraphIR
import Modeling
import Operators
import TensorTypes

/// A random recursive program with tensors for its parameters, the same for the same seed.
public struct RandomProgram: Sendable {
  public let seed: UInt64
  public let graph: Graph
  public let tensors: [HostTensor]

  /// - Parameter mode: the gradient mode of every loop; nil draws one for each.
  public init(seed: UInt64, mode: GradientMode? = nil) {
    self.seed = seed
    let generator = ProgramGenerator(seed: seed, mode: mode)
    let graph = generator.program()
    self.graph = graph
    tensors = zip(graph.parameters, graph.parameterRoles).enumerated().map { index, parameter in
      let type = graph.type(of: parameter.0)
      let domain: OperatorSample.Domain = type.elementType == .int32 ? .integers(generator.rows) : .uniform(-0.8, 0.8)
      return SampleTensors.tensor(type, domain, seed: seed &* 977 &+ UInt64(index))
    }
  }
}

/// Draws operations on tensors of one shape, `[rows, columns]`, each by way of other shapes where that is the point.
final class ProgramGenerator {
  var random: CounterRandom
  let build: GraphBuilder
  let mode: GradientMode?
  let rows: Int
  let columns: Int
  let square: Graph.Value
  let wide: Graph.Value
  let vector: Graph.Value
  let numbers: Graph.Value
  let state: Graph.Value
  var stepIndices: [Graph.Value] = []

  init(seed: UInt64, mode: GradientMode?) {
    random = CounterRandom(seed: seed &* 0x9E37_79B9 &+ 1)
    self.mode = mode
    rows = 1 + Int(random.next() % 5)
    columns = [2, 4, 6, 18, 34][Int(random.next() % 5)]
    let build = GraphBuilder(Graph(name: "random\(seed)"))
    self.build = build
    let (rows, columns) = (rows, columns)
    func add(_ name: String, _ shape: Shape, _ role: ParameterRole, _ elementType: ElementType = .float32)
      -> Graph.Value
    {
      build.graph.addParameter(TensorType(elementType, shape), name: name, role: role)
    }
    square = add("square", [columns, columns], .weight)
    wide = add("wide", [2, columns, columns + 3], .weight)
    vector = add("vector", [columns], .weight)
    state = add("state", [rows, columns], .state)
    numbers = add("numbers", [rows], .input, .int32)
    _ = add("unused", [3], .weight)
    _ = add("input", [rows, columns], .input)
    _ = add("start", [rows, columns], .weight)
  }

  var shape: Shape { [rows, columns] }
  var type: TensorType { TensorType(.float32, shape) }

  func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(bound, 1))) }
  func chance(_ percent: Int) -> Bool { below(100) < percent }
  func pick(_ pool: [Graph.Value]) -> Graph.Value {
    chance(60) ? pool[max(0, pool.count - 1 - below(3))] : pool[below(pool.count)]
  }

  func program() -> Graph {
    var pool = [state] + build.graph.parameters.filter { build.type(of: $0) == type && $0 != state }
    block(&pool, length: 4 + below(8), depth: 0)
    let mixed = pool.suffix(4).reduce(build.negate(pick(pool))) { build.add($0, build.multiply($1, $1)) }
    build.graph.addResult(build.sum(build.emit1(.sine, mixed), [0, 1]), name: "loss")
    let shown = pick(pool)
    build.graph.addResult(shown, name: "shown")
    if chance(30) { build.graph.addResult(shown, name: "again") }
    if chance(20) { build.graph.addResult(state, name: "before") }
    if chance(20) { build.graph.addResult(build.reshape(pick(pool), to: [rows * columns]), name: "flat") }
    if chance(70) { build.graph.addResult(pick(pool), name: "next", updating: state) }
    return build.graph
  }

  /// Appends so many operations, each reading earlier values, to the pool.
  func block(_ pool: inout [Graph.Value], length: Int, depth: Int) {
    for _ in 0..<length {
      switch below(10) {
      case 0 where depth < 2, 1 where depth < 2: pool += loop(pool, depth: depth + 1)
      case 2 where depth < 3: pool += checkpoint(pool, depth: depth + 1)
      default: pool.append(operation(pool))
      }
    }
  }
}
