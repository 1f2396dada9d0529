import GraphIR
import Modeling
import Operators
import TensorTypes

extension ProgramWriter {
  mutating func addCheckpoint(depth: Int) {
    let outer = (pool, numbers)
    let region = build.graph.addRegion()
    let results = inside(region) { writer in
      writer.addOperations(1 + writer.random.below(writer.options.innerOperationCount), depth: depth)
      return (0..<(1 + writer.random.below(2))).map { _ in writer.pick() }
    }
    build.graph[region].results = results
    (pool, numbers) = outer
    pool += build.emit(.checkpoint, [], regions: [region])
  }

  mutating func addLoop(depth: Int) {
    let count = 1 + random.below(4)
    let outer = (pool, numbers)
    let initial = (0..<(1 + random.below(3))).map { _ in pick() }
    let region = build.graph.addRegion()
    let step = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carries = initial.map { build.graph.addParameter(type($0), to: region) }
    pool += carries
    let next = inside(region) { writer in
      if writer.random.isTrue(oneIn: 2) { writer.useStep(step) }
      writer.addOperations(1 + writer.random.below(writer.options.innerOperationCount), depth: depth)
      return carries.indices.map { writer.next($0, carries, captured: outer.0) }
    }
    build.graph[region].results = next
    (pool, numbers) = outer
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(initial.count)]
    let mode = options.mode ?? self.mode()
    if mode != .full { for (name, value) in mode.attributes { attributes[name] = value } }
    pool += build.emit(.repeat, initial, attributes, regions: [region])
  }

  /// What a carry becomes: mostly something new, at times itself, another carry, or a value from around the loop.
  private mutating func next(_ index: Int, _ carries: [Graph.Value], captured: [Graph.Value]) -> Graph.Value {
    let type = type(carries[index])
    func same(_ values: [Graph.Value]) -> [Graph.Value] { values.filter { self.type($0) == type } }
    switch random.below(8) {
    case 0: return random.element(of: same(carries))
    case 1: return same(captured).last ?? carries[index]
    case 2: return same(pool).last ?? carries[index]
    case 3:
      let change = bounded(fitted(pick(), to: type.shape))
      return build.add(build.scale(carries[index], by: 0.5), change)
    default: return bounded(fitted(pick(), to: type.shape))
    }
  }

  private mutating func useStep(_ step: Graph.Value) {
    let number = build.convert(step, to: .float32)
    pool.append(build.emit1(.sine, build.add(number, build.constant(0.25, like: number))))
  }

  private mutating func mode() -> GradientMode {
    let parameter = 1 + random.below(4)
    if options.isSmooth {
      return random.element(of: [.full, .full, .checkpointed(every: parameter), .revolve(slots: parameter)])
    }
    return random.element(of: [
      .full, .full, .last(parameter), .none, .checkpointed(every: parameter), .revolve(slots: parameter),
    ])
  }

  private mutating func inside<Result>(
    _ region: Graph.RegionID, _ body: (inout ProgramWriter) -> Result
  ) -> Result {
    let outer = build.region
    build.region = region
    defer { build.region = outer }
    return body(&self)
  }
}
