/// A number for each byte of memory, 0 at first.
struct ByteMap {
  /// Where numbers begin, up to where the next begins; neighbours differ.
  private var starts = [0]
  private var numbers: [Int32] = [0]

  mutating func fill(_ range: Range<Int>, _ number: Int32) {
    if range.isEmpty { return }
    let first = cut(at: range.lowerBound, from: index(of: range.lowerBound))
    let end = cut(at: range.upperBound, from: first)
    numbers[first] = number
    if end > first + 1 {
      starts.removeSubrange(first + 1..<end)
      numbers.removeSubrange(first + 1..<end)
    }
    if first + 1 < starts.count { join(first + 1) }
    if first > 0 { join(first) }
  }

  /// The stretch that begins at a byte, which is made if there is none.
  private mutating func cut(at byte: Int, from first: Int) -> Int {
    var position = first
    while position < starts.count, starts[position] < byte { position += 1 }
    if position < starts.count, starts[position] == byte { return position }
    starts.insert(byte, at: position)
    numbers.insert(numbers[position - 1], at: position)
    return position
  }

  /// Makes one stretch of two with the same number.
  private mutating func join(_ position: Int) {
    guard numbers[position] == numbers[position - 1] else { return }
    starts.remove(at: position)
    numbers.remove(at: position)
  }

  /// The first number in a range that is another one.
  func first(_ range: Range<Int>, otherThan number: Int32) -> Int32? {
    if range.isEmpty { return nil }
    var position = index(of: range.lowerBound)
    while position < starts.count, starts[position] < range.upperBound {
      if numbers[position] != number { return numbers[position] }
      position += 1
    }
    return nil
  }

  /// The stretch in which a byte lies.
  private func index(of byte: Int) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= byte { low = middle } else { high = middle }
    }
    return low
  }
}
