import GraphIR
import Operators
import TensorTypes

/// A random recursive program with tensors for its parameters, the same for the same seed.
public struct RandomProgram: Sendable {
  public let seed: UInt64
  public let graph: Graph
  public let data: RandomData

  public var tensors: [HostTensor] { data.tensors(for: graph) }

  /// How large tensors are: a few hundred elements, or up to a hundred thousand and now and then none.
  public enum Sizes: Sendable { case small, any }

  /// - Parameters:
  ///   - mode: the gradient mode of every loop; nil draws one for each.
  ///   - hasSpecialValues: whether tensors hold NaNs, infinities, signed zeros and subnormals among their numbers.
  public init(seed: UInt64, mode: GradientMode? = nil, sizes: Sizes = .small, hasSpecialValues: Bool = false) {
    self.seed = seed
    graph = ProgramGenerator(seed: seed, mode: mode, sizes: sizes).program()
    data = RandomData(seed: seed, hasSpecialValues: hasSpecialValues)
  }
}

/// Values that an operation may read.
struct ValuePool {
  /// Those of the program's own type.
  var common: [Graph.Value]
  /// Those of any other type.
  var others: [Graph.Value] = []

  var all: [Graph.Value] { common + others }

  /// The latest of them, for a region.
  func latest(_ count: Int) -> ValuePool { ValuePool(common: common.suffix(count), others: others.suffix(count)) }
}

/// Draws operations on tensors of one type, each by way of other types where that is the point.
final class ProgramGenerator {
  var random: CounterRandom
  let build: GraphBuilder
  let mode: GradientMode?
  let sizes: RandomProgram.Sizes
  /// `[rows, columns]` in single or double precision.
  let type: TensorType
  let square: Graph.Value
  let wide: Graph.Value
  let vector: Graph.Value
  let numbers: Graph.Value
  let state: Graph.Value
  var stepIndices: [Graph.Value] = []
  var parameterCount = 0

  init(seed: UInt64, mode: GradientMode?, sizes: RandomProgram.Sizes) {
    random = CounterRandom(seed: seed &* 0x9E37_79B9 &+ 1)
    (self.mode, self.sizes) = (mode, sizes)
    let (rows, columns) = sizes.extents(&random)
    let elementType: ElementType = random.next() % 100 < 15 ? .float64 : .float32
    type = TensorType(elementType, [rows, columns])
    let build = GraphBuilder(Graph(name: "random\(seed)"))
    self.build = build
    func add(_ name: String, _ shape: Shape, _ role: ParameterRole, _ elementType: ElementType) -> Graph.Value {
      build.graph.addParameter(TensorType(elementType, shape), name: name, role: role)
    }
    square = add("square", [columns, columns], .weight, elementType)
    wide = add("wide", [2, columns, columns + 3], .weight, elementType)
    vector = add("vector", [columns], .weight, elementType)
    state = add("state", [rows, columns], .state, elementType)
    numbers = add("numbers_below_\(rows)", [rows], .input, .int32)
    _ = add("unused", [3], .weight, elementType)
    _ = add("input", [rows, columns], .input, elementType)
    _ = add("start", [rows, columns], .weight, elementType)
  }

  var shape: Shape { type.shape }
  var rows: Int { shape[0] }
  var columns: Int { shape[1] }

  func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(bound, 1))) }
  func chance(_ percent: Int) -> Bool { below(100) < percent }
  /// One of the values, more often a late one.
  func pick(_ values: [Graph.Value]) -> Graph.Value {
    chance(60) ? values[max(0, values.count - 1 - below(3))] : values[below(values.count)]
  }

  func program() -> Graph {
    var pool = ValuePool(common: [state] + build.graph.parameters.filter { build.type(of: $0) == type && $0 != state })
    block(&pool, length: 4 + below(8), depth: 0)
    for _ in 0..<3 { sampled(&pool) }
    let mixed = pool.common.suffix(4).reduce(build.negate(pick(pool.common))) {
      build.add($0, build.multiply($1, $1))
    }
    build.graph.addResult(build.sum(build.emit1(.sine, mixed), [0, 1]), name: "loss")
    addOtherResults(pool)
    return build.graph
  }

  private func addOtherResults(_ pool: ValuePool) {
    let shown = pick(pool.common)
    build.graph.addResult(shown, name: "shown")
    if chance(30) { build.graph.addResult(shown, name: "again") }
    if chance(20) { build.graph.addResult(state, name: "before") }
    if chance(20) { build.graph.addResult(build.reshape(pick(pool.common), to: [rows * columns]), name: "flat") }
    if chance(40), !pool.others.isEmpty { build.graph.addResult(pick(pool.others), name: "other") }
    if chance(70) { build.graph.addResult(pick(pool.common), name: "next", updating: state) }
  }

  /// Appends so many operations, each reading earlier values, to the pool.
  func block(_ pool: inout ValuePool, length: Int, depth: Int) {
    for _ in 0..<length {
      switch below(10) {
      case 0 where depth < 2, 1 where depth < 2: loop(&pool, depth: depth + 1)
      case 2 where depth < 3: checkpoint(&pool, depth: depth + 1)
      case 3, 4, 5, 6: sampled(&pool)
      default: pool.common.append(operation(pool.common))
      }
    }
  }
}

extension RandomProgram.Sizes {
  fileprivate func extents(_ random: inout CounterRandom) -> (rows: Int, columns: Int) {
    func one(of choices: [Int]) -> Int { choices[Int(random.next() % UInt64(choices.count))] }
    let isRare = random.next() % 8 == 0
    switch (self, isRare) {
    case (.small, _): return (one(of: [1, 2, 3, 4, 5]), one(of: [2, 4, 6, 18, 34]))
    case (.any, false): return (one(of: [1, 2, 3, 5, 8, 13, 33]), one(of: [1, 2, 3, 4, 7, 16, 18, 33, 34, 64]))
    case (.any, true): return (one(of: [0, 1, 3, 20, 70, 300]), one(of: [0, 1, 5, 32, 66, 130, 272]))
    }
  }
}
