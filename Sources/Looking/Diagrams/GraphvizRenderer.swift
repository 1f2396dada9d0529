import CGraphviz
import Files
import Foundation
import Synchronization

/// Lays out DOT text and draws it, through libgvc in this process.
///
/// Graphviz keeps global state in its parser: two contexts on two threads crash, so one lock is around it.
public enum GraphvizRenderer {
  public static let formats: [String] = ["svg", "png", "pdf"]

  /// The picture as the bytes of a file.
  public static func render(dot: String, format: String) throws -> Data {
    guard formats.contains(format) else {
      throw RenderingError.unknownFormat(format, needed: formats)
    }
    return try context.withLock { try draw(dot, format, context: &$0) }
  }

  /// Draws into a file.
  public static func render(dot: String, format: String, to path: String) throws {
    try OutputFile.write(render(dot: dot, format: format), to: path)
  }

  /// Draws into a file, in the format that its extension names.
  public static func render(dot: String, to path: String) throws {
    try render(dot: dot, format: URL(fileURLWithPath: path).pathExtension.lowercased(), to: path)
  }

  private static let context = Mutex<OpaquePointer?>(nil)
  /// What Graphviz said during the current call; its hook is a C function and cannot capture.
  private static let messages = Mutex<[String]>([])

  private static func draw(_ dot: String, _ format: String, context: inout OpaquePointer?) throws -> Data {
    agseterrf { piece in
      if let piece { GraphvizRenderer.note(String(cString: piece)) }
      return 0
    }
    messages.withLock { $0 = [] }
    context = context ?? gvContext()
    let renderer = context
    return try GraphvizInput.withGraph(dot) { graph in
      guard let graph else { throw RenderingError.invalidDot(takeMessage("no graph")) }
      if format == "png" { setDensity(of: graph, textLength: dot.utf8.count) }
      guard gvLayout(renderer, graph, "dot") == 0 else {
        throw RenderingError.layoutFailed(takeMessage("no layout"))
      }
      defer { gvFreeLayout(renderer, graph) }
      return try output(of: graph, format, context: renderer)
    }
  }

  /// A bitmap of twice the usual density stays readable; a large picture would take a hundred megabytes.
  private static func setDensity(of graph: UnsafeMutablePointer<Agraph_t>, textLength: Int) {
    var name = Array("dpi".utf8CString)
    var density = Array((textLength < 100_000 ? "160" : "96").utf8CString)
    _ = agattr(graph, 0, &name, &density)
  }

  private static func output(
    of graph: UnsafeMutablePointer<Agraph_t>, _ format: String, context: OpaquePointer?
  ) throws -> Data {
    var bytes: UnsafeMutablePointer<CChar>?
    var count: UInt32 = 0
    guard gvRenderData(context, graph, format, &bytes, &count) == 0, let bytes else {
      throw RenderingError.layoutFailed(takeMessage("no output"))
    }
    defer { gvFreeRenderData(bytes) }
    return Data(bytes: bytes, count: Int(count))
  }

  private static func note(_ piece: String) { messages.withLock { $0.append(piece) } }

  /// The pieces of Graphviz' message as one line.
  private static func takeMessage(_ fallback: String) -> String {
    let pieces = messages.withLock { pieces in
      defer { pieces = [] }
      return pieces
    }
    let text = pieces.joined().replacingOccurrences(of: "Error: ", with: "").replacingOccurrences(
      of: "<stdin>: ", with: "")
    let line = text.split(separator: "\n").joined(separator: "; ").trimmingCharacters(in: .whitespaces)
    return line.isEmpty ? fallback : line
  }
}
