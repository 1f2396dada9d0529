import GraphIR
import Operators
import TensorTypes

/// Rows of a table by number: `[V, rest], i32[...] -> [..., rest]`.
public func gather(
  _ table: Tensor, _ numbers: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let guess = table.type.with(Shape(numbers.shape.extents + table.shape.extents.dropFirst()))
    return Tensor.apply(.gather, [table, numbers], guess: guess)
  }
}

/// A table with rows added at given numbers: `T[V, rest], i32[...], T[..., rest] -> T[V, rest]`.
///
/// Rows of one number are all added, in order of their positions. Numbers that the host sets must name rows; those that the
/// graph computes are clamped into the table.
public func scatterAdd(
  _ table: Tensor, _ numbers: Tensor, _ rows: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { Tensor.apply(.scatterAdd, [table, numbers, rows]) }
}

/// A table with rows replaced at given numbers: `T[V, rest], i32[...], T[..., rest] -> T[V, rest]`.
///
/// Of rows of one number the last stays. Numbers are checked or clamped as those of `scatterAdd`.
public func scatterUpdate(
  _ table: Tensor, _ numbers: Tensor, _ rows: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { Tensor.apply(.scatterUpdate, [table, numbers, rows]) }
}

extension Tensor {
  /// Positions or ranges along the first axes: a position takes its axis away, a range keeps it.
  ///
  ///     x[2]  x[-1]  x[1..<3]  x[0..., 2]  x[..<(-1), 0...4]
  ///
  /// Negative ones count from the end: see `AxisSelection`. All must be there, `subscript.1`, as must the axes,
  /// `subscript.2`.
  public subscript(
    _ selections: any AxisSelection..., file file: StaticString = #fileID, line line: Int = #line
  ) -> Tensor {
    located(file, line) {
      guard selections.count <= rank else {
        let problem = "\(selections.count) positions or ranges are too many for the axes of \(type)"
        return refused(TypeError("subscript.2", problem), type)
      }
      let dropped = selections.indices.filter { selections[$0] is Int }
      let bounds = zip(selections, shape.extents).map { $0.bounds($1) }
      for (axis, (start, end)) in bounds.enumerated() where !(0 <= start && start <= end && end <= shape[axis]) {
        let problem = "\(selections[axis].written) must lie in 0..<\(shape[axis]), axis \(axis) of \(type)"
        return refused(TypeError("subscript.1", problem), type.with(shape.removing(dropped)))
      }
      return part(bounds, dropping: dropped)
    }
  }

  /// Ranges along the first axes, all of them there, without the axes that are listed.
  private func part(_ bounds: [(start: Int, end: Int)], dropping dropped: [Int]) -> Tensor {
    var part = self
    for (axis, (start, end)) in bounds.enumerated() where start > 0 || end < shape[axis] {
      part = part.part(start..<end, axis)
    }
    return dropped.isEmpty ? part : part.reshaped(to: part.shape.removing(dropped))
  }
}
