import KernelIR

/// An implementation whose products want so many parts.
struct SampleProducts: ProductTarget {
  var panelRowCount: Int { 4 }
  func scratchByteCount(_ product: Contraction, workerCount: Int, shareCount: Int) -> Int { 64 * workerCount }
  func shareCount(_ product: Contraction, workerCount: Int) -> Int { 100 }
  func goesByRows(_ product: Contraction) -> Bool { true }
  func packedByteCount(_ product: Contraction) -> Int { 640 }
  func tileScratchByteCount(_ product: Contraction) -> Int { 32 }

  func readingPanels(_ product: Contraction) -> Contraction? { nil }
}
