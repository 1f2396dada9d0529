import GraphIR
import Operators
import TensorTypes

/// States of a loop that are kept for going backward: a stack of as many as there are slots, and the state that was
/// computed last, behind them.
///
/// Rows are the carries, `T[slots + 1, rest]` each; a row's state is that before an iteration.
struct Snapshots {
  static let position: TensorType = TensorType(.int32, .scalar)

  /// Of each carry.
  var rows: [Graph.Value]
  /// The iteration that each row is before: i32[slots + 1].
  var positions: Graph.Value
  /// The last row of the stack, and the iteration before which the next is kept, -1 for never: i32[].
  var top, next: Graph.Value

  var values: [Graph.Value] { rows + [positions, top, next] }

  init(_ values: [Graph.Value]) {
    rows = Array(values.dropLast(3))
    (positions, top, next) = (values[values.count - 3], values[values.count - 2], values[values.count - 1])
  }

  /// None, the first to be kept before the first iteration.
  init(none build: GraphBuilder, of carries: [Graph.Value], slots: Int) {
    rows = carries.map { carry in
      let type = build.type(of: carry)
      return build.constant(
        0, type.with(Shape([slots + 1] + type.shape.extents, names: [nil] + type.shape.names)))
    }
    positions = build.constant(0, TensorType(.int32, [slots + 1]))
    (top, next) = (build.constant(-1, Self.position), build.constant(0, Self.position))
  }
}

/// What is done with snapshots on the way through a chain of iterations.
struct SnapshotBuilder {
  let build: GraphBuilder
  /// States that the stack has room for.
  let slots: Int
  /// Iterations of the loop.
  let count: Int

  private func constant(_ number: Int) -> Graph.Value { build.constant(Double(number), Snapshots.position) }

  /// The snapshots with the state before an iteration: on the stack where it is to be kept, else behind it.
  ///
  /// - Parameter end: the iteration that the way leads to.
  func stored(_ state: [Graph.Value], before position: Graph.Value, end: Graph.Value, _ old: Snapshots) -> Snapshots {
    var new = old
    let isKept = build.emit1(.equal, position, old.next)
    new.top = build.select(isKept, build.add(old.top, constant(1)), old.top)
    let row = build.select(isKept, new.top, constant(slots))
    new.rows = zip(old.rows, state).map { replacing($0, row: row, by: $1) }
    new.positions = replacing(old.positions, row: row, by: position)
    new.next = build.select(isKept, next(after: position, end: end, top: new.top), old.next)
    return new
  }

  /// Where to start from for an iteration: from the nearest state before it. The next state to keep is then decided anew.
  func start(for end: Graph.Value, _ old: Snapshots) -> (state: [Graph.Value], position: Graph.Value, Snapshots) {
    let (kept, last) = (row(old.positions, old.top), row(old.positions, constant(slots)))
    let isLast = build.emit1(.and, build.emit1(.lessOrEqual, last, end), build.emit1(.less, kept, last))
    let position = build.select(isLast, last, kept)
    let state = old.rows.map { row($0, build.select(isLast, constant(slots), old.top)) }
    var new = old
    let hasRoom = build.emit1(.less, old.top, constant(slots - 1))
    let own = build.select(hasRoom, last, constant(-1))
    new.next = build.select(isLast, own, next(after: kept, end: end, top: old.top))
    return (state, position, new)
  }

  /// Without the state before an iteration, which is done.
  func dropping(_ end: Graph.Value, _ old: Snapshots) -> Snapshots {
    var new = old
    let isDone = build.emit1(.equal, row(old.positions, old.top), end)
    new.top = build.select(isDone, build.subtract(old.top, constant(1)), old.top)
    return new
  }

  private func next(after position: Graph.Value, end: Graph.Value, top: Graph.Value) -> Graph.Value {
    let length = build.subtract(build.add(end, constant(1)), position)
    let step = Revolve.step(build, length, slots: build.subtract(constant(slots), top), longest: count)
    return build.select(build.emit1(.equal, step, constant(0)), constant(-1), build.add(position, step))
  }

  private func row(_ rows: Graph.Value, _ index: Graph.Value) -> Graph.Value { build.part(of: rows, at: index) }

  private func replacing(_ rows: Graph.Value, row index: Graph.Value, by part: Graph.Value) -> Graph.Value {
    let shape = build.type(of: part).shape
    let row = build.reshape(part, to: Shape([1] + shape.extents, names: [nil] + shape.names))
    return build.emit1(.dynamicUpdateSlice, rows, row, index, attributes: ["axis": .integer(0)])
  }
}

extension GraphBuilder {
  /// One part of a sequence.
  func part(of sequence: Graph.Value, at position: Graph.Value) -> Graph.Value {
    let part = emit1(.dynamicSlice, sequence, position, attributes: ["axis": .integer(0), "length": .integer(1)])
    return reshape(part, to: type(of: part).shape.removing([0]))
  }
}
