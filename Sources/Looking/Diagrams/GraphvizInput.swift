import CGraphviz
import Foundation

/// Reads DOT text with object numbers that depend on the text alone.
///
/// By default Graphviz numbers objects by the addresses of their names, and orders some of its work by these
/// numbers: the second picture that a process draws would differ from the first. Here names are counted.
final class GraphvizInput {
  private let text: [UInt8]
  private var position = 0
  private var numbers: [String: IDTYPE] = [:]
  /// The names by number, as C strings that Graphviz looks at until the graph is closed.
  private var names: [UnsafeMutablePointer<CChar>?] = []
  private var anonymousCount: IDTYPE = 0

  private init(_ text: String) {
    // The scanner keeps what follows the last brace for the next call, where it would count as a line.
    self.text = Array(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8)
  }

  deinit { for name in names { free(name) } }

  /// Calls the body with the graph, which is closed afterwards; nil for text that is no graph.
  static func withGraph<Result>(
    _ text: String, _ body: (UnsafeMutablePointer<Agraph_t>?) throws -> Result
  ) rethrows -> Result {
    let input = GraphvizInput(text)
    var numbering = Self.numbering
    var reading = Self.reading
    return try withExtendedLifetime(input) {
      try withUnsafeMutablePointer(to: &numbering) { numbering in
        try withUnsafeMutablePointer(to: &reading) { reading in
          let state = Unmanaged.passUnretained(input).toOpaque()
          var services = Services(standard: Agdisc_t(mem: nil, id: numbering, io: reading), input: state)
          return try withUnsafeMutableBytes(of: &services) { bytes in
            agreadline(1)
            let graph = agread(state, bytes.assumingMemoryBound(to: Agdisc_t.self).baseAddress)
            defer { if graph != nil { agclose(graph) } }
            return try body(graph)
          }
        }
      }
    }
  }

  /// What Graphviz passes to `open`, with a place for the input behind what it knows.
  private struct Services {
    var standard: Agdisc_t
    var input: UnsafeMutableRawPointer
  }

  private static func from(_ state: UnsafeMutableRawPointer?) -> GraphvizInput? {
    state.map { Unmanaged<GraphvizInput>.fromOpaque($0).takeUnretainedValue() }
  }
}

extension GraphvizInput {
  private static var reading: Agiodisc_t {
    Agiodisc_t(
      afread: { channel, buffer, capacity in
        Int32(GraphvizInput.from(channel)?.read(into: buffer, Int(capacity)) ?? 0)
      }, putstr: nil, flush: nil)
  }

  private static var numbering: Agiddisc_t {
    Agiddisc_t(
      open: { _, services in UnsafeRawPointer(services)?.load(as: Services.self).input },
      map: { state, _, name, number, creates in
        guard let found = GraphvizInput.from(state)?.number(of: name, creates: creates != 0) else { return 0 }
        number?.pointee = found
        return 1
      },
      // Nobody chooses numbers here, and they are all given back together.
      alloc: { _, _, _ in 0 }, free: { _, _, _ in },
      print: { state, _, number in GraphvizInput.from(state)?.name(of: number) },
      close: { _ in }, idregister: { _, _, _ in })
  }

  private func read(into buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int {
    let count = min(capacity, text.count - position)
    guard let buffer, count > 0 else { return 0 }
    UnsafeMutableRawBufferPointer(start: buffer, count: count).copyBytes(
      from: text[position..<(position + count)])
    position += count
    return count
  }

  /// Even numbers for names, in order of appearance, and odd ones for what has none.
  private func number(of name: UnsafeMutablePointer<CChar>?, creates: Bool) -> IDTYPE? {
    guard let name else {
      guard creates else { return nil }
      anonymousCount += 1
      return 2 * anonymousCount + 1
    }
    let key = String(cString: name)
    if let known = numbers[key] { return known }
    guard creates else { return nil }
    names.append(strdup(name))
    numbers[key] = IDTYPE(2 * names.count)
    return numbers[key]
  }

  private func name(of number: IDTYPE) -> UnsafeMutablePointer<CChar>? {
    let index = Int(number / 2) - 1
    return number.isMultiple(of: 2) && names.indices.contains(index) ? names[index] : nil
  }
}
