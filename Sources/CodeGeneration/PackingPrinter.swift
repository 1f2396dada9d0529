import KernelIR

/// Writes the packing of right operands as a C function; workers share the panels.
enum PackingPrinter {
  static func source(_ operands: PackedOperands, name: String) -> String {
    let axes = operands.parts.enumerated().map { index, part in
      ContractionPrinter.description(part.contraction, name: "\(name)_\(index)")
    }
    let calls = operands.parts.enumerated().map { index, part in
      """
        recurve_pack_f32_binding(&\(name)_\(index)_axes, (const float *)buffers[\(index)],
          (float *)(scratch + \(part.scratchOffset)), share);

      """
    }
    return axes.joined() + """
      void \(name)(char *const *buffers, char *scratch, const recurve_share *share) {
      \(calls.joined())}

      """
  }
}
