import KernelIR

/// Writes the packing of right operands as a C function; workers share the panels. Every operand is followed by its panels.
enum PackingPrinter {
  static func source(_ operands: PackedOperands, name: String) -> String {
    let axes = operands.products.enumerated().map { index, product in
      ContractionPrinter.description(product, name: "\(name)_\(index)")
    }
    let calls = operands.products.indices.map { index in
      """
        recurve_pack_f32_binding(&\(name)_\(index)_axes, (const float *)buffers[\(2 * index)],
          (float *)buffers[\(2 * index + 1)], share);

      """
    }
    return axes.joined() + """
      void \(name)(char *const *buffers, char *scratch, const recurve_share *share) {
        (void)scratch;
      \(calls.joined())}

      """
  }
}
