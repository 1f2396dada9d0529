import GraphIR
import Operators
import TensorTypes

extension ProgramGenerator {
  /// A loop over one to three carries, among them ones that pass unchanged, swap, double or come from outside, with
  /// sequences that it reads and values that it stacks.
  func loop(_ pool: inout ValuePool, depth: Int) {
    let count = chance(80) ? 1 + below(4) : 5 + below(8)
    let initial = (0..<(1 + below(3))).map { _ in
      chance(80) || pool.others.isEmpty ? pick(pool.common) : pick(pool.others)
    }
    // As often as a number says.
    let times = chance(12) ? operand(TensorType(.int32, .scalar), .integers(count + 1), pool) : nil
    let sequences = times == nil ? (0..<max(0, below(5) - 2)).map { _ in sequence(count, pool) } : []
    let region = build.graph.addRegion()
    let step = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carries = initial.map { build.graph.addParameter(build.type(of: $0), to: region) }
    let parts = sequences.map { sequence in
      let type = build.type(of: sequence)
      return build.graph.addParameter(type.with(type.shape.removing([0])), to: region)
    }
    var inner = pool.latest(3)
    for value in carries + parts { insert(value, into: &inner) }
    stepIndices.append(step)
    build.inside(region) {
      block(&inner, length: 2 + below(5), depth: depth)
      build.graph[region].results = carries.map { next($0, of: carries, inner, pool) }
      if times == nil { build.graph[region].results += stacked(inner) }
    }
    stepIndices.removeLast()
    var results = build.emit(
      .repeat, initial + sequences + [times].compactMap { $0 },
      attributes(count, carries: initial.count, isBounded: times != nil), regions: [region])
    if times != nil { results = results.map { build.emit1(.stopGradient, $0) } }
    for result in results.prefix(initial.count) { insert(result, into: &pool) }
    for result in results.dropFirst(initial.count) { addStack(result, to: &pool) }
  }

  private func insert(_ value: Graph.Value, into pool: inout ValuePool) {
    if build.type(of: value) == type { pool.common.append(value) } else { pool.others.append(value) }
  }

  private func sequence(_ count: Int, _ pool: ValuePool) -> Graph.Value {
    let shapes: [Shape] = [shape, [columns], [], [2, 3]]
    return operand(
      TensorType(type.elementType, Shape([count] + shapes[below(4)].extents)), .uniform(-1, 1), pool)
  }

  private func next(_ carry: Graph.Value, of carries: [Graph.Value], _ inner: ValuePool, _ outer: ValuePool)
    -> Graph.Value
  {
    let type = build.type(of: carry)
    func same(_ values: [Graph.Value]) -> [Graph.Value] { values.filter { build.type(of: $0) == type } }
    switch below(10) {
    case 0: return carry
    case 1: return pick(same(carries))
    case 2: return same(outer.all).last ?? carry
    default:
      let values = same(inner.all)
      return values[values.count - 1 - below(min(2, values.count))]
    }
  }

  private func stacked(_ inner: ValuePool) -> [Graph.Value] {
    (0..<max(0, below(4) - 1)).map { _ in pick(inner.all) }
  }

  /// Sums a stack of the program's own type over the iterations.
  private func addStack(_ stack: Graph.Value, to pool: inout ValuePool) {
    let stackType = build.type(of: stack)
    guard stackType.elementType == type.elementType else { return add(stack, to: &pool) }
    pool.others.append(stack)
    let sum = build.sum(stack, [0])
    if build.type(of: sum) == type { pool.common.append(build.scale(sum, by: 0.25)) } else { add(sum, to: &pool) }
  }

  private func attributes(_ count: Int, carries: Int, isBounded: Bool) -> Attributes {
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(carries)]
    if isBounded {
      attributes["bounded"] = .flag(true)
      return attributes
    }
    if chance(20) { attributes["reversed"] = .flag(true) }
    for (name, value) in (mode ?? drawnMode(count)).attributes { attributes[name] = value }
    return attributes
  }

  private func drawnMode(_ count: Int) -> GradientMode {
    switch below(8) {
    case 0, 1: .last(1 + below(count))
    case 2: .none
    case 3, 4: .checkpointed(every: 1 + below(count + 1))
    // With a slot for every state it is checkpointing.
    case 5: .revolve(slots: 1 + below(max(1, count - 2)))
    default: .full
    }
  }

  /// A region whose values are computed again for the gradient.
  func checkpoint(_ pool: inout ValuePool, depth: Int) {
    let region = build.graph.addRegion()
    var inner = pool.latest(4)
    build.inside(region) { block(&inner, length: 1 + below(4), depth: depth) }
    build.graph[region].results = (0..<(1 + below(2))).map { _ in chance(80) ? pick(inner.common) : pick(inner.all) }
    for result in build.emit(.checkpoint, [], regions: [region]) { insert(result, into: &pool) }
  }
}
