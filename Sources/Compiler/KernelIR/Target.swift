/// The processor that kernels are generated for, as far as they and the plan depend on it: what its caches and stacks hold,
/// and what is worth waking workers for. No bit of a result depends on any of it.
public struct Target: Sendable {
  package let products: any ProductTarget
  /// When kernels over the same rows share a launch, tile by tile; nil for never. Only generated products can.
  public var streams: StreamLimits? = StreamLimits()
  /// Launches smaller than this many operations, or elements, are not worth waking the other workers.
  public var parallelThreshold = 32_768
  /// Shares of a launch for each worker, so that whoever is ready first can help the others: as many as there are parts
  /// between these; a group makes its tiles smaller for the first.
  public var sharesPerWorker = 8...16
  /// Results of so many bytes leave every cache before anything reads them.
  public var uncachedByteCount = 16 << 20
  /// Bytes of one row that a kernel may hold on the stack, whatever the row's length: a fraction of the smallest stack.
  public var rowByteLimit = 1 << 20
  /// Rows longer than this are not kept from one stage of a row to the next.
  public var keptColumnLimit = 16_384
  /// Up to so many multiplications a call costs more than a product.
  public var largestLoopedProduct = 2048

  package init(products: any ProductTarget) { self.products = products }

  /// The same, but for when kernels share a launch.
  public func streaming(_ limits: StreamLimits?) -> Target {
    var target = self
    target.streams = limits
    return target
  }
}

/// What an implementation of products says of a shape: how it divides it, and what memory it needs, in bytes.
package protocol ProductTarget: Sendable {
  /// Rows of a register tile.
  var panelRowCount: Int { get }

  /// What so many workers need together for so many shares.
  func scratchByteCount(_ product: Contraction, workerCount: Int, shareCount: Int) -> Int

  /// How many shares are worth while for so many workers.
  func shareCount(_ product: Contraction, workerCount: Int) -> Int

  /// Whether it can be computed some rows at a time.
  func goesByRows(_ product: Contraction) -> Bool

  /// Of the right operand, packed whole.
  func packedByteCount(_ product: Contraction) -> Int

  /// What some rows, or some matrices, need at a time.
  func tileScratchByteCount(_ product: Contraction) -> Int

  /// The same product with its right operand read from panels; nil where that cannot be, or packing is little of the work.
  func readingPanels(_ product: Contraction) -> Contraction?
}
