import KernelIR

extension Schedule {
  /// The steps as text, one per line, loops indented.
  public var text: String {
    var indent = ""
    var text = ""
    for step in steps {
      if case .loopEnd = step { indent.removeLast(2) }
      text += "\(indent)\(line(step))\n"
      if case .loopBegin = step { indent += "  " }
    }
    return text
  }

  private func line(_ step: Step) -> String {
    switch step {
    case .call(let call):
      let arguments = call.arguments.map(\.place.description).joined(separator: ", ")
      let scratch = call.scratch.map { " scratch \($0)" } ?? ""
      let launch = launches[call.launch]
      return "kernel \(call.function) (\(arguments))\(scratch)  // \(launch.role.rawValue) \(launch.label)"
    case .copy(let source, let destination, let byteCount):
      return "copy \(source) -> \(destination), \(byteCount) bytes"
    case .storeIteration(let loop, let destination): return "store step of loop \(loop) -> \(destination)"
    case .loopBegin(let loop):
      let count = loop.runTimeCount.map { "\($0), at most \(loop.count)" } ?? "\(loop.count)"
      let rows = loop.rows.map { ", \($0.count) rows in \($0.shares) shares" } ?? ""
      return "loop \(loop.number) x \(count)\(loop.isReversed ? " reversed" : "")\(rows) {"
    case .loopEnd: return "}"
    }
  }
}
