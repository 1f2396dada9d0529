/// Right operands of products, each read where it lies and written in panels.
public struct PackedOperands: Hashable, Sendable {
  public var products: [Contraction]

  public init(products: [Contraction]) { self.products = products }
}
