import Foundation
import TensorTypes

/// Bytes of one tensor in memory that programs may share: weights of a store, states of a session.
///
/// A program that runs on a device may keep the newest bytes there; who asks for them here gets them from there.
///
/// Who writes while others read is the callers' to settle.
public struct TensorMemory: @unchecked Sendable {
  public let type: TensorType
  private let block: ArenaMemory
  private let byteOffset: Int
  private let residence = TensorResidence()

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

  private var host: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: address, count: type.byteCount)
  }

  /// The newest bytes. Traps where they are on a device that does not give them; `bringHome` throws instead.
  public var bytes: UnsafeRawBufferPointer {
    do { try bringHome() } catch { preconditionFailure("a tensor \(type) cannot be read: \(error)") }
    return UnsafeRawBufferPointer(host)
  }

  /// The newest numbers; traps as `bytes` does.
  public var tensor: HostTensor { HostTensor(type, bytes: bytes) }

  /// The newest numbers.
  ///
  /// - Throws: as `bringHome`.
  public func read() throws -> HostTensor {
    try bringHome()
    return HostTensor(type, bytes: UnsafeRawBufferPointer(host))
  }

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
    residence.forget()
    if let first = source.baseAddress { memcpy(address, first, source.count) }
  }

  public func fill(_ byte: UInt8) {
    residence.forget()
    memset(address, Int32(byte), type.byteCount)
  }

  /// Whether both are the same bytes in memory.
  public func isSame(as other: TensorMemory) -> Bool { address == other.address }
}

/// Bytes that are on a device as well, or only there.
extension TensorMemory {
  /// Whether a device has bytes of it, to be asked without waiting.
  var isShared: Bool { residence.hasCopy }

  /// Lets the host have the newest bytes; a copy on a device stays.
  ///
  /// - Throws: what the device says; `LostTensorError` after a failed run.
  public func bringHome() throws { try residence.bringHome(host) }

  /// Lets the host have the newest bytes, which it is about to change.
  ///
  /// - Throws: as `bringHome`.
  public func takeHome() throws {
    try residence.bringHome(host)
    residence.forget()
  }

  /// The copy that an owner has of the newest bytes, made where it has none.
  ///
  /// - Throws: what the making throws, and as `bringHome` where another device has the newest bytes.
  public func copy<Copy: DeviceTensor>(
    for owner: AnyObject, _ make: (UnsafeRawBufferPointer) throws -> Copy
  ) throws -> Copy { try residence.copy(for: owner, host, make) }

  /// Says that a failed run has used up the copy on its device: what the host has as well is not lost.
  public func lose(_ cause: String) { residence.lose(cause) }

  /// Makes the newest bytes those of a device.
  public func move(to copy: any DeviceTensor) { residence.move(to: copy) }
}
