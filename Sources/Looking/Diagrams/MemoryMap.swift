/// A memory plan as a picture: time to the right, addresses upward, a rectangle for each stay of a buffer.
public struct MemoryMap: Sendable {
  /// A buffer at its address, with the schedule positions at which it is alive.
  public struct Block: Hashable, Sendable {
    public var name: String
    public var byteOffset: Int
    public var byteCount: Int
    public var intervals: [Range<Int>]
    /// What the bytes are for, as in `weights`, `activations`, `residual stack`, `gradients`, `workspace`.
    public var category: String
    /// What else the tooltip should say: a type, a line of the model.
    public var detail: String

    public init(
      name: String, byteOffset: Int, byteCount: Int, intervals: [Range<Int>], category: String,
      detail: String = ""
    ) {
      self.name = name
      self.byteOffset = byteOffset
      self.byteCount = byteCount
      self.intervals = intervals
      self.category = category
      self.detail = detail
    }
  }

  /// A named stretch of the schedule; phases inside of others are drawn below them.
  public struct Phase: Hashable, Sendable {
    public var name: String
    public var positions: Range<Int>
    /// How often the stretch runs; 1 for what is no loop.
    public var tripCount: Int

    public init(name: String, positions: Range<Int>, tripCount: Int = 1) {
      self.name = name
      self.positions = positions
      self.tripCount = tripCount
    }
  }

  public var blocks: [Block]
  public var phases: [Phase]
  public var arenaByteCount: Int
  /// The largest sum of live bytes, which no plan can go below.
  public var lowerBoundByteCount: Int
  public var title: String

  public init(blocks: [Block], phases: [Phase], arenaByteCount: Int, lowerBoundByteCount: Int, title: String) {
    self.blocks = blocks
    self.phases = phases
    self.arenaByteCount = arenaByteCount
    self.lowerBoundByteCount = lowerBoundByteCount
    self.title = title
  }

  /// The picture, 1200 by 700.
  public var svg: String { MemoryMapDrawing(self).text() }
}
