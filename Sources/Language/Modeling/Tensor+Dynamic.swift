import GraphIR
import Operators
import TensorTypes

/// Parts at positions that are known when the program runs. One that the host sets and that is out of range throws when it
/// does; a computed one is clamped so that the part is there. Negative axes count from the last.
extension Tensor {
  /// So many elements along an axis from a position `i32[]` on: a window that moves.
  public func slice(
    at position: Tensor, length: Int, axis: Int, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked("slice", axes: [axis]) {
        let own: Attributes = ["axis": .integer(self.position(axis)), "length": .integer(length)]
        return Tensor.apply(.dynamicSlice, [self, position], own, axisNames: shape.names)
      }
    }
  }

  /// The element at a position `i32[]` of an axis, which disappears.
  public func at(_ position: Tensor, axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { slice(at: position, length: 1, axis: axis).squeezed(axis: axis) }
  }

  /// The tensor with a part `[..., m, ...]` of an axis replaced from a position `i32[]` on: a cache that takes what is new. The
  /// plan writes the part alone where nothing else reads the old tensor, as for a state.
  public func updated(
    at position: Tensor, with part: Tensor, axis: Int, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked("updated", axes: [axis]) {
        Tensor.apply(
          .dynamicUpdateSlice, [self, part, position], ["axis": .integer(self.position(axis))], axisNames: shape.names)
      }
    }
  }

  /// The elements along an axis from the last to the first.
  public func reversed(axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("reversed", axes: [axis]) {
        Tensor.apply(.reverse, [self], ["axis": .integer(position(axis))], axisNames: shape.names)
      }
    }
  }

  /// For every place, the element at a position along an axis: `[..., n, ...], i32[..., m, ...] -> [..., m, ...]`.
  public func takingAlong(
    axis: Int, _ positions: Tensor, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked("takingAlong", axes: [axis]) {
        Tensor.apply(.takeAlongAxis, [self, positions], ["axis": .integer(position(axis))])
      }
    }
  }

  // MARK: Order

  /// The positions of the elements along an axis in order, `i32`; equal ones stay in the order in which they are, and
  /// not-a-number counts as the largest.
  public func argsort(
    axis: Int = -1, descending: Bool = false, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) { ordered(axis, descending) }
  }

  /// - Parameter length: how many positions from the first on; nil for all.
  private func ordered(_ axis: Int, _ descending: Bool, length: Int? = nil) -> Tensor {
    checked("argsort", axes: [axis]) {
      var attributes: Attributes = ["descending": .flag(descending)]
      if let length { attributes["length"] = .integer(length) }
      return movingAxis(axis, to: -1, of: "argsort").apply(.argumentSort, attributes)
        .movingAxis(-1, to: axis, of: "argsort")
    }
  }

  /// The elements along an axis in order, and their positions. The gradient goes where the elements were.
  public func sorted(
    axis: Int = -1, descending: Bool = false, file: StaticString = #fileID, line: Int = #line
  ) -> (values: Tensor, positions: Tensor) {
    located(file, line) {
      let positions = argsort(axis: axis, descending: descending)
      return (takingAlong(axis: axis, positions), positions)
    }
  }

  /// The largest elements along an axis, the largest first, and their positions: the beginning of what `sorted` has in descending
  /// order. A few of many are chosen without sorting the others.
  public func topK(
    _ count: Int, axis: Int = -1, file: StaticString = #fileID, line: Int = #line
  ) -> (values: Tensor, positions: Tensor) {
    located(file, line) {
      let isThere = (0..<rank).contains(position(axis))
      guard !isThere || (0...extent(axis)).contains(count) else {
        let problem = TypeError("topK.1", "needs a number from 0 to \(extent(axis)), got \(count)")
        return (refused(problem, type), refused(problem, type))
      }
      // To choose more of them costs more than to sort all.
      let areFew = isThere && count > 0 && count <= extent(axis) / 4
      let positions =
        areFew
        ? ordered(axis, true, length: count)
        : ordered(axis, true).slice(0..<Swift.max(count, 0), axis: axis)
      return (takingAlong(axis: axis, positions), positions)
    }
  }

  // MARK: Recurrences

  /// Sums up to each place of an axis, one after another; of nothing, -0, the exact identity of addition.
  ///
  /// - Parameters:
  ///   - reversed: from the last element on.
  ///   - exclusive: without the element itself.
  public func cumulativeSum(
    axis: Int, reversed: Bool = false, exclusive: Bool = false, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) { cumulative(.cumulativeSum, "cumulativeSum", axis, reversed, exclusive) }
  }

  /// Products up to each place of an axis, one after another; of nothing, 1. Right at zeros, the gradient too.
  public func cumulativeProduct(
    axis: Int, reversed: Bool = false, exclusive: Bool = false, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) { cumulative(.cumulativeProduct, "cumulativeProduct", axis, reversed, exclusive) }
  }

  private func cumulative(
    _ used: Operator, _ name: String, _ axis: Int, _ reversed: Bool, _ exclusive: Bool
  ) -> Tensor {
    checked(name, axes: [axis]) {
      let own: Attributes = [
        "axis": .integer(position(axis)), "reversed": .flag(reversed), "exclusive": .flag(exclusive),
      ]
      return Tensor.apply(used, [self], own, axisNames: shape.names)
    }
  }
}

/// The states of `y[t] = a[t] y[t - 1] + b[t]` along an axis, the first being `b`: a linear recurrence as one operation, such
/// as the state of a selective scan (Gu and Dao 2023).
///
/// - Shape: `[..., n, ...], [..., n, ...] -> [..., n, ...]`.
public func linearRecurrence(
  _ a: Tensor, _ b: Tensor, axis: Int, reversed: Bool = false, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    b.checked("linearRecurrence", axes: [axis]) {
      let own: Attributes = ["axis": .integer(b.position(axis)), "reversed": .flag(reversed)]
      return Tensor.apply(.linearRecurrence, [a, b], own, axisNames: b.shape.names)
    }
  }
}
