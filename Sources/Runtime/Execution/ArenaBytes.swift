import CKernelSupport

extension UnsafeRawBufferPointer {
  /// Equal bytes have equal hashes; others hardly ever.
  public var byteHash: UInt64 { baseAddress.map { recurve_hash($0, Int64(count)) } ?? 0 }

  /// The position of the first byte that differs from a pattern.
  public func firstByte(otherThan pattern: UInt8) -> Int? {
    guard let baseAddress else { return nil }
    let first = recurve_first_other(baseAddress, Int64(count), pattern)
    return first < 0 ? nil : Int(first)
  }
}
