import Diagrams
import Files
import Foundation
import Testing

@Suite struct GraphvizRendererTests {
  private static let dot = GraphDiagram(SampleGraphs.recursion(), kind: SampleBuilder.kind).dot

  @Test(arguments: [("svg", "<?xml"), ("png", "\u{89}PNG"), ("pdf", "%PDF")])
  func rendersEveryFormat(format: String, start: String) throws {
    let data = try GraphvizRenderer.render(dot: "digraph { a -> b }", format: format)
    #expect(data.starts(with: start.unicodeScalars.map { UInt8($0.value) }))
  }

  @Test func svgIsWellFormedWithStableIdentifiers() throws {
    let data = try GraphvizRenderer.render(dot: Self.dot, format: "svg")
    #expect(WellFormedness.problem(in: data) == nil)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("<g id=\"node0\""))
    #expect(text.contains("carried from iteration to iteration"))
  }

  @Test(arguments: [
    ("digraph {\n a -> ;\n b }\n", "svg", "DOT text: syntax error in line 2 near ';'"),
    ("digraph { a -> ", "svg", "DOT text: syntax error in line 1"),
    ("digraph { a }", "gif", "picture format: found 'gif', needed svg, png or pdf"),
  ])
  func errorsSayWhatWasFound(dot: String, format: String, message: String) {
    let error = #expect(throws: RenderingError.self) { try GraphvizRenderer.render(dot: dot, format: format) }
    #expect(error.map { "\($0)" } == message)
  }

  @Test func unwritablePathsAreNamed() {
    let error = #expect(throws: OutputFileError.self) {
      try GraphvizRenderer.render(dot: "digraph { a }", to: "/nowhere/at/all.svg")
    }
    #expect(error.map { "\($0)" } == "cannot write '/nowhere/at/all.svg': there is no folder '/nowhere/at'")
  }

  @Test func laterRendersWorkAfterAnError() throws {
    _ = try? GraphvizRenderer.render(dot: "digraph { a -> ; b }\ndigraph { c }", format: "svg")
    let data = try GraphvizRenderer.render(dot: "digraph { a -> b }", format: "svg")
    #expect(WellFormedness.problem(in: data) == nil)
  }

  @Test func rendersInParallelAgree() async throws {
    let pictures = try await withThrowingTaskGroup(of: Data.self) { group in
      for _ in 0..<8 { group.addTask { try GraphvizRenderer.render(dot: Self.dot, format: "svg") } }
      return try await group.reduce(into: [Data]()) { $0.append($1) }
    }
    #expect(pictures.count == 8)
    #expect(pictures.allSatisfy { $0 == pictures[0] })
  }
}
