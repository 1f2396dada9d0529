import GraphIR
import KernelIR
import Operators
import TensorTypes

/// Turns a fusion group into a kernel and the stored values that its buffers stand for.
///
/// Stages alternate: row stage 0, column stage 0, row stage 1, and so on. A value that depends on a reduction of column
/// stage k is computed in stage k + 1.
struct KernelAssembly {
  private let lowered: LoweredGraph
  private let group: FusionGroup
  private let isStored: (Graph.Value) -> Bool
  private(set) var kernel: Kernel
  /// The stored value of each buffer.
  private(set) var values: [Graph.Value] = []
  private var locals: [Graph.Value: Int] = [:]
  /// The stage in which a value of the group is computed, or for reductions becomes known.
  private var stages: [Graph.Value: Int] = [:]
  private var rowStatements: [[Kernel.Statement]] = [[]]
  private var columnStatements: [[Kernel.Statement]] = [[]]
  private var columnStores: [[Kernel.Statement]] = [[]]
  private var kept: Set<Int> = []
  private var bufferOfValue: [Graph.Value: Int] = [:]
  private let rank: Int
  private let keptCount: Int

  init(_ group: FusionGroup, _ lowered: LoweredGraph, isStored: @escaping (Graph.Value) -> Bool) {
    self.lowered = lowered
    self.group = group
    self.isStored = isStored
    rank = group.extents.count
    keptCount = group.keptCount ?? 0
    kernel = Kernel(
      rowExtents: Array(group.extents.prefix(keptCount)), columnExtents: Array(group.extents.dropFirst(keptCount)),
      buffers: [], locals: [], stages: [])
    for identifier in group.members { add(identifier) }
    finish()
  }

  private mutating func add(_ identifier: Graph.OperationID) {
    let result = lowered.graph[identifier].results[0]
    let stage = stageNeeded(identifier)
    if case .reduce(_, _, let combiner, _)? = lowered.lowering(identifier) {
      let element = resolve(identifier, rank, stage: stage)
      let local = newLocal(result, stage + 1)
      columnStatements[stage].append(.reduce(local, combiner, element))
      return store(result, local, isRow: true, stage + 1)
    }
    let isRow = group.levels[result] == .row
    let local = newLocal(result, stage)
    let value = resolve(identifier, isRow ? keptCount : rank, stage: isRow ? nil : stage)
    if isRow {
      rowStatements[stage].append(.define(local, value))
    } else {
      columnStatements[stage].append(.define(local, value))
    }
    store(result, local, isRow: isRow, stage)
  }

  private mutating func newLocal(_ value: Graph.Value, _ stage: Int) -> Int {
    while columnStatements.count <= stage {
      rowStatements.append([])
      columnStatements.append([])
      columnStores.append([])
    }
    stages[value] = stage
    locals[value] = kernel.locals.count
    kernel.locals.append(lowered.graph.type(of: value).elementType)
    return kernel.locals.count - 1
  }

  /// The first stage in which everything the operation reads in this group is known.
  private func stageNeeded(_ identifier: Graph.OperationID) -> Int {
    lowered.graph[identifier].operands.flatMap(lowered.storedSources).compactMap { stages[$0] }.max() ?? 0
  }

  private mutating func store(_ value: Graph.Value, _ local: Int, isRow: Bool, _ stage: Int) {
    let part = lowered.part(value)
    guard part != nil || isStored(value) else { return }
    var offset = part?.offset ?? AffineIndex(coefficients: lowered.graph.type(of: value).shape.strides)
    offset.coefficients += Array(repeating: 0, count: rank - offset.coefficients.count)
    let statement = Kernel.Statement.store(buffer(part?.whole ?? value, isWritten: true), offset, .local(local))
    if isRow { rowStatements[stage].append(statement) } else { columnStores[stage].append(statement) }
  }

  private mutating func buffer(_ value: Graph.Value, isWritten: Bool) -> Int {
    if let found = bufferOfValue[value] { return found }
    let elementType = lowered.graph.type(of: value).elementType
    kernel.buffers.append(Kernel.Buffer(elementType: elementType, isWritten: isWritten))
    values.append(value)
    bufferOfValue[value] = values.count - 1
    return values.count - 1
  }

  /// What an operation computes, with operands replaced by locals of the group and loads from buffers.
  ///
  /// - Parameters:
  ///   - ownRank: how many leading axes of the kernel are the operation's.
  ///   - stage: the column stage that evaluates it; nil for a row stage.
  private mutating func resolve(_ identifier: Graph.OperationID, _ ownRank: Int, stage: Int?) -> ScalarExpression {
    let element = lowered.element(identifier)
    let axes = (0..<ownRank).map { AffineIndex.axis($0, of: rank) }
    return element.expression.substituting(axes, rank: rank).mapOperands { operand, indices in
      let value = element.values[operand]
      guard let local = locals[value] else { return load(value, indices) }
      if group.levels[value] == .point, let stage, stages[value] != stage { kept.insert(local) }
      return .local(local)
    }
  }

  private mutating func load(_ value: Graph.Value, _ indices: [ScalarExpression.AxisIndex]) -> ScalarExpression {
    var offset = AffineIndex.fixed(0, rank: rank)
    var terms: [ScalarExpression.ComputedTerm] = []
    for (index, stride) in zip(indices, lowered.graph.type(of: value).shape.strides) {
      switch index {
      case .affine(let affine): offset = offset + affine * stride
      case .computed(let number, let bound, let behind):
        terms.append(.init(index: number, bound: bound, stride: stride))
        if let behind { offset = offset + behind * stride }
      }
    }
    return .load(buffer(lowered.root(value), isWritten: false), offset, terms)
  }

  private mutating func finish() {
    for stage in columnStatements.indices {
      if !rowStatements[stage].isEmpty { kernel.stages.append(.row(rowStatements[stage])) }
      let keeps = columnStatements[stage].compactMap { statement -> Kernel.Statement? in
        if case .define(let local, _) = statement, kept.contains(local) { .keep(local) } else { nil }
      }
      let statements = columnStatements[stage] + columnStores[stage] + keeps
      if !statements.isEmpty { kernel.stages.append(.columns(statements)) }
    }
    kernel = kernel.collapsed().withRows(isReducing: group.keptCount != nil)
  }
}

extension Kernel {
  /// A kernel without reductions starts as columns only; unless they collapsed to one axis, all but the last are rows.
  fileprivate func withRows(isReducing: Bool) -> Kernel {
    guard !isReducing, columnExtents.count > 1 else { return self }
    var kernel = self
    kernel.rowExtents = Array(columnExtents.dropLast())
    kernel.columnExtents = columnExtents.suffix(1)
    return kernel
  }
}
