import GraphIR
import Operators
import TensorTypes

extension ProgramGenerator {
  /// A loop over one to three carries, among them ones that pass unchanged, swap, double or come from outside.
  func loop(_ pool: [Graph.Value], depth: Int) -> [Graph.Value] {
    let count = 1 + below(4)
    let initial = (0..<(1 + below(3))).map { _ in pick(pool) }
    let region = build.graph.addRegion()
    let step = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carries = initial.map { _ in build.graph.addParameter(type, to: region) }
    var inner = Array(pool.suffix(3)) + carries
    stepIndices.append(step)
    build.inside(region) { block(&inner, length: 2 + below(5), depth: depth) }
    stepIndices.removeLast()
    build.graph[region].results = carries.map { carry in
      switch below(10) {
      case 0: carry
      case 1: carries[below(carries.count)]
      case 2: pick(pool)
      default: inner[inner.count - 1 - below(2)]
      }
    }
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(initial.count)]
    for (name, value) in (mode ?? drawnMode(count)).attributes { attributes[name] = value }
    return build.emit(.repeat, initial, attributes, regions: [region])
  }

  private func drawnMode(_ count: Int) -> GradientMode {
    switch below(8) {
    case 0, 1: .last(1 + below(count + 1))
    case 2: .none
    case 3, 4: .checkpointed(every: 1 + below(count + 1))
    case 5: .revolve(slots: 1 + below(3))
    default: .full
    }
  }

  /// A region whose values are computed again for the gradient.
  func checkpoint(_ pool: [Graph.Value], depth: Int) -> [Graph.Value] {
    let region = build.graph.addRegion()
    var inner = Array(pool.suffix(4))
    build.inside(region) { block(&inner, length: 1 + below(4), depth: depth) }
    let results = (0..<(1 + below(2))).map { _ in pick(inner) }
    build.graph[region].results = results
    return build.emit(.checkpoint, [], regions: [region])
  }
}
