import GraphIR
import KernelIR
import Operators
import TensorTypes

/// A value that is computed in its place inside a larger one, which is laid together from such parts.
struct Part {
  /// The larger value.
  var whole: Graph.Value
  /// The linear offset in it, over the part's own axes.
  var offset: AffineIndex
}

/// Finds the values that can be computed in their part of a concatenation, or transposed.
///
/// Every operand must be read by that operation alone, through views and transpositions at most; what computes it then
/// stores with the strides of the whole. A concatenation within another one stays a whole of its own, which is copied.
struct PartSearch {
  let lowered: LoweredGraph
  let useCounts: [Int]

  private var graph: Graph { lowered.graph }

  /// The parts of a concatenation along an axis, or nil if one of its operands must be copied.
  func parts(_ operation: Graph.Operation, axis: Int) -> [(value: Graph.Value, part: Part)]? {
    let whole = operation.results[0]
    let region = graph[whole].region
    var found: [(value: Graph.Value, part: Part)] = []
    var start = 0
    for operand in operation.operands where graph.type(of: operand).elementCount > 0 {
      let strides = graph.type(of: whole).shape.strides
      guard let (value, own) = origin(of: operand, strides, region) else { return nil }
      let offset = AffineIndex(constant: start * strides[axis], coefficients: own)
      found.append((value, Part(whole: whole, offset: offset)))
      start += graph.type(of: operand).shape[axis]
    }
    return found
  }

  /// The part that is all of a transposition, if its operand is a product that can be stored as the result lies.
  func part(_ transposition: Graph.Operation) -> (value: Graph.Value, part: Part)? {
    let whole = transposition.results[0]
    guard let identifier = graph.definingOperation(of: whole),
      case .map(let expression)? = lowered.lowering(identifier),
      let order = order(expression, of: transposition)
    else { return nil }
    let strides = graph.type(of: whole).shape.strides
    guard
      let (value, own) = origin(
        of: transposition.operands[0], order.map { axis in axis.map { strides[$0] } ?? 0 }, graph[whole].region),
      own.last == 1, let source = graph.definingOperation(of: value), case .contraction? = lowered.lowering(source)
    else { return nil }
    return (value, Part(whole: whole, offset: AffineIndex(coefficients: own)))
  }

  /// The computed value behind views and transpositions, with the strides of its own axes.
  private func origin(
    of operand: Graph.Value, _ strides: [Int], _ region: Graph.RegionID
  ) -> (Graph.Value, [Int])? {
    var (value, strides) = (operand, strides)
    while useCounts[Int(value.index)] == 1, graph[value].region == region,
      let identifier = graph.definingOperation(of: value)
    {
      let operation = graph[identifier]
      switch lowered.lowering(identifier) {
      case .view?:
        let source = graph.type(of: operation.operands[0]).shape.extents
        guard let own = Self.restrided(graph.type(of: value).shape.extents, strides, to: source) else { return nil }
        (value, strides) = (operation.operands[0], own)
      case .map(let expression)?:
        // What is stored is read from there, and computed where it goes.
        guard !lowered.isStored(value), let order = order(expression, of: operation) else { return (value, strides) }
        (value, strides) = (operation.operands[0], order.map { axis in axis.map { strides[$0] } ?? 0 })
      case .assemble(_, let expression)?:
        guard let order = order(expression, of: operation) else { return nil }
        (value, strides) = (operation.operands[0], order.map { axis in axis.map { strides[$0] } ?? 0 })
      case .contraction? where operation.operands.count == 2: return (value, strides)
      default: return nil
      }
    }
    return nil
  }

  /// For a value that has the elements of its operand along other axes, the axis that each axis of the operand is; nil
  /// for axes of extent 1 that are dropped.
  private func order(_ expression: ScalarExpression, of operation: Graph.Operation) -> [Int?]? {
    guard case .operand(0, let indices) = expression,
      graph.type(of: operation.operands[0]).elementCount == graph.type(of: operation.results[0]).elementCount
    else { return nil }
    var order: [Int?] = []
    for (position, index) in indices.enumerated() {
      guard case .affine(let affine) = index, affine.constant == 0 else { return nil }
      let used = affine.coefficients.indices.filter { affine.coefficients[$0] != 0 }
      let isDropped = used.isEmpty && graph.type(of: operation.operands[0]).shape[position] == 1
      guard isDropped || (used.count == 1 && affine.coefficients[used[0]] == 1) else { return nil }
      order.append(used.first)
    }
    let axes = order.compactMap { $0 }
    return Set(axes).count == axes.count ? order : nil
  }

  /// Strides of the same elements in the same order under other extents, or nil if no strides describe them.
  static func restrided(_ extents: [Int], _ strides: [Int], to target: [Int]) -> [Int]? {
    var result = Array(repeating: 0, count: target.count)
    var source = extents.indices.filter { extents[$0] != 1 }[...]
    // Elements of the current axis of the source that target axes have not yet covered, and the stride between them.
    var (left, stride) = (1, 1)
    for axis in target.indices.reversed() where target[axis] != 1 {
      if left == 1 {
        guard let next = source.popLast() else { return nil }
        (left, stride) = (extents[next], strides[next])
      }
      result[axis] = stride
      while left % target[axis] != 0 {
        // The target axis reaches into the next axis of the source, which must continue this one.
        guard target[axis] % left == 0, let next = source.popLast(), strides[next] == stride * left else { return nil }
        left *= extents[next]
      }
      stride *= target[axis]
      left /= target[axis]
    }
    return result
  }
}
