import Compilation
import Diagrams
import Foundation
import GraphIR
import Operators
import Reports
import StandardStreams
import TensorTypes
import TestSupport
import Testing

/// Texts from logs, models and folders are never code for who reads them.
@Suite struct TextTests {
  @Test func quotingLeavesNothingToInterpret() {
    #expect(Quoting.gnuplot("it's\n`date`\\n") == "\"it\\0047s\u{FFFD}\\0140date\\0140\\0134n\"")
    #expect(Quoting.gnuplot("5+6") == "\"5\\00536\"", "an escape does not take the digit behind it")
    #expect(Quoting.dot("a\"\u{301}]; b\\\n\u{1B}[31m") == "\"a\\\"\u{301}]; b\\\\\\n\u{FFFD}[31m\"")
    #expect(
      Quoting.xml("<a href='javascript:x'>\"&\u{202E}\u{0}")
        == "&lt;a href=&#39;javascript:x&#39;&gt;&quot;&amp;\u{FFFD}\u{FFFD}")
    #expect(
      Quoting.markdown("[x](javascript:y) | `z` <b>\n# h") == "\\[x\\](javascript:y) \\| \\`z\\` &lt;b>\u{FFFD}\\# h")
    #expect(Quoting.lines("a\tb\nc\u{9B}2J\u{1B}]0;x\u{7}") == "a\tb\nc\u{FFFD}2J\u{FFFD}]0;x\u{FFFD}")
    #expect(
      ["a b'c", "$(x)\n", "", "a-b_c/1.2"].map(Quoting.shell) == ["'a b'\\''c'", "'$(x)\u{FFFD}'", "''", "a-b_c/1.2"])
    #expect(Quoting.json("{\"a\":\"\u{7F}\u{9B}é\"}") == "{\"a\":\"\\u007f\\u009bé\"}")
  }

  /// A label that a user gave to a value ends up in tables and in messages.
  @Test func namesInTablesAreOneShortLine() {
    let names = ["a\nb\u{1B}[31m", String(repeating: "x", count: 5_000_000)]
    let lines = TextTable.aligned([["bytes", "buffer"]] + names.map { ["1", $0] }, leftColumns: [1])
      .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(lines.count == 4 && lines[2].hasSuffix("1  a\u{FFFD}b\u{FFFD}[31m"), "\(lines[2])")
    #expect(lines[3].hasSuffix("xxx ... (4999800 more characters)") && lines[3].count < 300)
  }

  /// What to do stays in sight, whatever the largest buffers are called.
  @Test func memoryThatIsMissingIsToldShortly() throws {
    let build = GraphBuilder(Graph(name: "large"))
    let type = TensorType(.float32, [1 << 20, 1 << 20])
    let value = build.emit1(.sine, build.graph.addParameter(type, name: "x", role: .input))
    build.graph[value].name = "a\nb" + String(repeating: "y", count: 100_000)
    build.graph.addResult(value, name: "y")
    let error = #expect(throws: (any Error).self) {
      try Compiler.compile(build.graph, CompilerOptions(workerCount: 1))
    }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("the largest are a\u{FFFD}byyy") && text.hasSuffix("or a gradient mode that keeps less"))
    #expect(text.count < 600 && !text.contains("\n"), "\(text)")
  }

  /// What begins a heading, a list, a quotation or a rule is text, and so is a number that only looks like it.
  @Test(arguments: [
    ("# a", "\\# a"), ("- a", "\\- a"), ("  + a", "  \\+ a"), ("===", "\\==="), ("> a", "\\> a"), ("1. a", "1\\. a"),
    ("12) a", "12\\) a"), ("1.", "1\\."), ("1.5", "1.5"), ("a > b - c", "a > b - c"), ("__a__", "\\_\\_a\\_\\_"),
    ("", ""),
  ]) func linesOfMarkdownAreText(_ text: String, _ expected: String) {
    #expect(Quoting.markdown(text) == expected)
  }

  /// Graphviz decodes entities, in labels as in tooltips.
  @Test func entitiesStayAsTheyAreWritten() throws {
    let text = Quoting.dot("a &lt; b &#233; & c")
    let dot = "digraph { a [label=\(text), tooltip=\(text), href=x] }"
    let svg = String(decoding: try GraphvizRenderer.render(dot: dot, format: "svg"), as: UTF8.self)
    #expect(svg.components(separatedBy: "a &amp;lt; b &amp;#233; &amp; c").count == 3, "\(svg)")
  }

  @Test func messagesHaveASaneLength() {
    let message = Quoting.message(String(repeating: "x", count: 30_000_000))
    #expect(message.hasSuffix("x ... (29996000 more characters)") && message.utf8.count < 4_100)
    #expect(Quoting.message("short\u{1B}") == "short\u{FFFD}")
  }

  /// A quotation mark with a combining accent is one character, which a comparison by characters does not find.
  @Test func accentsDoNotOpenQuotes() throws {
    let hostile = "a\"\u{301} href=\"javascript:alert(1)"
    let dot = "digraph { a [label=\(Quoting.dot(hostile)), tooltip=\(Quoting.dot(hostile))] }"
    let svg = String(decoding: try GraphvizRenderer.render(dot: dot, format: "svg"), as: UTF8.self)
    #expect(!svg.contains("href=\"javascript"))
    #expect(svg.contains("javascript:alert(1)"), "it is text of the picture")
  }

  @Test(arguments: ["svg", "png"]) func chartsRunNoCommand(_ format: String) throws {
    try withTemporaryFolder { folder in
      let mark = folder + "/ran"
      let hostile = [
        "a'\nsystem 'touch \(mark)'\n'", "`touch \(mark)`", "'; system(\"touch \(mark)\"); '", "\"`touch \(mark)`\"",
        "\r\nsystem 'touch \(mark)'\r\n", "e\nsystem 'touch \(mark)'",
      ]
      for text in hostile {
        var chart = Chart(title: text, xLabel: text, yLabel: text, y2Label: text, series: [])
        chart.series = [Chart.Series(name: text, points: [(0, 1), (1, .nan), (2, .infinity), (3, 2)])]
        try chart.write(to: folder + "/chart.\(format)")
      }
      #expect(names(in: folder) == ["chart.\(format)"])
    }
  }

  @Test func chartsShowTextsAsTheyAre() throws {
    try withTemporaryFolder { folder in
      let text = "it's \"é\" {a_b} \\n 100 % <&>"
      let series = Chart.Series(name: "'first' " + text, points: [(0, 1), (1, 2)])
      try Chart(title: "'" + text, xLabel: text, yLabel: text, series: [series]).write(to: folder + "/chart.svg")
      let svg = try String(contentsOfFile: folder + "/chart.svg", encoding: .utf8)
      let shown = svg.replacing("&#39;", with: "'").replacing("&apos;", with: "'").replacing("&quot;", with: "\"")
        .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
      #expect(shown.components(separatedBy: text).count >= 5, "\(shown.prefix(3000))")
    }
  }

  @Test func pathsAreNoPipes() throws {
    try withTemporaryFolder { folder in
      let chart = Chart(title: "t", xLabel: "x", yLabel: "y", series: [.init(name: "s", points: [(0, 1), (1, 2)])])
      try chart.write(to: folder + "/|touch ran;.svg")
      #expect(names(in: folder) == ["|touch ran;.svg"])
      let error = #expect(throws: ChartError.self) { try chart.write(to: "|touch \(folder)/ran;.svg") }
      #expect(error?.description.hasPrefix("cannot draw |touch \(folder)/ran;.svg: there is no folder") == true)
      #expect(names(in: folder) == ["|touch ran;.svg"])
    }
  }
}
