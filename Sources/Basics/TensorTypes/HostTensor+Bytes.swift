extension HostTensor {
  /// Calls the body with the raw bytes of the elements.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch storage {
    case .float32(let elements): try elements.withUnsafeBytes(body)
    case .float64(let elements): try elements.withUnsafeBytes(body)
    case .int32(let elements): try elements.withUnsafeBytes(body)
    case .bool(let elements): try elements.withUnsafeBytes(body)
    }
  }

  /// A tensor whose elements are copied from raw bytes; their count must be the type's.
  public init(_ type: TensorType, bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == type.byteCount, "\(bytes.count) bytes for \(type)")
    switch type.elementType {
    case .float32: self.init(type.shape, .float32(Self.array(bytes)))
    case .float64: self.init(type.shape, .float64(Self.array(bytes)))
    case .int32: self.init(type.shape, .int32(Self.array(bytes)))
    case .bool: self.init(type.shape, .bool(bytes.map { $0 != 0 }))
    }
  }

  private static func array<Element>(_ bytes: UnsafeRawBufferPointer) -> [Element] {
    let count = bytes.count / MemoryLayout<Element>.stride
    return Array(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
      initializedCount = count
    }
  }

  /// Whether both tensors have the same type and the same bits: -0 differs from 0.
  ///
  /// Any NaN equals any other: which sign an operation gives it, IEEE 754 (6.3) leaves open, and processors take that of
  /// the operand that a compiler happened to put first.
  public func isIdentical(to other: HostTensor) -> Bool {
    guard type == other.type else { return false }
    if withUnsafeBytes({ left in other.withUnsafeBytes { right in left.elementsEqual(right) } }) { return true }
    return switch (storage, other.storage) {
    case (.float32(let left), .float32(let right)): Self.differOnlyInNaNs(left, right)
    case (.float64(let left), .float64(let right)): Self.differOnlyInNaNs(left, right)
    default: false
    }
  }

  private static func differOnlyInNaNs<Element: BinaryFloatingPoint>(_ left: [Element], _ right: [Element]) -> Bool {
    zip(left, right).allSatisfy { ($0 == $1 && $0.sign == $1.sign) || ($0.isNaN && $1.isNaN) }
  }
}
