extension HostTensor {
  /// One slice along the first axis.
  public func slice(_ index: Int) -> HostTensor {
    let rest = type.with(type.shape.removing([0]))
    let byteCount = rest.byteCount
    return withUnsafeBytes { bytes in
      HostTensor(rest, bytes: UnsafeRawBufferPointer(rebasing: bytes[(index * byteCount)..<((index + 1) * byteCount)]))
    }
  }

  /// Slices of one type laid one after another along a new first axis, which gives the type.
  public init(stacking slices: [HostTensor], as type: TensorType) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(type.byteCount)
    for slice in slices { slice.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    self = bytes.withUnsafeBytes { HostTensor(type, bytes: $0) }
  }
}
