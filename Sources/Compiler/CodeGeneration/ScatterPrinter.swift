import KernelIR

/// Writes the addition of rows at computed positions: columns in parallel, updates in order.
enum ScatterPrinter {
  static func source(_ scatter: RowScatter, name: String) -> String {
    let (width, type) = (scatter.width, scatter.elementType.cType)
    return """
      void \(name)(char *const *buffers, char *scratch, const recurve_share *share) {
        (void)scratch;
        \(type) *table = (\(type) *)buffers[0];
        const int32_t *rows = (const int32_t *)buffers[1];
        const \(type) *updates = (const \(type) *)buffers[2];
        const int64_t begin = recurve_share_begin(share, \(width)), end = recurve_share_end(share, \(width));
        for (int64_t update = 0; update < \(scatter.updateCount); update++) {
          \(type) *row = table + recurve_clamp(rows[update], \(scatter.rowCount)) * \(width);
          RECURVE_VECTORIZE
          for (int64_t column = begin; column < end; column++) row[column] += updates[update * \(width) + column];
        }
      }

      """
  }
}
