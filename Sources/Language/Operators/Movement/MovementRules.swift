import KernelIR
import TensorTypes

/// What the operators that only move data share.
enum Movement {
  /// The result whose element at each position is the operand's element at the offset the function gives; where it gives
  /// none, -0, the exact identity of addition.
  static func gather(_ operand: HostTensor, _ shape: Shape, _ offset: ([Int]) -> Int?) -> HostTensor {
    let offsets = positions(shape).map(offset)
    func pick<Element>(_ elements: [Element], _ otherwise: Element) -> [Element] {
      offsets.map { $0.map { elements[$0] } ?? otherwise }
    }
    switch operand.storage {
    case .float32(let elements): return HostTensor(shape, .float32(pick(elements, -0.0)))
    case .float64(let elements): return HostTensor(shape, .float64(pick(elements, -0.0)))
    case .int32(let elements): return HostTensor(shape, .int32(pick(elements, 0)))
    case .bool(let elements): return HostTensor(shape, .bool(pick(elements, false)))
    }
  }

  /// The tensor with the elements of another one, in order, at the offsets that the function gives.
  static func replacing(_ whole: HostTensor, by part: HostTensor, at offset: (Int) -> Int) -> HostTensor {
    func replaced<Element>(_ elements: [Element], _ new: [Element]) -> [Element] {
      var result = elements
      for (place, element) in new.enumerated() { result[offset(place)] = element }
      return result
    }
    switch (whole.storage, part.storage) {
    case (.float32(let elements), .float32(let new)): return HostTensor(whole.shape, .float32(replaced(elements, new)))
    case (.float64(let elements), .float64(let new)): return HostTensor(whole.shape, .float64(replaced(elements, new)))
    case (.int32(let elements), .int32(let new)): return HostTensor(whole.shape, .int32(replaced(elements, new)))
    case (.bool(let elements), .bool(let new)): return HostTensor(whole.shape, .bool(replaced(elements, new)))
    default: preconditionFailure("\(part.type) holds no elements of \(whole.type)")
    }
  }

  /// Every position of a shape, row-major.
  static func positions(_ shape: Shape) -> [[Int]] {
    shape.extents.reduce([[]]) { positions, extent in
      positions.flatMap { position in (0..<extent).map { position + [$0] } }
    }
  }

  static func requireShape(_ signature: OperationSignature, _ constraint: String) throws -> Shape {
    let extents = try signature.requireIntegers("shape", constraint)
    try signature.require(
      extents.allSatisfy { $0 >= 0 }, constraint, "extents must not be negative, got \(extents)")
    return Shape(extents)
  }
}

extension Shape {
  /// The row-major offset of a position.
  func offset(_ position: [Int]) -> Int { zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 } }
}
