/// What a subscript of a tensor takes along one axis: a position or a range of positions. `0...` is the whole axis.
///
/// Negative ones count from the end: `-1` is the last position, `..<(-1)` all before it, `-3 ..< -1` the two before it,
/// `-2 ..< 0` the last two. The two ends of a range count from one end, for Swift makes no range from 1 to -1.
public protocol AxisSelection: Sendable {
  /// The first position and the one past the last; of an axis without them, numbers that are not there.
  func bounds(_ extent: Int) -> (start: Int, end: Int)
  /// For messages.
  var written: String { get }
}

extension Int: AxisSelection {
  // Sums wrap around, since they are looked at only then: any number may be written.
  public func bounds(_ extent: Int) -> (start: Int, end: Int) { (counted(extent), counted(extent) &+ 1) }
  public var written: String { "position \(self)" }

  /// The position from the start.
  fileprivate func counted(_ extent: Int) -> Int { self < 0 ? self &+ extent : self }
}

extension Range<Int>: AxisSelection {
  public func bounds(_ extent: Int) -> (start: Int, end: Int) {
    if lowerBound >= 0 { return (lowerBound, upperBound) }
    return (lowerBound &+ extent, upperBound <= 0 ? upperBound &+ extent : -1)
  }
  public var written: String { "range \(self)" }
}

extension ClosedRange<Int>: AxisSelection {
  public func bounds(_ extent: Int) -> (start: Int, end: Int) {
    if lowerBound >= 0 { return (lowerBound, upperBound &+ 1) }
    return (lowerBound &+ extent, upperBound < 0 ? upperBound.bounds(extent).end : -1)
  }
  public var written: String { "range \(self)" }
}

extension PartialRangeFrom<Int>: AxisSelection {
  public func bounds(_ extent: Int) -> (start: Int, end: Int) { (lowerBound.counted(extent), extent) }
  public var written: String { "range \(lowerBound)..." }
}

extension PartialRangeUpTo<Int>: AxisSelection {
  public func bounds(_ extent: Int) -> (start: Int, end: Int) { (0, upperBound.counted(extent)) }
  public var written: String { "range ..<\(upperBound)" }
}

extension PartialRangeThrough<Int>: AxisSelection {
  public func bounds(_ extent: Int) -> (start: Int, end: Int) { (0, upperBound.bounds(extent).end) }
  public var written: String { "range ...\(upperBound)" }
}
