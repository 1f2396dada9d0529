import MemoryPlanning
import TensorTypes

extension MemoryProblem {
  /// Buffers of random sizes and lives, a third of them with holes.
  static func random(
    count: Int, positions: Int, largestByteCount: Int, alignment: Int, seed: UInt64
  ) -> MemoryProblem {
    var generator = CounterRandom(seed: seed)
    let buffers = (0..<count).map { id in
      let ends = Int.random(in: 0..<3, using: &generator) == 0 ? 4 : 2
      var cuts: Set<Int> = []
      while cuts.count < ends { cuts.insert(Int.random(in: 0...positions, using: &generator)) }
      let sorted = cuts.sorted()
      return Buffer(
        id: id, byteCount: Int.random(in: 0...largestByteCount, using: &generator),
        intervals: stride(from: 0, to: ends, by: 2).map { sorted[$0]..<sorted[$0 + 1] })
    }
    return MemoryProblem(buffers: buffers, alignment: alignment)
  }

  /// A rectangle cut straight through again and again: its height is the optimum and the lower bound.
  static func cutRectangle(count: Int, seed: UInt64) -> MemoryProblem {
    var generator = CounterRandom(seed: seed)
    var pieces = [(time: 0..<1000, memory: 0..<1000)]
    while pieces.count < count {
      pieces.sort { $0.time.count * $0.memory.count > $1.time.count * $1.memory.count }
      let index = Int.random(in: 0..<min(3, pieces.count), using: &generator)
      let piece = pieces[index]
      if Bool.random(using: &generator), piece.time.count > 1 {
        let cut = Int.random(in: (piece.time.lowerBound + 1)..<piece.time.upperBound, using: &generator)
        pieces[index].time = piece.time.lowerBound..<cut
        pieces.append((cut..<piece.time.upperBound, piece.memory))
      } else if piece.memory.count > 1 {
        let cut = Int.random(in: (piece.memory.lowerBound + 1)..<piece.memory.upperBound, using: &generator)
        pieces[index].memory = piece.memory.lowerBound..<cut
        pieces.append((piece.time, cut..<piece.memory.upperBound))
      }
    }
    let buffers = pieces.enumerated().map { id, piece in
      Buffer(id: id, byteCount: piece.memory.count * 64, intervals: [piece.time])
    }
    return MemoryProblem(buffers: buffers.shuffled(using: &generator))
  }

  /// The same problem with the middle of every long life cut out and given to two smaller buffers.
  ///
  /// What fits before still fits: the optimum does not change.
  var punched: MemoryProblem {
    var problem = self
    for (index, buffer) in buffers.enumerated() {
      let life = buffer.intervals[0]
      guard life.count >= 60, buffer.byteCount >= 128 else { continue }
      let hole = life.lowerBound + life.count / 3..<life.lowerBound + life.count / 2
      problem.buffers[index].intervals = [
        life.lowerBound..<hole.lowerBound, hole.upperBound..<life.upperBound,
      ]
      let lower = buffer.byteCount / 128 * 64
      for byteCount in [lower, buffer.byteCount - lower] {
        problem.buffers.append(Buffer(id: problem.buffers.count, byteCount: byteCount, intervals: [hole]))
      }
    }
    return problem
  }

  /// The smallest arena: tries all orders, each buffer resting on those placed before it.
  var optimumByteCount: Int { smallestArena(placing: Array(buffers.indices), after: [:]) }

  private func smallestArena(placing rest: [Int], after offsets: [Int: Int]) -> Int {
    var best = rest.isEmpty ? offsets.reduce(0) { max($0, $1.value + buffers[$1.key].byteCount) } : Int.max
    for next in rest {
      let ends = offsets.filter { conflict($0.key, next) }.map { $0.value + buffers[$0.key].byteCount }
      var extended = offsets
      extended[next] = ((ends.max() ?? 0) + alignment - 1) / alignment * alignment
      best = min(best, smallestArena(placing: rest.filter { $0 != next }, after: extended))
    }
    return best
  }

  /// Whether two buffers need memory at a common position.
  func conflict(_ first: Int, _ second: Int) -> Bool {
    buffers[first].byteCount > 0 && buffers[second].byteCount > 0
      && buffers[first].intervals.contains { interval in
        interval.contains { buffers[second].isLive(at: $0) }
      }
  }
}
