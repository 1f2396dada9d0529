import TensorTypes

/// What is wrong with the numbers of a layer. Initializers do not throw: the layer remembers it until a trace uses it, which
/// reports it with the line that made the layer.
struct LayerProblem: Sendable {
  let text: String
  let site: CallSite

  /// nil where the condition holds.
  init?(unless condition: Bool, _ text: @autoclosure () -> String, _ file: StaticString, _ line: Int) {
    if condition { return nil }
    self.text = text()
    site = CallSite(file, line)
  }

  /// Notes the problem; returns a placeholder.
  func refused(_ type: TensorType) -> Tensor {
    guard let trace = Trace.current else { return Tensor(strayOf: type) }
    trace.note(TraceMessage(text: text), at: site.location)
    return Tensor(trace, nil, type)
  }
}
