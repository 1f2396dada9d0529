import GraphIR
import KernelIR
import Operators
import TensorTypes

/// A kernel with the values that its buffers stand for.
struct AssembledKernel {
  var kernel: Kernel
  /// The stored value of each buffer.
  var values: [Graph.Value]
  /// For each loaded value: whether it is only read at the point itself, and the last stage that reads it.
  var loads: [Graph.Value: Load] = [:]
  /// The stage that stores each written value.
  var stores: [Graph.Value: Int] = [:]

  struct Load {
    var isPointwise: Bool
    var lastStage: Int
  }
}

/// Turns a fusion group into a kernel.
///
/// Stages alternate: row stage 0, column stage 0, row stage 1, and so on. A value that depends on a reduction of column
/// stage k is computed in stage k + 1.
struct KernelAssembly {
  private let lowered: LoweredGraph
  private let group: FusionGroup
  private let isStored: (Graph.Value) -> Bool
  private var assembled: AssembledKernel
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
  /// Number of the stage, row and column stages counted alike, whose loads are being noted.
  private var noted = 0

  static func assemble(
    _ group: FusionGroup, _ lowered: LoweredGraph, isStored: @escaping (Graph.Value) -> Bool
  ) -> AssembledKernel {
    var assembly = KernelAssembly(group, lowered, isStored)
    for identifier in group.members { assembly.add(identifier) }
    return assembly.finished()
  }

  private init(_ group: FusionGroup, _ lowered: LoweredGraph, _ isStored: @escaping (Graph.Value) -> Bool) {
    self.lowered = lowered
    self.group = group
    self.isStored = isStored
    rank = group.extents.count
    keptCount = group.keptCount ?? 0
    let kernel = Kernel(
      rowExtents: Array(group.extents.prefix(keptCount)), columnExtents: Array(group.extents.dropFirst(keptCount)),
      buffers: [], locals: [], stages: [])
    assembled = AssembledKernel(kernel: kernel, values: [])
  }

  private mutating func add(_ identifier: Graph.OperationID) {
    let operation = lowered.graph[identifier]
    let result = operation.results[0]
    switch lowered.lowering(identifier) {
    case .map(let expression)?: addMap(operation, result, expression)
    case .reduce(_, _, let combiner, let expression)?: addReduction(operation, result, combiner, expression)
    default: preconditionFailure("\(operation.name) is in a fusion group")
    }
  }

  private mutating func addMap(_ operation: Graph.Operation, _ result: Graph.Value, _ expression: ScalarExpression) {
    let isRow = group.levels[result] == .row
    let stage = stageNeeded(operation)
    let axes = (0..<(isRow ? keptCount : rank)).map { AffineIndex.axis($0, of: rank) }
    let local = newLocal(result, stage)
    noted = stage * 2 + (isRow ? 0 : 1)
    let define = Kernel.Statement.define(
      local, resolve(expression, operation.operands, axes, stage: isRow ? nil : stage))
    if isRow { rowStatements[stage].append(define) } else { columnStatements[stage].append(define) }
    store(result, local, isRow: isRow, stage)
  }

  private mutating func addReduction(
    _ operation: Graph.Operation, _ result: Graph.Value, _ combiner: Combiner, _ expression: ScalarExpression
  ) {
    let stage = stageNeeded(operation)
    noted = stage * 2 + 1
    let axes = AffineIndex.identity(rank: rank)
    let element = resolve(expression, operation.operands, axes, stage: stage)
    let local = newLocal(result, stage + 1)
    columnStatements[stage].append(.reduce(local, combiner, element))
    store(result, local, isRow: true, stage + 1)
  }

  private mutating func newLocal(_ value: Graph.Value, _ stage: Int) -> Int {
    while columnStatements.count <= stage {
      rowStatements.append([])
      columnStatements.append([])
      columnStores.append([])
    }
    stages[value] = stage
    locals[value] = assembled.kernel.locals.count
    assembled.kernel.locals.append(lowered.graph.type(of: value).elementType)
    return assembled.kernel.locals.count - 1
  }

  /// The first stage in which everything the operation reads in this group is known.
  private func stageNeeded(_ operation: Graph.Operation) -> Int {
    operation.operands.flatMap(lowered.storedSources).compactMap { stages[$0] }.max() ?? 0
  }

  private mutating func store(_ value: Graph.Value, _ local: Int, isRow: Bool, _ stage: Int) {
    let part = lowered.part(value)
    guard part != nil || isStored(value) else { return }
    var offset = part?.offset ?? AffineIndex(coefficients: lowered.graph.type(of: value).shape.strides)
    offset.coefficients += Array(repeating: 0, count: rank - offset.coefficients.count)
    let place = part?.whole ?? value
    let statement = Kernel.Statement.store(buffer(place, isWritten: true), offset, .local(local))
    assembled.stores[place] = stage * 2 + (isRow ? 0 : 1)
    if isRow { rowStatements[stage].append(statement) } else { columnStores[stage].append(statement) }
  }

  private mutating func buffer(_ value: Graph.Value, isWritten: Bool) -> Int {
    if let found = bufferOfValue[value] { return found }
    let elementType = lowered.graph.type(of: value).elementType
    assembled.kernel.buffers.append(Kernel.Buffer(elementType: elementType, isWritten: isWritten))
    assembled.values.append(value)
    bufferOfValue[value] = assembled.values.count - 1
    return assembled.values.count - 1
  }

  /// The expression with operands replaced by locals of the group and loads from buffers.
  ///
  /// - Parameter stage: the column stage that evaluates it; nil for a row stage.
  private mutating func resolve(
    _ expression: ScalarExpression, _ operands: [Graph.Value], _ axes: [AffineIndex], stage: Int?
  ) -> ScalarExpression {
    switch expression {
    case .number, .local, .load: return expression
    case .index(let index): return .index(index.substituting(axes, rank: rank))
    case .apply(let function, let arguments):
      return .apply(function, arguments.map { resolve($0, operands, axes, stage: stage) })
    case .choose(let condition, let first, let second):
      return .choose(
        resolve(condition, operands, axes, stage: stage), resolve(first, operands, axes, stage: stage),
        resolve(second, operands, axes, stage: stage))
    case .operand(let operand, let indices):
      return resolveOperand(operands[operand], indices, operands, axes, stage: stage)
    }
  }

  private mutating func resolveOperand(
    _ value: Graph.Value, _ indices: [ScalarExpression.AxisIndex], _ operands: [Graph.Value], _ axes: [AffineIndex],
    stage: Int?
  ) -> ScalarExpression {
    if let (operation, expression) = lowered.virtualExpression(value) {
      let affine = indices.compactMap {
        if case .affine(let index) = $0 { index.substituting(axes, rank: rank) } else { nil }
      }
      return resolve(expression, operation.operands, affine, stage: stage)
    }
    if let local = locals[value] {
      if group.levels[value] == .point, let stage, stages[value] != stage { kept.insert(local) }
      return .local(local)
    }
    let strides = lowered.graph.type(of: value).shape.strides
    var offset = AffineIndex.fixed(0, rank: rank)
    var terms: [ScalarExpression.ComputedTerm] = []
    for (index, stride) in zip(indices, strides) {
      switch index {
      case .affine(let affine): offset = offset + affine.substituting(axes, rank: rank) * stride
      case .computed(let number, let bound):
        let resolved = resolve(number, operands, axes, stage: stage)
        terms.append(.init(index: resolved, bound: bound, stride: stride))
      }
    }
    return load(value, offset, terms)
  }

  private mutating func load(
    _ value: Graph.Value, _ offset: AffineIndex, _ terms: [ScalarExpression.ComputedTerm]
  ) -> ScalarExpression {
    let root = lowered.root(value)
    let isPointwise = terms.isEmpty && offset == AffineIndex(coefficients: Shape(group.extents).strides)
    let before = assembled.loads[root]
    assembled.loads[root] = AssembledKernel.Load(
      isPointwise: isPointwise && before?.isPointwise != false, lastStage: max(noted, before?.lastStage ?? 0))
    return .load(buffer(root, isWritten: false), offset, terms)
  }

  private func finished() -> AssembledKernel {
    var result = assembled
    for stage in columnStatements.indices {
      if !rowStatements[stage].isEmpty { result.kernel.stages.append(.row(rowStatements[stage])) }
      let keeps = columnStatements[stage].compactMap { statement -> Kernel.Statement? in
        if case .define(let local, _) = statement, kept.contains(local) { .keep(local) } else { nil }
      }
      let statements = columnStatements[stage] + columnStores[stage] + keeps
      if !statements.isEmpty { result.kernel.stages.append(.columns(statements)) }
    }
    result.kernel = result.kernel.collapsed().withRows(isReducing: group.keptCount != nil)
    return result
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
