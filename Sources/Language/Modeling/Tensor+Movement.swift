import GraphIR
import Operators
import TensorTypes

extension Tensor {
  /// The same elements in the same order under another shape. One extent may be -1: it is what the others leave.
  public func reshaped(to shape: Shape, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      guard let full = completed(shape) else {
        let problem =
          "one extent may be -1 where the others divide the \(type.elementCount) elements of \(type), got [\(shape)]"
        return refused(TypeError("reshape.3", problem), type.with(Shape(shape.extents.map { Swift.max($0, 1) })))
      }
      return Self.apply(
        .reshape, [self], ["shape": .integers(full.extents)], guess: type.with(full), axisNames: full.names)
    }
  }

  /// The shape with what the other extents leave in place of one -1; nil where that is no whole number.
  private func completed(_ shape: Shape) -> Shape? {
    let open = shape.extents.indices.filter { shape[$0] == -1 }
    if open.isEmpty { return shape }
    let rest = shape.removing(open).elementCount
    guard open.count == 1, rest > 0, type.elementCount.isMultiple(of: rest) else { return nil }
    var full = shape
    full.extents[open[0]] = type.elementCount / rest
    return full
  }

  /// The axes in another order: axis `i` of the result is axis `permutation[i]`.
  public func transposed(_ permutation: Int..., file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("transposed", axes: permutation) {
        apply(.transpose, ["permutation": .integers(permutation.map(position))])
      }
    }
  }

  /// A range along one axis.
  public func slice(_ range: Range<Int>, axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { checked("slice", axes: [axis]) { part(range, position(axis)) } }
  }

  func part(_ range: Range<Int>, _ axis: Int) -> Tensor {
    apply(
      .slice, ["axis": .integer(axis), "start": .integer(range.lowerBound), "end": .integer(range.upperBound)])
  }

  /// One position along an axis, which disappears.
  public func at(_ index: Int, axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("at", axes: [axis]) {
        let rest = type.with(shape.removing([position(axis)]))
        guard (0..<extent(axis)).contains(index) else {
          let problem = "position \(index) must lie in 0..<\(extent(axis)), axis \(axis) of \(type)"
          return refused(TypeError("at.1", problem), rest)
        }
        return part(index..<(index + 1), position(axis)).reshaped(to: rest.shape)
      }
    }
  }

  /// One axis moved to another place for a function of the user's, the others in their order.
  func movingAxis(_ axis: Int, to place: Int, of function: String) -> Tensor {
    let (from, to) = (position(axis), position(place))
    guard from != to else { return self }
    return checked(function, axes: [axis, place]) {
      var order = Array(0..<rank)
      order.insert(order.remove(at: from), at: to)
      return apply(.transpose, ["permutation": .integers(order)])
    }
  }

  /// The tensor cut along an axis into so many parts of equal extent.
  public func split(into count: Int, axis: Int, file: StaticString = #fileID, line: Int = #line) -> [Tensor] {
    located(file, line) {
      // Whoever asks for parts takes them, of a tensor that cannot be split as well; but not for more than there can be.
      let places = 0..<Swift.max(Swift.min(count, Swift.max(self.extent(axis), 1 << 16)), 1)
      let extent = extent(axis) / places.count
      guard shape.extents.indices.contains(position(axis)), count > 0, self.extent(axis) == extent * count else {
        let problem = TypeError("split.1", "axis \(axis) of \(type) cannot be split into \(count) equal parts")
        let placeholder = checked("split", axes: [axis]) { refused(problem, type) }
        return places.map { _ in placeholder }
      }
      return places.map { part(($0 * extent)..<(($0 + 1) * extent), position(axis)) }
    }
  }

  /// The tensor with a new axis of extent 1 at a position of the result; negative ones count from its end. The
  /// position is there: `expanded.axis`.
  public func expanded(at axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { expanded("expanded", axis) }
  }

  fileprivate func expanded(_ function: String, _ axis: Int) -> Tensor {
    let position = axis < 0 ? rank &+ 1 &+ axis : axis
    guard (0...rank).contains(position) else {
      let problem = "axis \(axis) must lie in \(-rank - 1)...\(rank) to be a new one of \(type)"
      return refused(TypeError("\(function).axis", problem), type)
    }
    var (extents, names) = (shape.extents, shape.names)
    extents.insert(1, at: position)
    names.insert(nil, at: position)
    return reshaped(to: Shape(extents, names: names))
  }

  /// The tensor without an axis, which has extent 1: `squeezed.1`.
  public func squeezed(axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      checked("squeezed", axes: [axis]) {
        let rest = shape.removing([position(axis)])
        guard extent(axis) == 1 else {
          let problem = "needs an axis of extent 1, got axis \(axis) of \(type)"
          return refused(TypeError("squeezed.1", problem), type.with(rest))
        }
        return reshaped(to: rest)
      }
    }
  }

  /// Zeros before and after the elements along one axis; those of floating-point numbers are -0, the exact identity of
  /// addition. Neither number is negative: `pad.2`.
  public func padded(
    axis: Int, before: Int = 0, after: Int = 0, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked("padded", axes: [axis]) {
        apply(
          .pad, ["axis": .integer(position(axis)), "before": .integer(before), "after": .integer(after)])
      }
    }
  }

  /// All windows along an axis (`unfold` in PyTorch, with the elements of a window behind the windows): `[..., L, ...] ->
  /// [..., M, K, ...]`, `y[m, k] = x[m stride + k dilation]`. Products read them where they lie; nothing is copied.
  ///
  /// - Parameters:
  ///   - size: K, elements of a window; one has to fit: `windows.3`.
  ///   - stride: from one window to the next; 1 at least, as all three: `windows.2`.
  ///   - dilation: from one element of a window to the next.
  public func windows(
    axis: Int, size: Int, stride: Int = 1, dilation: Int = 1, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked("windows", axes: [axis]) {
        let form: Attributes = [
          "axis": .integer(position(axis)), "size": .integer(size), "stride": .integer(stride),
          "dilation": .integer(dilation),
        ]
        return apply(.windows, form)
      }
    }
  }

  /// The same numbers as another element type.
  public func converted(to elementType: ElementType, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) {
      Self.apply(.convert, [self], ["element_type": .elementType(elementType)], guess: type.with(elementType))
    }
  }
}

/// Tensors laid one after another along an axis.
public func concatenate(
  _ tensors: [Tensor], axis: Int, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    guard let first = tensors.first else {
      return refused([], TypeError("concatenate.0", "needs at least one tensor"), .scalar)
    }
    return first.checked("concatenate", axes: [axis]) {
      Tensor.apply(.concatenate, tensors, ["axis": .integer(first.position(axis))])
    }
  }
}

/// Tensors side by side along a new axis at a position of the result; negative ones count from its end. There is one tensor
/// at least, `stack.0`, all have one type, `stack.1`, and the position is there, `stack.axis`.
public func stack(_ tensors: [Tensor], axis: Int, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) {
    guard let first = tensors.first else {
      return refused([], TypeError("stack.0", "needs at least one tensor"), .scalar)
    }
    for other in tensors where other.type != first.type {
      return refused(tensors, TypeError("stack.1", "needs one type, got \(first.type) and \(other.type)"), first.type)
    }
    let layers = tensors.map { $0.expanded("stack", axis) }
    return concatenate(layers, axis: axis < 0 ? first.rank &+ 1 &+ axis : axis)
  }
}
