import GraphIR
import KernelIR

/// A value as it lies in memory; one value may be there in several layouts at once.
struct Stored: Hashable {
  var value: Graph.Value
  var layout: Layout

  init(_ value: Graph.Value, _ layout: Layout = .strided) { (self.value, self.layout) = (value, layout) }
}

/// How elements follow each other in memory.
enum Layout: Hashable {
  /// Row by row.
  case strided
  /// As the right operand of products, in panels of their columns.
  case panels(Panels)
}

/// What panels hold: a part of a value, by its offset in elements and the product's axes over it.
struct Panels: Hashable {
  var offset: Int
  var columns: [Walk.Axis]
  var inner: [Walk.Axis]
  var byteCount: Int
  /// Panels that are made anew are others.
  var generation = 0

  init(_ product: Contraction, offset: Int, byteCount: Int) {
    func axes(_ axes: [Contraction.Axis]) -> [Walk.Axis] {
      axes.map { .init(extent: $0.extent, stride: $0.rightStride) }
    }
    (self.offset, self.byteCount) = (offset, byteCount)
    (columns, inner) = (axes(product.columns), axes(product.inner))
  }
}

extension Graph {
  func byteCount(of stored: Stored) -> Int {
    switch stored.layout {
    case .strided: type(of: stored.value).byteCount
    case .panels(let panels): panels.byteCount
    }
  }
}
