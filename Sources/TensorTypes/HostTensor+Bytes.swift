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

  /// Whether both tensors have the same type and the same bits, so that NaN equals NaN and -0 differs from 0.
  public func isIdentical(to other: HostTensor) -> Bool {
    guard type == other.type else { return false }
    return withUnsafeBytes { left in other.withUnsafeBytes { right in left.elementsEqual(right) } }
  }
}
