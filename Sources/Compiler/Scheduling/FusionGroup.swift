import GraphIR
import KernelIR
import Operators
import TensorTypes

/// Operations that one kernel computes row by row.
struct FusionGroup {
  /// Extents of the iteration space: rows, then columns.
  var extents: [Int]
  /// How many leading axes are rows; nil while nothing in the group reduces.
  var keptCount: Int?
  var members: [Graph.OperationID] = []
  /// Values the group computes: whether they have one element per point or one per row.
  var levels: [Graph.Value: Level] = [:]
  var role: Graph.Role
  /// Stored values that members read.
  private var sources: Set<Graph.Value> = []
  /// Bytes of one point of all values that the group computes at points.
  private var pointByteCount = 0

  enum Level { case point, row }

  static let memberLimit = 64

  /// Whether a later stage of a row may read again what the group and one more value have at the row's points.
  private func keepsRows(with type: TensorType, _ target: Target) -> Bool {
    columnCount <= target.keptColumnLimit
      && (pointByteCount + type.elementType.byteCount) * columnCount <= target.rowByteLimit
  }

  init(extents: [Int], keptCount: Int?, role: Graph.Role) {
    self.extents = extents
    self.keptCount = keptCount
    self.role = role
  }

  var rowExtents: [Int] { Array(extents.prefix(keptCount ?? extents.count)) }
  private var columnCount: Int { extents.dropFirst(keptCount ?? extents.count).reduce(1, *) }

  /// The level at which an operation would join, or nil if it does not fit.
  func level(of identifier: Graph.OperationID, _ lowered: LoweredGraph) -> Level? {
    guard members.count < Self.memberLimit else { return nil }
    switch lowered.lowering(identifier) {
    case .map?:
      let type = lowered.graph.type(of: lowered.graph[identifier].results[0])
      let domain = type.shape.extents
      if domain == extents, keptCount == nil || keepsRows(with: type, lowered.target) {
        return reads(identifier, lowered, asRow: false) ? .point : nil
      }
      guard keptCount != nil, domain == rowExtents else { return nil }
      return reads(identifier, lowered, asRow: true) ? .row : nil
    case .reduce(let domain, let kept, _, _)?:
      guard domain == extents, keptCount == nil || keptCount == kept else { return nil }
      let type = lowered.graph.type(of: lowered.graph[identifier].results[0])
      guard keptCount == nil || keepsRows(with: type, lowered.target) else { return nil }
      return reads(identifier, lowered, asRow: false) ? .point : nil
    default: return nil
    }
  }

  func shares(_ values: [Graph.Value]) -> Bool { values.contains(where: sources.contains) }

  mutating func add(_ identifier: Graph.OperationID, level: Level, _ lowered: LoweredGraph) {
    members.append(identifier)
    if lowered.graph[identifier].annotation.role != role { role = .backward }
    sources.formUnion(lowered.graph[identifier].operands.flatMap(lowered.storedSources))
    let result = lowered.graph[identifier].results[0]
    if case .reduce(_, let kept, _, _)? = lowered.lowering(identifier) {
      keptCount = kept
      levels[result] = .row
    } else {
      levels[result] = level
      if level == .point { pointByteCount += lowered.graph.type(of: result).elementType.byteCount }
    }
  }

  /// Whether every value of the group that an operation reads is read at the point, or row, at hand.
  private func reads(_ identifier: Graph.OperationID, _ lowered: LoweredGraph, asRow: Bool) -> Bool {
    let element = lowered.element(identifier)
    let rank = asRow ? rowExtents.count : extents.count
    var fits = true
    _ = element.expression.mapOperands { operand, indices in
      let value = element.values[operand]
      if let level = levels[value] {
        let own = (0..<(level == .row ? rowExtents.count : extents.count)).map { AffineIndex.axis($0, of: rank) }
        if asRow && level == .point || indices != own.map(ScalarExpression.AxisIndex.affine) { fits = false }
      } else if members.contains(where: { lowered.computes($0, a: lowered.root(value)) }) {
        fits = false
      }
      return .operand(operand, indices)
    }
    return fits
  }
}

extension LoweredGraph {
  /// Whether an operation computes a stored value, or a part of it.
  fileprivate func computes(_ identifier: Graph.OperationID, a root: Graph.Value) -> Bool {
    let result = graph[identifier].results[0]
    return result == root || part(result)?.whole == root
  }
}

extension Graph.Role {
  /// Whether operations of two roles may be computed together: what is computed again for the backward part may share its
  /// kernels.
  func sharesLaunches(with other: Graph.Role) -> Bool {
    let backward: Set<Graph.Role> = [.backward, .recompute]
    return self == other || (backward.contains(self) && backward.contains(other))
  }
}
