import Synchronization

/// A tensor's bytes on a device.
public protocol DeviceTensor: AnyObject, Sendable {
  /// What the copy is of use to: the device's client.
  var owner: AnyObject { get }

  /// Copies the bytes to the host.
  ///
  /// - Throws: what the device says; `LostTensorError` where there are none any more.
  func copy(to bytes: UnsafeMutableRawBufferPointer) throws
}

/// What is left of a tensor that a failed run has used up.
public final class LostTensor: DeviceTensor {
  private let error: LostTensorError

  /// - Parameter cause: what failed.
  public init(cause: String) { error = LostTensorError(cause: cause) }

  public var owner: AnyObject { self }
  public func copy(to bytes: UnsafeMutableRawBufferPointer) throws { throw error }
}

/// A weight or a state that a failed run has used up.
public struct LostTensorError: Error, Hashable, CustomStringConvertible {
  public var cause: String

  public var description: String { "its numbers were lost when a run failed (\(cause)); load a checkpoint" }
}

/// Where the newest bytes of a tensor are: with the host, on a device, or the same on both.
final class TensorResidence: @unchecked Sendable {
  // Changed and read under the lock.
  private let lock = Mutex(())
  private var copy: (any DeviceTensor)?
  private var isHostCurrent = true
  /// Whether there is a copy, to be asked without waiting.
  private let isShared = Atomic(false)

  var hasCopy: Bool { isShared.load(ordering: .acquiring) }

  /// Forgets the copy on the device: the host has newer bytes.
  func forget() {
    guard hasCopy else { return }
    lock.withLock { _ in set(nil, isHostCurrent: true) }
  }

  /// Makes the newest bytes those of a device.
  func move(to copy: any DeviceTensor) { lock.withLock { _ in set(copy, isHostCurrent: false) } }

  /// A failed run has used up the copy: the numbers are lost, unless the host has them as well.
  func lose(_ cause: String) {
    lock.withLock { _ in
      if isHostCurrent { set(nil, isHostCurrent: true) } else { set(LostTensor(cause: cause), isHostCurrent: false) }
    }
  }

  /// Lets the host have the newest bytes.
  ///
  /// - Throws: what the device says.
  func bringHome(_ bytes: UnsafeMutableRawBufferPointer) throws {
    guard hasCopy else { return }
    try lock.withLock { _ in try fetch(bytes) }
  }

  /// The copy of an owner, made where there is none of its.
  func copy<Copy: DeviceTensor>(
    for owner: AnyObject, _ bytes: UnsafeMutableRawBufferPointer, _ make: (UnsafeRawBufferPointer) throws -> Copy
  ) throws -> Copy {
    try lock.withLock { _ in
      // Every copy of an owner is of its one kind.
      if let copy, copy.owner === owner { return unsafeDowncast(copy as AnyObject, to: Copy.self) }
      try fetch(bytes)
      let made = try make(UnsafeRawBufferPointer(bytes))
      set(made, isHostCurrent: true)
      return made
    }
  }

  private func fetch(_ bytes: UnsafeMutableRawBufferPointer) throws {
    guard !isHostCurrent, let copy else { return }
    try copy.copy(to: bytes)
    isHostCurrent = true
  }

  private func set(_ copy: (any DeviceTensor)?, isHostCurrent: Bool) {
    (self.copy, self.isHostCurrent) = (copy, isHostCurrent)
    isShared.store(copy != nil, ordering: .releasing)
  }
}
