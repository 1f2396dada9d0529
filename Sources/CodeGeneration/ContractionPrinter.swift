import KernelIR
import TensorTypes

/// Writes a contraction as a call of the packed micro-kernel with a constant description.
enum ContractionPrinter {
  static func source(_ contraction: Contraction, name: String) -> String {
    let suffix = contraction.elementType.rawValue
    let type = contraction.elementType.cType
    let accumulator = contraction.hasAccumulator ? "(const \(type) *)buffers[3]" : "0"
    return """
      static const recurve_contraction \(name)_axes = {
        \(contraction.batch.count), \(contraction.rows.count), \(contraction.columns.count), \(contraction.inner.count),
        \(axes(contraction.batch)), \(axes(contraction.rows)), \(axes(contraction.columns)), \(axes(contraction.inner))
      };
      void \(name)(char *const *buffers, char *scratch, int64_t worker, int64_t workers) {
        recurve_contract_\(suffix)_binding(&\(name)_axes, (const \(type) *)buffers[0], (const \(type) *)buffers[1],
          \(accumulator), (\(type) *)buffers[2], scratch, worker, workers);
      }

      """
  }

  private static func axes(_ axes: [Contraction.Axis]) -> String {
    if axes.isEmpty { return "{{0, 0, 0, 0}}" }
    let items = axes.map { "{\($0.extent), \($0.leftStride), \($0.rightStride), \($0.resultStride)}" }
    return "{" + items.joined(separator: ", ") + "}"
  }
}
