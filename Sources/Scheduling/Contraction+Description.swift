import CKernelSupport
import KernelIR

/// What the product's C implementation says of a shape.
extension Contraction {
  /// Bytes of packed panels that the kernel needs for so many shares, for all workers together.
  func scratchByteCount(workerCount: Int, shareCount: Int) -> Int {
    guard elementType == .float32 else { return 0 }
    return withDescription {
      Int(recurve_contraction_scratch_byte_count($0, Int64(workerCount), Int64(shareCount)))
    }
  }

  /// How many shares are worth while for so many workers.
  func partCount(workerCount: Int) -> Int {
    guard elementType == .float32 else { return workerCount }
    return withDescription { Int(recurve_contraction_part_count($0, Int64(workerCount))) }
  }

  /// Whether it can be computed some rows at a time.
  var goesByRows: Bool { withDescription { recurve_goes_by_rows($0) != 0 } }

  /// Bytes of the right operand, packed whole.
  var packedByteCount: Int { withDescription { Int(recurve_packed_byte_count($0)) } }

  /// Bytes that a group packs for it before.
  var groupPackedByteCount: Int { isBatched ? 0 : packedByteCount }

  /// Bytes of scratch of a product that is computed some rows, or some matrices, at a time.
  var tileScratchByteCount: Int {
    isBatched
      ? scratchByteCount(workerCount: 1, shareCount: 1)
      : withDescription { Int(recurve_rows_scratch_byte_count($0)) }
  }

  var isBatched: Bool { !batch.isEmpty }

  /// How many rows a group may divide it into: the matrices of a batched product, or those of each index of its leading
  /// axes together, finest first; of another product its rows.
  var rowCounts: [Int] {
    isBatched ? batch.indices.reversed().map { Self.extent(Array(batch[...$0])) } : [Self.extent(rows)]
  }

  private func withDescription<Result>(_ body: (UnsafePointer<recurve_contraction>) -> Result) -> Result {
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
