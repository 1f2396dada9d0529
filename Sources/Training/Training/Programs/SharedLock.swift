import Foundation

/// Lets many read at once, or one write. Who waits to write goes before those who come to read.
final class SharedLock: @unchecked Sendable {
  private let condition = NSCondition()
  private var readers = 0
  private var waitingWriters = 0
  private var isWritten = false

  func reading<Result>(_ body: () throws -> Result) rethrows -> Result {
    condition.lock()
    while isWritten || waitingWriters > 0 { condition.wait() }
    readers += 1
    condition.unlock()
    defer {
      condition.lock()
      readers -= 1
      if readers == 0 { condition.broadcast() }
      condition.unlock()
    }
    return try body()
  }

  func writing<Result>(_ body: () throws -> Result) rethrows -> Result {
    condition.lock()
    waitingWriters += 1
    while isWritten || readers > 0 { condition.wait() }
    waitingWriters -= 1
    isWritten = true
    condition.unlock()
    defer {
      condition.lock()
      isWritten = false
      condition.broadcast()
      condition.unlock()
    }
    return try body()
  }
}
