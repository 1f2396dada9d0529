import CKernelSupport
import KernelIR

extension Target {
  /// That of the kernels which are generated here.
  public static let generated = Target(products: GeneratedProducts())
}

/// What the product's C implementation says of a shape.
struct GeneratedProducts: ProductTarget {
  var panelRowCount: Int { Int(RECURVE_PANEL_ROWS) }

  func scratchByteCount(_ product: Contraction, workerCount: Int, shareCount: Int) -> Int {
    guard product.elementType == .float32 else { return 0 }
    return product.withDescription {
      Int(recurve_contraction_scratch_byte_count($0, Int64(workerCount), Int64(shareCount)))
    }
  }

  func shareCount(_ product: Contraction, workerCount: Int) -> Int {
    guard product.elementType == .float32 else { return workerCount }
    return product.withDescription { Int(recurve_contraction_part_count($0, Int64(workerCount))) }
  }

  func goesByRows(_ product: Contraction) -> Bool { product.withDescription { recurve_goes_by_rows($0) != 0 } }

  func packedByteCount(_ product: Contraction) -> Int {
    product.withDescription { Int(recurve_packed_byte_count($0)) }
  }

  func tileScratchByteCount(_ product: Contraction) -> Int {
    product.isBatched
      ? scratchByteCount(product, workerCount: 1, shareCount: 1)
      : product.withDescription { Int(recurve_rows_scratch_byte_count($0)) }
  }

  /// Packing an element costs about as much as twelve multiplications; few rows of an operand that is contiguous along its
  /// columns are not packed.
  func readingPanels(_ product: Contraction) -> Contraction? {
    let (width, rowCount) = (Int(RECURVE_PANEL_COLUMNS), Contraction.extent(product.rows))
    guard product.elementType == .float32, product.columns.count == 1, product.inner.count == 1, rowCount <= 256,
      product.columns[0].extent % width == 0, goesByRows(product)
    else { return nil }
    let (columns, inner) = (product.columns[0], product.inner[0])
    if rowCount <= 2 * panelRowCount && columns.rightStride == 1 { return nil }
    var panelled = product
    panelled.columns = [
      .init(
        extent: columns.extent / width, leftStride: 0, rightStride: width * inner.extent,
        resultStride: width * columns.resultStride),
      .init(extent: width, leftStride: 0, rightStride: 1, resultStride: columns.resultStride),
    ]
    panelled.inner[0].rightStride = width
    return panelled
  }
}

extension Contraction {
  fileprivate func withDescription<Result>(_ body: (UnsafePointer<recurve_contraction>) -> Result) -> Result {
    var descriptor = recurve_contraction()
    descriptor.batch_count = Int32(batch.count)
    descriptor.m_count = Int32(rows.count)
    descriptor.n_count = Int32(columns.count)
    descriptor.k_count = Int32(inner.count)
    return withUnsafeMutablePointer(to: &descriptor) {
      $0.fill(self)
      return body($0)
    }
  }
}

extension UnsafeMutablePointer<recurve_contraction> {
  fileprivate func fill(_ contraction: Contraction) {
    Self.fill(&pointee.batch, contraction.batch)
    Self.fill(&pointee.m, contraction.rows)
    Self.fill(&pointee.n, contraction.columns)
    Self.fill(&pointee.k, contraction.inner)
  }

  private static func fill<Axes>(_ axes: inout Axes, _ source: [Contraction.Axis]) {
    withUnsafeMutableBytes(of: &axes) { bytes in
      let target = bytes.bindMemory(to: recurve_axis.self)
      precondition(source.count <= target.count, "\(source.count) axes in a contraction, at most \(target.count)")
      for (index, axis) in source.enumerated() {
        target[index] = recurve_axis(
          extent: Int64(axis.extent), a_stride: Int64(axis.leftStride), b_stride: Int64(axis.rightStride),
          result_stride: Int64(axis.resultStride))
      }
    }
  }
}
