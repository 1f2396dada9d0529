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

  public init() {}
}
