import Foundation
import TensorTypes

/// Bytes of one tensor in memory that programs may share: weights of a store, states of a session.
///
/// Who writes while others read is the callers' to settle.
public struct TensorMemory: @unchecked Sendable {
  public let type: TensorType
  private let block: ArenaMemory
  private let byteOffset: Int

  /// Bytes between the beginnings of tensors are a multiple of this: each has cache lines of its own.
  public static let alignment = 64

  /// Memory for all tensors in one block, in their order; all bytes are zero.
  ///
  /// - Throws: `ExecutionError.notEnoughMemory`.
  public static func block(_ types: [TensorType]) throws -> [TensorMemory] {
    let (offsets, byteCount) = layout(types)
    let block = try ArenaMemory(byteCount: byteCount)
    return zip(types, offsets).map { TensorMemory(type: $0, block: block, byteOffset: $1) }
  }

  /// Where tensors begin that lie one after another, and where the last one ends, in bytes.
  public static func layout(_ types: [TensorType]) -> (offsets: [Int], byteCount: Int) {
    var end = 0
    let offsets = types.map { type in
      defer { end += (type.byteCount + alignment - 1) / alignment * alignment }
      return end
    }
    return (offsets, end)
  }

  init(type: TensorType, block: ArenaMemory, byteOffset: Int) {
    (self.type, self.block, self.byteOffset) = (type, block, byteOffset)
  }

  var address: UnsafeMutableRawPointer { block.base + byteOffset }

  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: type.byteCount) }

  public var tensor: HostTensor { HostTensor(type, bytes: bytes) }

  /// Takes the numbers of a tensor of the same type.
  public func set(_ tensor: HostTensor) {
    precondition(tensor.fits(type), "\(tensor.summary) does not fit \(type)")
    tensor.withUnsafeBytes { write($0) }
  }

  public func copy(from other: TensorMemory) {
    precondition(other.type.byteCount == type.byteCount, "\(other.type) does not fit \(type)")
    write(other.bytes)
  }

  func write(_ source: UnsafeRawBufferPointer) {
    if let first = source.baseAddress { memcpy(address, first, source.count) }
  }

  public func fill(_ byte: UInt8) { memset(address, Int32(byte), type.byteCount) }

  /// Whether both are the same bytes in memory.
  public func isSame(as other: TensorMemory) -> Bool { address == other.address }
}
