import KernelIR
import TensorTypes
import Testing

/// What walks say of rows, held against all of their iterations.
@Suite struct WalkTests {
  /// Offsets of a walk, one list per shared iteration, in order.
  private static func offsets(_ walk: Walk) -> [[Int]] {
    func positions(_ axes: ArraySlice<Walk.Axis>) -> [Int] {
      axes.reduce([0]) { found, axis in found.flatMap { start in (0..<axis.extent).map { start + $0 * axis.stride } } }
    }
    let inner = positions(walk.axes[walk.sharedCount...])
    return positions(walk.axes[..<walk.sharedCount]).map { start in inner.map { walk.constant + start + $0 } }
  }

  /// Whether the iterations of row `i`, of so many, touch row `i` only.
  private static func keepsRowsApart(_ walk: Walk, _ rowCount: Int, _ elementCount: Int) -> Bool {
    let iterations = offsets(walk)
    guard iterations.count % rowCount == 0, elementCount % rowCount == 0 else { return false }
    let (share, width) = (iterations.count / rowCount, elementCount / rowCount)
    return iterations.enumerated().allSatisfy { index, offsets in
      let first = index / share * width
      return offsets.allSatisfy { (first..<first + width).contains($0) }
    }
  }

  private static func walk(_ random: inout CounterRandom) -> Walk {
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    let strides = [0, 1, 2, 3, 4, 6, 8, 12, 24, -1]
    func axes(_ count: Int) -> [Walk.Axis] {
      (0..<count).map { _ in Walk.Axis(extent: 1 + below(4), stride: strides[below(strides.count)]) }
    }
    return Walk(constant: below(4) == 0 ? below(5) : 0, shared: axes(below(3)), inner: axes(below(3)))
  }

  /// Never said of a walk that does not, and said of most that do.
  @Test func rowsAreApartWhereEveryIterationStaysInItsRow() {
    var random = CounterRandom(seed: 5)
    var (apart, found) = (0, 0)
    for _ in 0..<20_000 {
      let walk = Self.walk(&random)
      for rowCount in [1, 2, 3, 4, 6, 8] {
        for elementCount in [12, 24, 48] {
          let says = walk.keepsRowsApart(rowCount, elementCount: elementCount)
          let isApart = Self.keepsRowsApart(walk, rowCount, elementCount)
          #expect(!says || isApart, "\(walk), \(rowCount) rows of \(elementCount)")
          if isApart, rowCount > 1 { apart += 1 }
          if says, rowCount > 1 { found += 1 }
        }
      }
    }
    #expect(apart > 200 && found * 2 > apart, "\(found) of \(apart)")
  }

  @Test func anAxisIsDividedAmongRows() {
    let flat = Walk(shared: [.init(extent: 48, stride: 1)], inner: [])
    #expect(flat.keepsRowsApart(6, elementCount: 48) && !flat.keepsRowsApart(5, elementCount: 48))
    let late = Walk(constant: 1, shared: [.init(extent: 48, stride: 1)], inner: [])
    #expect(!late.keepsRowsApart(6, elementCount: 48))
    // 15 rows of a kernel are no 18 rows of a group.
    #expect(!Walk(shared: [.init(extent: 15, stride: 54)], inner: []).keepsRowsApart(18, elementCount: 810))
  }

  @Test func orderIsThatOfMemory() {
    let axes = [Walk.Axis(extent: 4, stride: 6), .init(extent: 1, stride: 99), .init(extent: 6, stride: 1)]
    #expect(Walk(shared: axes, inner: []).isInOrder(elementCount: 24))
    #expect(!Walk(shared: axes, inner: []).isInOrder(elementCount: 48))
    #expect(!Walk(constant: 1, shared: axes, inner: []).isInOrder(elementCount: 24))
    #expect(!Walk(shared: axes.reversed(), inner: []).isInOrder(elementCount: 24))
  }

  @Test func whatIsReadComesBeforeWhatIsWrittenAtTheSamePlaceOnly() {
    let walk = Walk(shared: [.init(extent: 8, stride: 1)], inner: [])
    let moved = Walk(shared: [.init(extent: 8, stride: -1)], inner: [])
    let written = AccessPattern(walks: [walk], moments: 1...1)
    func comesBefore(_ walks: Set<Walk>?, _ moments: ClosedRange<Int>) -> Bool {
      AccessPattern(walks: walks, moments: moments).comesBefore(written, elementCount: 8)
    }
    #expect(comesBefore([walk], 0...1))
    #expect(!comesBefore([walk], 0...2) && !comesBefore([moved], 0...0))
    #expect(!comesBefore([walk, moved], 0...0) && !comesBefore(nil, 0...0))
  }
}
