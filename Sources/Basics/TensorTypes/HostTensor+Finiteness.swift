extension HostTensor {
  /// What the tensor holds that is NaN, or infinite where that is not allowed, with its place: `holds inf at [0, 3]`; nil
  /// where nothing is, and for integers.
  public func notFinite(allowsInfinity: Bool) -> String? {
    let position: Int? =
      switch storage {
      case .float32(let elements): Self.first(elements, allowsInfinity)
      case .float64(let elements): Self.first(elements, allowsInfinity)
      case .int32, .bool: nil
      }
    guard let position else { return nil }
    let index = index(at: position)
    return "holds \(value(at: position))\(index.isEmpty ? "" : " at \(index)")"
  }

  private static func first(_ elements: [Float], _ allowsInfinity: Bool) -> Int? {
    elements.withUnsafeBufferPointer { $0.firstIndex { allowsInfinity ? $0.isNaN : !$0.isFinite } }
  }

  private static func first(_ elements: [Double], _ allowsInfinity: Bool) -> Int? {
    elements.withUnsafeBufferPointer { $0.firstIndex { allowsInfinity ? $0.isNaN : !$0.isFinite } }
  }

  private func value(at position: Int) -> Double {
    switch storage {
    case .float32(let elements): Double(elements[position])
    case .float64(let elements): elements[position]
    case .int32(let elements): Double(elements[position])
    case .bool(let elements): elements[position] ? 1 : 0
    }
  }

  /// The position of an element on each axis; its number where the elements are not those of the shape.
  private func index(at position: Int) -> [Int] {
    guard fits(type) else { return [position] }
    return zip(shape.strides, shape.extents).map { stride, extent in position / stride % extent }
  }
}
