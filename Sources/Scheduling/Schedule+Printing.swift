extension Schedule {
  /// The steps as text, one per line, loops indented.
  public var text: String {
    var lines: [String] = []
    Self.print(steps, indent: "", &lines)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func print(_ steps: [Step], indent: String, _ lines: inout [String]) {
    for step in steps {
      switch step {
      case .call(let call):
        let arguments = call.arguments.map(\.description).joined(separator: ", ")
        let scratch = call.scratch.map { " scratch \($0)" } ?? ""
        lines.append(
          "\(indent)kernel \(call.function) (\(arguments))\(scratch)  // \(call.role.rawValue) \(call.label)")
      case .copy(let source, let destination, let byteCount):
        lines.append("\(indent)copy \(source) -> \(destination), \(byteCount) bytes")
      case .storeStep(let loop, let destination):
        lines.append("\(indent)store step of loop \(loop) -> \(destination)")
      case .loop(let number, let count, let isReversed, let body):
        lines.append("\(indent)loop \(number) x \(count)\(isReversed ? " reversed" : "") {")
        print(body, indent: indent + "  ", &lines)
        lines.append("\(indent)}")
      }
    }
  }
}

extension Schedule.Place: CustomStringConvertible {
  /// `b3+64[loop 1 * 4096]`
  public var description: String {
    let base =
      switch base {
      case .buffer(let buffer): "b\(buffer)"
      case .parameter(let parameter): "p\(parameter)"
      }
    let offset = byteOffset == 0 ? "" : "+\(byteOffset)"
    return base + offset + terms.map { "[loop \($0.loop) * \($0.byteStride)]" }.joined()
  }
}
