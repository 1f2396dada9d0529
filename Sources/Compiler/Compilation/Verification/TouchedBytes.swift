import KernelIR
import Scheduling

extension CompilationPlan {
  /// Where a place is in its memory, in bytes, in the present iterations of all loops.
  func base(_ place: Place, _ iterations: [Int]) -> Int {
    let moved = place.terms.reduce(place.byteOffset) { $0 + iterations[$1.loop] * $1.byteStride }
    switch place.base {
    case .buffer(let index): return memory.offsets[index] + moved
    case .parameter(let index): return persistentOffsets[index] + moved
    }
  }
}

extension Place {
  var isInArena: Bool { if case .buffer = base { true } else { false } }
}

extension DataFlow.Touch {
  /// Whether every element that is read lies where it is read before, by the same iteration or with its row by an earlier
  /// member.
  func isReadBefore(_ written: DataFlow.Touch, _ rowCount: Int) -> Bool {
    if member == written.member { return pattern.comesBefore(written.pattern, elementCount: elementCount) }
    return pattern.keepsRowsApart(rowCount, elementCount: elementCount)
      && written.pattern.keepsRowsApart(rowCount, elementCount: written.elementCount)
  }

  func bytes(_ elements: Range<Int>, from base: Int) -> Range<Int> {
    base + elements.lowerBound * elementByteCount..<base + elements.upperBound * elementByteCount
  }

  /// The elements in ranges that follow each other in memory. What a walk reaches outside of the value is never touched:
  /// padding.
  ///
  /// - Parameter atMost: a walk through more ranges counts as one range, from its first element to its last.
  func elements(atMost limit: Int = .max) -> [Range<Int>] {
    guard let walks = pattern.walks else { return [0..<elementCount] }
    var ranges: [Range<Int>] = []
    for walk in walks where !walk.axes.contains(where: { $0.extent == 0 && $0.stride != 0 }) {
      walk.forEachRun(atMost: limit) {
        let range = $0.clamped(to: 0..<elementCount)
        if !range.isEmpty { ranges.append(range) }
      }
    }
    return ranges
  }
}

extension Walk {
  /// Visits the elements in ranges, in the order of memory and not in the walk's; axes that continue each other are one.
  func forEachRun(atMost limit: Int, _ visit: (Range<Int>) -> Void) {
    let first = constant + axes.reduce(0) { $0 + min(0, ($1.extent - 1) * $1.stride) }
    var merged: [Axis] = []
    for axis in axes.filter({ $0.stride != 0 }).sorted(by: { abs($0.stride) < abs($1.stride) }) {
      if let last = merged.last, abs(axis.stride) == last.stride * last.extent {
        merged[merged.count - 1].extent *= axis.extent
      } else {
        merged.append(.init(extent: axis.extent, stride: abs(axis.stride)))
      }
    }
    let isDense = merged.first?.stride == 1
    let length = isDense ? merged.removeFirst().extent : 1
    if OperationCount.product(merged.map(\.extent)) > limit {
      return visit(first..<first + merged.reduce(length) { $0 + ($1.extent - 1) * $1.stride })
    }
    Self.forEachRun(merged.reversed()[...], first, length, visit)
  }

  private static func forEachRun(
    _ axes: ArraySlice<Axis>, _ first: Int, _ length: Int, _ visit: (Range<Int>) -> Void
  ) {
    guard let axis = axes.first else { return visit(first..<first + length) }
    for index in 0..<axis.extent { forEachRun(axes.dropFirst(), first + index * axis.stride, length, visit) }
  }
}
