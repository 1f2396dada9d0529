import TensorTypes

/// Kernels that work on the same rows, run tile by tile: what one computes of a tile, the next reads while it is still in
/// the cache, and what nothing else reads is never written to memory.
///
/// A tile is so many panels of rows. A row is one of a product, which finds its right operand packed by a launch before; or
/// it is a whole matrix of a batched product, as in attention, where a row is a sequence and a head.
public struct StreamedGroup: Hashable, Sendable {
  public var rowCount: Int
  /// Rows of a panel: those of a product's register tile, or 1 where rows are matrices.
  public var panelRows: Int
  /// Panels of rows in a tile, the last tile of a share excepted; no share has fewer.
  public var tilePanelCount: Int
  public var members: [Member]
  public var locals: [Local]
  public var scratch: Scratch

  /// One kernel of the group.
  public struct Member: Hashable, Sendable {
    public var body: Body
    /// One per buffer of a nest; left operand, right operand, result and accumulator of a product.
    public var operands: [Operand]

    public init(_ body: Body, _ operands: [Operand]) {
      self.body = body
      self.operands = operands
    }
  }

  public enum Body: Hashable, Sendable {
    case nest(Kernel)
    /// Rows of a product, its right operand packed.
    case product(Contraction)
    /// One product per row.
    case batchedProduct(Contraction)
  }

  /// A value that lives in tiles only.
  public struct Local: Hashable, Sendable {
    public var rowByteCount: Int
    /// Where its tiles end in a worker's part of the scratch.
    public var scratchEnd: Int

    public init(rowByteCount: Int, scratchEnd: Int) {
      self.rowByteCount = rowByteCount
      self.scratchEnd = scratchEnd
    }
  }

  /// A worker's part of the scratch, in bytes.
  public struct Scratch: Hashable, Sendable {
    /// Where what products use in turn ends; it begins with the part.
    public var productsEnd: Int
    /// Up to the last byte that a member can write.
    public var workerByteCount: Int

    public init(productsEnd: Int, workerByteCount: Int) {
      self.productsEnd = productsEnd
      self.workerByteCount = workerByteCount
    }

    /// From one worker's part to the next one's: whole cache lines.
    public var workerStride: Int { (workerByteCount + 63) / 64 * 64 }

    /// Of all parts, up to the last byte of the last.
    public func byteCount(workerCount: Int) -> Int { workerStride * (workerCount - 1) + workerByteCount }
  }

  /// Where a member's operand begins.
  public struct Operand: Hashable, Sendable {
    public var source: Source
    /// In elements.
    public var offset: Int

    public enum Source: Hashable, Sendable {
      case argument(Int)
      /// A value that lives in tiles only.
      case local(Int)
    }

    public init(_ source: Source, offset: Int) {
      self.source = source
      self.offset = offset
    }
  }

  public init(
    rowCount: Int, panelRows: Int, tilePanelCount: Int, members: [Member], locals: [Local], scratch: Scratch
  ) {
    self.rowCount = rowCount
    self.panelRows = panelRows
    self.tilePanelCount = tilePanelCount
    self.members = members
    self.locals = locals
    self.scratch = scratch
  }

  /// The last panel is perhaps not full.
  public var panelCount: Int { (rowCount + panelRows - 1) / panelRows }

  public var flops: Int {
    members.reduce(0) { total, member in
      switch member.body {
      case .nest(let kernel): total + kernel.flops
      case .product(let contraction), .batchedProduct(let contraction): total + contraction.flops
      }
    }
  }
}
