/// Right operands of products that are packed for a streamed group.
public struct PackedOperands: Hashable, Sendable {
  public var parts: [Part]

  public struct Part: Hashable, Sendable {
    public var contraction: Contraction
    /// Where the packed operand begins, in bytes.
    public var scratchOffset: Int

    public init(contraction: Contraction, scratchOffset: Int) {
      self.contraction = contraction
      self.scratchOffset = scratchOffset
    }
  }

  public init(parts: [Part]) { self.parts = parts }
}
