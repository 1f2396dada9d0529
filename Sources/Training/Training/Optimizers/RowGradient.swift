import GraphIR
import Operators
import TensorTypes

/// The gradient of a table whose rows were looked up: numbers of rows, and what is added to each, instead of as many rows as
/// the table has.
///
/// A row that was looked up several times has one slot. Slots are as many as numbers; those left over hold nothing.
struct RowGradient {
  /// The numbers, clamped into the table: `i32[N]`.
  private let numbers: Graph.Value
  /// The slot of each number.
  private let slots: Graph.Value
  /// The number of each slot; 0 for those left over.
  private let slotNumbers: Graph.Value
  /// The gradient of each slot's row, summed in the order in which the whole table's would be: `[N, rest]`.
  let rows: Graph.Value
  private let build: GraphBuilder

  var count: Int { build.type(of: numbers).elementCount }

  /// nil where the gradient is not made of rows alone.
  init?(_ gradient: Graph.Value, of table: Graph.Value, _ build: GraphBuilder) {
    guard let sum = RowSum(gradient, build.graph) else { return nil }
    self.build = build
    let type = build.type(of: table)
    // More rows than there are numbers for have no slots.
    let looked = sum.terms.reduce(0) { $0 + build.type(of: $1.numbers).elementCount }
    guard looked <= Int(Int32.max), type.with(Shape([looked] + type.shape.extents.dropFirst())).problem == nil else {
      return nil
    }
    let last = Double(max(type.shape[0] - 1, 0))
    let parts = sum.terms.map { term in
      let flat = build.reshape(term.numbers, to: Shape([build.type(of: term.numbers).elementCount]))
      let low = build.emit1(.maximum, flat, build.constant(0, like: flat))
      return build.emit1(.minimum, low, build.constant(last, like: flat))
    }
    numbers = parts.count == 1 ? parts[0] : build.emit(.concatenate, parts, ["axis": .integer(0)])[0]
    let count = build.type(of: numbers).elementCount
    slots = Self.slots(numbers, build)
    slotNumbers = build.emit1(.scatterUpdate, build.constant(0, like: numbers), slots, numbers)
    let nothing = build.nothing(type.with(Shape([count] + type.shape.extents.dropFirst())))
    var (start, placed) = (0, [Graph.Value]())
    for (term, part) in zip(sum.terms, parts) {
      let extent = build.type(of: part).elementCount
      let own =
        parts.count == 1
        ? slots
        : build.emit(
          .slice, [slots], ["axis": .integer(0), "start": .integer(start), "end": .integer(start + extent)])[0]
      let rows = build.reshape(term.rows, to: Shape([extent] + type.shape.extents.dropFirst()))
      placed.append(build.emit1(.scatterAdd, nothing, own, rows))
      start += extent
    }
    rows = sum.tree.fold(placed, build.add)
  }

  /// Whether looked-up rows are a part of the gradient.
  static func holdsRows(_ gradient: Graph.Value, _ graph: Graph) -> Bool {
    guard let identifier = graph.definingOperation(of: gradient) else { return false }
    let operation = graph[identifier]
    if operation.name == Operator.scatterAdd.name { return true }
    if operation.name == Operator.add.name { return operation.operands.contains { holdsRows($0, graph) } }
    guard case .loop = operation.used.semantics, let position = operation.results.firstIndex(of: gradient) else {
      return false
    }
    let loop = Repeat(operation, in: graph)
    return position < loop.nextCarries.count && holdsRows(loop.nextCarries[position], graph)
  }

  /// Which slot each number has: numbers in order, equal ones together.
  private static func slots(_ numbers: Graph.Value, _ build: GraphBuilder) -> Graph.Value {
    let ascending: Attributes = ["descending": .flag(false)]
    let order = build.emit(.argumentSort, [numbers], ascending)[0]
    let sorted = build.emit1(.gather, numbers, order)
    let type = build.type(of: numbers)
    let place = build.iota(type, axis: 0)
    let before = build.emit1(
      .maximum, build.subtract(place, build.constant(1, like: place)), build.constant(0, like: place))
    // The first has slot 0; another one the next slot where it differs from the one before.
    let isSame = build.emit1(.equal, sorted, build.emit1(.gather, sorted, before))
    let isNew = build.convert(build.emit1(.not, isSame), to: .int32)
    let sum: Attributes = ["axis": .integer(0), "reversed": .flag(false), "exclusive": .flag(false)]
    let slotsInOrder = build.emit(.cumulativeSum, [isNew], sum)[0]
    return build.emit1(.gather, slotsInOrder, build.emit(.argumentSort, [order], ascending)[0])
  }

  /// The rows of the slots: of the table, or of a state beside it.
  func rows(of table: Graph.Value) -> Graph.Value { build.emit1(.gather, table, slotNumbers) }

  /// The table with new rows in the slots' places.
  func replacing(rowsOf table: Graph.Value, by new: Graph.Value) -> Graph.Value {
    build.emit1(.scatterUpdate, table, numbers, build.emit1(.gather, new, slots))
  }
}

/// A gradient as a sum of additions of rows to nothing.
private struct RowSum {
  indirect enum Tree {
    case term(Int)
    case sum(Tree, Tree)

    func fold<Value>(_ terms: [Value], _ add: (Value, Value) -> Value) -> Value {
      switch self {
      case .term(let index): terms[index]
      case .sum(let a, let b): add(a.fold(terms, add), b.fold(terms, add))
      }
    }
  }

  private(set) var terms: [(numbers: Graph.Value, rows: Graph.Value)] = []
  private(set) var tree = Tree.term(0)

  init?(_ gradient: Graph.Value, _ graph: Graph) {
    guard let tree = parse(gradient, graph) else { return nil }
    self.tree = tree
  }

  private mutating func parse(_ value: Graph.Value, _ graph: Graph) -> Tree? {
    guard let identifier = graph.definingOperation(of: value), graph[value].region == Graph.body else { return nil }
    let operation = graph[identifier]
    switch operation.name {
    case Operator.scatterAdd.name:
      guard isNothing(operation.operands[0], graph) else { return nil }
      terms.append((operation.operands[1], operation.operands[2]))
      return .term(terms.count - 1)
    case Operator.add.name:
      guard let a = parse(operation.operands[0], graph), let b = parse(operation.operands[1], graph) else { return nil }
      return .sum(a, b)
    default: return nil
    }
  }

  /// Whether it is -0 everywhere, to which rows are added without a trace.
  private func isNothing(_ value: Graph.Value, _ graph: Graph) -> Bool {
    guard let identifier = graph.definingOperation(of: value), graph[identifier].name == Operator.constant.name,
      case .number(let number)? = graph[identifier].attributes["value"]
    else { return false }
    return number == 0 && number.sign == .minus
  }
}
