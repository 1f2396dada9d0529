import KernelIR
import TensorTypes

/// Writes a contraction as a call of the packed micro-kernel with a constant description, or as loops if it is tiny.
enum ContractionPrinter {
  static func source(_ contraction: Contraction, _ target: Target, name: String) -> String {
    let axes = [contraction.batch, contraction.rows, contraction.columns, contraction.inner]
    let isTiny = OperationCount.product(axes.map(Contraction.extent)) <= target.largestLoopedProduct
    let isOneChain = Contraction.extent(contraction.inner) <= Contraction.chainLength
    return isTiny && isOneChain ? loops(contraction, name: name) : call(contraction, name: name)
  }

  /// One chain per element, to which the accumulator is added.
  private static func loops(_ contraction: Contraction, name: String) -> String {
    let type = contraction.elementType.cType
    let outer = contraction.batch + contraction.rows + contraction.columns
    let fused = contraction.elementType == .float32 ? "__builtin_fmaf" : "__builtin_fma"
    let result = offset(outer, "i", \.resultStride)
    let left = offset(outer, "i", \.leftStride) + " + " + offset(contraction.inner, "k", \.leftStride)
    let right = offset(outer, "i", \.rightStride) + " + " + offset(contraction.inner, "k", \.rightStride)
    let sum = contraction.hasAccumulator ? "((const \(type) *)buffers[3])[\(result)] + chain" : "chain"
    return """
      void \(name)(char *const *buffers, char *scratch, const recurve_share *share) {
        (void)scratch;
        if (share->index > 0) return;
        const \(type) *a = (const \(type) *)buffers[0], *b = (const \(type) *)buffers[1];
        \(type) *result = (\(type) *)buffers[2];
        \(header(outer, "i")){
          \(type) chain = -0.0;
          \(header(contraction.inner, "k"))chain = \(fused)(a[\(left)], b[\(right)], chain);
          result[\(result)] = \(sum);
        }
      }

      """
  }

  private static func header(_ axes: [Contraction.Axis], _ name: String) -> String {
    axes.enumerated().map { index, axis in
      "for (int64_t \(name)\(index) = 0; \(name)\(index) < \(axis.extent); \(name)\(index)++) "
    }.joined()
  }

  private static func offset(
    _ axes: [Contraction.Axis], _ name: String, _ stride: KeyPath<Contraction.Axis, Int>
  ) -> String {
    let terms = axes.enumerated().filter { $0.element[keyPath: stride] != 0 }
    if terms.isEmpty { return "0" }
    return terms.map { "\(name)\($0.offset) * \($0.element[keyPath: stride])" }.joined(separator: " + ")
  }

  private static func call(_ contraction: Contraction, name: String) -> String {
    let suffix = contraction.elementType.rawValue
    let type = contraction.elementType.cType
    let accumulator = contraction.hasAccumulator ? "(const \(type) *)buffers[3]" : "0"
    return description(contraction, name: name) + """
      void \(name)(char *const *buffers, char *scratch, const recurve_share *share) {
        recurve_contract_\(suffix)_binding(&\(name)_axes, (const \(type) *)buffers[0], (const \(type) *)buffers[1],
          \(accumulator), (\(type) *)buffers[2], scratch, share);
      }

      """
  }

  /// The constant that describes a product, `name_axes`.
  static func description(_ contraction: Contraction, name: String) -> String {
    """
    static const recurve_contraction \(name)_axes = {
      \(contraction.batch.count), \(contraction.rows.count), \(contraction.columns.count), \(contraction.inner.count),
      \(axes(contraction.batch)), \(axes(contraction.rows)), \(axes(contraction.columns)), \(axes(contraction.inner))
    };

    """
  }

  private static func axes(_ axes: [Contraction.Axis]) -> String {
    if axes.isEmpty { return "{{0, 0, 0, 0}}" }
    let items = axes.map { "{\($0.extent), \($0.leftStride), \($0.rightStride), \($0.resultStride)}" }
    return "{" + items.joined(separator: ", ") + "}"
  }
}
