import GraphIR
import KernelIR
import TensorTypes

/// What the reductions share.
enum Reduction {
  static let samples: [OperatorSample] = [
    OperatorSample([TensorType(.float32, [3, 70])], ["axes": .integers([1])], domains: [.distinct]),
    OperatorSample([TensorType(.float32, [5, 4, 3])], ["axes": .integers([0, 2])], domains: [.distinct]),
  ]

  static func type(_ signature: OperationSignature, _ name: String) throws -> [TensorType] {
    try signature.requireOperandCount(1, name)
    try signature.requireFloatingPoint(0, "\(name).2")
    let axes = try signature.requireIntegers("axes", "\(name).1")
    try signature.requireAxes(axes, of: signature.operands[0], "\(name).1")
    return [signature.operands[0].with(signature.operands[0].shape.removing(axes))]
  }

  /// Throws if one of the axes has no element.
  static func requireElements(_ signature: OperationSignature, _ axes: [Int], _ constraint: String) throws {
    let type = signature.operands[0]
    for axis in axes.sorted() {
      try signature.require(type.shape[axis] > 0, constraint, "axis \(axis) of \(type) has no elements")
    }
  }

  /// Kept axes first, then the reduced ones.
  static func lower(_ signature: OperationSignature, _ axes: [Int], _ combiner: Combiner) -> Lowering {
    let shape = signature.operands[0].shape
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    let order = kept + axes.sorted()
    let indices = (0..<shape.rank).map { axis in
      AffineIndex.axis(order.firstIndex(of: axis) ?? 0, of: shape.rank)
    }
    return .reduce(
      extents: order.map { shape[$0] }, keptCount: kept.count, combiner, .element(0, indices))
  }

  /// The elements to combine for each element of the result, in row-major order of the reduced axes.
  static func groups(_ shape: Shape, _ axes: [Int]) -> (starts: [Int], steps: [Int]) {
    let kept = (0..<shape.rank).filter { !axes.contains($0) }
    return (shape.offsets(kept), shape.offsets(axes.sorted()))
  }

  /// The language's order: 32 lanes from the identity, then halves added to halves.
  static func combine<Element>(
    _ elements: some Sequence<Element>, identity: Element, _ combine: (Element, Element) -> Element
  ) -> Element {
    var lanes = Array(repeating: identity, count: Combiner.laneCount)
    for (index, element) in elements.enumerated() {
      lanes[index % Combiner.laneCount] = combine(lanes[index % Combiner.laneCount], element)
    }
    var width = Combiner.laneCount / 2
    while width >= 1 {
      for lane in 0..<width { lanes[lane] = combine(lanes[lane], lanes[lane + width]) }
      width /= 2
    }
    return lanes[0]
  }
}
