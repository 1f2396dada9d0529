/// When kernels share a launch, and how large their tiles are.
public struct StreamLimits: Sendable {
  /// Rows of a group; with fewer, packing products' operands costs more than a group saves.
  public var fewestRows = 256
  /// Matrices of a batched product for each worker; with fewer, one worker would wait for another's last.
  public var fewestMatrices = 4
  /// Multiplications and additions of a product.
  public var fewestFlops = 1 << 18
  /// Bytes of the packed operands of a group: with a tile they fit an L2 cache of 1 MiB. Larger groups were no faster.
  public var packedByteCount = 640 << 10
  /// Bytes of what members compute of a tile, together.
  public var tileByteCount = 384 << 10
  /// Bytes of what the body of a loop computes of a tile that goes through all iterations.
  public var loopTileByteCount = 128 << 10
  /// Rows of the worker with the most of such a loop, in units of the mean.
  public var mostImbalance = 1.15
  /// Operations of an iteration on a tile, beside which its launch is little.
  public var fewestTileOperations = 4096

  public init() {}
}
