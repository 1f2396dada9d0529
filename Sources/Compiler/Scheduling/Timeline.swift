import GraphIR
import KernelIR
import Operators

/// The items of all regions laid on one line of positions; each loop body appears once, whatever its trip count.
///
/// Values cross iterations only through carries, so one expansion of a body is exact for any number of iterations.
struct Timeline {
  var nodes: [Node] = []
  /// One past the last position.
  var end = 0
  var loopCount = 0

  indirect enum Node {
    case launch(Launch)
    case loop(LoopNode)
  }

  /// A loop, on the path to what lies in it.
  struct LoopNode {
    var number: Int
    var begin: Int
    var end: Int
    var loop: Repeat
    var body: [Node]
  }

  /// - Parameter fuses: whether operations share kernels.
  init(_ lowered: LoweredGraph, _ team: Team, fuses: Bool) {
    let items = ItemFormation.items(of: Graph.body, lowered, fuses: fuses)
    let stored = StoredValues(items, lowered)
    nodes = lay(items, lowered, stored)
    if let streams = team.target.streams {
      nodes = StreamFormation.formed(nodes, lowered, team, streams)
    }
  }

  /// The same with right operands of groups in panels.
  ///
  /// - Parameter keeps: whether panels of so many bytes are kept from one use to the next, at the positions between.
  func withPanels(_ team: Team, keeps: @escaping (Int, Range<Int>) -> Bool) -> Timeline {
    var timeline = self
    timeline.nodes = ConversionPlacement.placed(nodes, team.graph, team.target, keeps: keeps)
    return timeline
  }

  private mutating func lay(_ items: [Item], _ lowered: LoweredGraph, _ stored: StoredValues) -> [Node] {
    items.map { item in
      switch item {
      case .group(let group): return .launch(Launch(group, at: advance(), lowered, isStored: stored.contains))
      case .contraction(let identifier, let axes):
        return .launch(Launch(productOf: identifier, axes, at: advance(), lowered))
      case .rows(let identifier, let work): return .launch(Launch(identifier, work, at: advance(), lowered))
      case .loop(let identifier, let body):
        var node = LoopNode(
          number: loopCount, begin: advance(), end: 0, loop: Repeat(lowered.graph[identifier], in: lowered.graph),
          body: [])
        loopCount += 1
        node.body = lay(body, lowered, stored)
        node.end = advance()
        return .loop(node)
      }
    }
  }

  private mutating func advance() -> Int {
    end += 1
    return end - 1
  }
}

extension [Timeline.LoopNode] {
  /// The outermost loop, within this path, in which a value does not change; nil if it changes in the innermost.
  func outermost(keeping value: Graph.Value, _ graph: Graph) -> Timeline.LoopNode? {
    let depth = depth(of: value, graph)
    return depth < count ? self[depth] : nil
  }

  /// How many loops of the path are around a value's definition.
  func depth(of value: Graph.Value, _ graph: Graph) -> Int {
    let region = graph[value].region
    if region == Graph.body { return 0 }
    guard let index = firstIndex(where: { $0.loop.region == region }) else {
      preconditionFailure("value \(value.index) of region \(region.index) is used outside of it")
    }
    return index + 1
  }
}

/// The values that something outside their own kernel reads.
private struct StoredValues {
  private var isStored: [Bool]
  private var groupOfValue: [Graph.Value: Int] = [:]
  private var groupCount = 0
  private let lowered: LoweredGraph

  init(_ items: [Item], _ lowered: LoweredGraph) {
    self.lowered = lowered
    isStored = Array(repeating: false, count: lowered.graph.values.count)
    number(items)
    mark(items)
    markResults(of: Graph.body)
  }

  func contains(_ value: Graph.Value) -> Bool { isStored[Int(value.index)] }

  private mutating func number(_ items: [Item]) {
    for item in items {
      switch item {
      case .group(let group):
        for member in group.members { groupOfValue[lowered.graph[member].results[0]] = groupCount }
        groupCount += 1
      case .loop(_, let body): number(body)
      case .contraction, .rows: break
      }
    }
  }

  private mutating func mark(_ items: [Item]) {
    for item in items {
      switch item {
      case .group(let group):
        for member in group.members {
          let own = groupOfValue[lowered.graph[member].results[0]]
          for source in lowered.graph[member].operands.flatMap(lowered.storedSources)
          where groupOfValue[source] != own { isStored[Int(source.index)] = true }
        }
      case .contraction(let identifier, _), .rows(let identifier, _): markOperands(identifier)
      case .loop(let identifier, let body):
        markOperands(identifier)
        mark(body)
        markResults(of: lowered.graph[identifier].regions[0])
      }
    }
  }

  private mutating func markOperands(_ identifier: Graph.OperationID) {
    for source in lowered.graph[identifier].operands.flatMap(lowered.storedSources) {
      isStored[Int(source.index)] = true
    }
  }

  private mutating func markResults(of region: Graph.RegionID) {
    for result in lowered.graph[region].results { isStored[Int(lowered.root(result).index)] = true }
  }
}
