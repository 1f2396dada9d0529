import CKernelSupport

/// Which bytes of an arena runs wrote.
///
/// The arena is filled with one pattern before a run and with another before the next: a byte that a run writes, the same
/// value in both, differs from one of them.
public struct WrittenBytes: Sendable {
  static let patterns: [UInt8] = [0xA5, 0x5A]

  /// Bytes of the arena.
  public let byteCount: Int
  /// A bit per byte.
  private var marks: [UInt64]

  init(byteCount: Int) {
    self.byteCount = byteCount
    marks = Array(repeating: 0, count: (byteCount + 63) / 64)
  }

  /// Adds what a run on memory filled with a pattern left otherwise.
  mutating func add(_ memory: UnsafeRawPointer, pattern: UInt8) {
    marks.withUnsafeMutableBufferPointer { marks in
      if let base = marks.baseAddress { recurve_mark_written(memory, Int64(byteCount), pattern, base) }
    }
  }

  /// One past the highest address written, counted from the arena's beginning; 0 if nothing was.
  public var end: Int {
    guard let word = marks.lastIndex(where: { $0 != 0 }) else { return 0 }
    return word * 64 + 64 - marks[word].leadingZeroBitCount
  }

  /// How many bytes were written.
  public var count: Int { count(in: 0..<byteCount) }

  /// How many bytes of a part of the arena were written.
  public func count(in range: Range<Int>) -> Int {
    marks.withUnsafeBufferPointer { marks in
      guard let base = marks.baseAddress else { return 0 }
      return Int(recurve_count_marks(base, Int64(range.lowerBound), Int64(range.upperBound)))
    }
  }
}
