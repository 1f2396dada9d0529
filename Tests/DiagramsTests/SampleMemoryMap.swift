import Diagrams

/// The memory plan of an imaginary training step: 100 buffers, packed by first fit.
enum SampleMemoryMap {
  static func training() -> MemoryMap {
    var blocks: [MemoryMap.Block] = []
    for layer in 0..<8 {
      add(
        "net.block\(layer / 4).weight\(layer % 4)", 2_400_000 + layer * 150_000, [0..<200], "weights", &blocks
      )
      add("gradient of weight\(layer)", 2_400_000 + layer * 150_000, [112..<196], "gradients", &blocks)
    }
    for carry in 0..<4 { add("carry z\(carry)", 1_327_104, [2..<30, 34..<60], "activations", &blocks) }
    for stack in 0..<6 {
      add("stack \(stack)", 7_962_624, [60..<(150 + stack * 6)], "residual stack", &blocks)
    }
    for step in 0..<60 {
      let start = 4 + step * 3
      let size = 700_000 + (step * 7919 % 9) * 310_000
      add("value \(step)", size, [start..<(start + 3 + step * 31 % 11)], "activations", &blocks)
    }
    for step in 0..<14 {
      add(
        "tile \(step)", 400_000 + step % 3 * 200_000, [(8 + step * 13)..<(11 + step * 13)], "workspace",
        &blocks)
    }
    let top = blocks.map { $0.byteOffset + $0.byteCount }.max() ?? 0
    var map = MemoryMap(
      blocks: blocks, phases: phases, arenaByteCount: top, lowerBoundByteCount: 0,
      title: "tiny recursion, last(1)")
    map.lowerBoundByteCount = lowerBound(map)
    return map
  }

  private static let phases = [
    MemoryMap.Phase(name: "deep recursion, detached", positions: 2..<60, tripCount: 2),
    MemoryMap.Phase(name: "z", positions: 4..<34, tripCount: 6),
    MemoryMap.Phase(name: "y", positions: 34..<58),
    MemoryMap.Phase(name: "recursion", positions: 60..<104, tripCount: 6),
    MemoryMap.Phase(name: "head", positions: 104..<112),
    MemoryMap.Phase(name: "backward", positions: 112..<186, tripCount: 6),
    MemoryMap.Phase(name: "update", positions: 186..<200),
  ]

  private static func lowerBound(_ map: MemoryMap) -> Int {
    (0..<200).map { position in
      map.blocks.filter { $0.intervals.contains { $0.contains(position) } }.reduce(0) { $0 + $1.byteCount }
    }.max() ?? 0
  }

  private static func add(
    _ name: String, _ byteCount: Int, _ intervals: [Range<Int>], _ category: String,
    _ blocks: inout [MemoryMap.Block]
  ) {
    let rivals = blocks.filter { other in
      other.intervals.contains { theirs in intervals.contains { $0.overlaps(theirs) } }
    }.sorted { $0.byteOffset < $1.byteOffset }
    var offset = 0
    for rival in rivals
    where rival.byteOffset < offset + byteCount && offset < rival.byteOffset + rival.byteCount {
      offset = rival.byteOffset + rival.byteCount
    }
    blocks.append(
      MemoryMap.Block(
        name: name, byteOffset: offset, byteCount: byteCount, intervals: intervals, category: category,
        detail: "f32, Net.swift:\(10 + blocks.count)"))
  }
}
