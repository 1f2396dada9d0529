import GraphIR
import Modeling
import Operators
import TensorTypes

/// Writes a random program operation by operation.
struct ProgramWriter {
  let build = GraphBuilder(Graph(name: "random"))
  let options: RandomProgram.Options
  var random: CounterRandom
  /// Single-precision values that are visible at the insertion point, the newest last.
  var pool: [Graph.Value] = []
  /// Vectors of integers that are visible at the insertion point.
  var numbers: [Graph.Value] = []
  private(set) var states: [Graph.Value] = []
  let extents: [Int]

  init(seed: UInt64, _ options: RandomProgram.Options) {
    self.options = options
    random = CounterRandom(seed: seed)
    var choices = [1, 2, 3, 4, 5, 7, 33]
    extents = (0..<3).map { _ in choices.remove(at: Int(random.next() % UInt64(choices.count))) }
  }

  mutating func write() -> Graph {
    addParameters()
    addOperations(options.operationCount, depth: options.depth)
    addResults()
    return build.graph
  }

  mutating func shape(ranks: ClosedRange<Int> = 0...3) -> Shape {
    Shape((0..<(ranks.lowerBound + random.below(ranks.count))).map { _ in random.element(of: extents) })
  }

  func type(_ value: Graph.Value) -> TensorType { build.type(of: value) }

  /// A visible value, a recent one more often than an old one.
  mutating func pick() -> Graph.Value {
    random.isTrue(oneIn: 2) ? random.element(of: Array(pool.suffix(3))) : random.element(of: pool)
  }

  private mutating func addParameters() {
    for (role, count) in [(ParameterRole.weight, 2 + random.below(3)), (.input, 1), (.state, random.below(3))] {
      for index in 0..<count {
        let type = TensorType(.float32, shape(ranks: 1...3))
        let value = build.graph.addParameter(type, name: "\(role.rawValue)\(index)", role: role)
        pool.append(value)
        if role == .state { states.append(value) }
      }
    }
    let type = TensorType(.int32, Shape([random.element(of: extents)]))
    numbers.append(build.graph.addParameter(type, name: "numbers", role: .input))
  }

  mutating func addOperations(_ count: Int, depth: Int) {
    for _ in 0..<count {
      let choice = random.below(depth > 0 ? 12 : 9)
      switch choice {
      case 0...2: addElementwise()
      case 3...4: addDot()
      case 5...6: addMovement()
      case 7: addRows()
      case 8: addIndexing()
      case 9...10: addLoop(depth: depth - 1)
      default: addCheckpoint(depth: depth - 1)
      }
    }
  }

  // MARK: Results

  private mutating func addResults() {
    build.graph.addResult(loss(), name: "loss")
    for index in 0..<random.below(3) { build.graph.addResult(pick(), name: "metric\(index)") }
    let next = states.map { state in
      random.isTrue(oneIn: 4) ? random.element(of: states) : bounded(pick())
    }
    for (index, state) in states.enumerated() where !random.isTrue(oneIn: 5) {
      build.graph.addResult(fitted(next[index], to: type(state).shape), name: "next\(index)", updating: state)
    }
  }

  /// The sum of the means of several values, so that most of the program matters.
  private mutating func loss() -> Graph.Value {
    var total = mean(pool[pool.count - 1])
    for _ in 0..<4 { total = build.add(total, mean(pick())) }
    return total
  }

  private func mean(_ value: Graph.Value) -> Graph.Value {
    let shape = type(value).shape
    let sum = build.sum(build.emit1(.hyperbolicTangent, value), Array(0..<shape.rank))
    return build.scale(sum, by: 1 / Double(max(shape.elementCount, 1)))
  }
}
