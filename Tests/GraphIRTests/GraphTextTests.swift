import GraphIR
import Operators
import TensorTypes
import Testing

/// The textual form: there and back, errors with their lines, invariants.
@Suite struct GraphTextTests {
  static let text = """
    graph @loops(
      weight %w: f32[D=4],
      input %x: f32[B=2, D=4]) {
      %0 = broadcast %w {axes = [1], shape = [2, 4]} : f32[B=2, D=4]
      %z = repeat %x {carries = 1, count = 3} : f32[B=2, D=4] (%step: i32[], %state: f32[B=2, D=4]) {
        %1 = add %state, %0 : f32[B=2, D=4]
        yield %1
      }
      %2 = constant {element_type = f32, shape = [2, 4], value = -0.0} : f32[2, 4]
      %3 = multiply %z, %2 : f32[B=2, D=4]
      return "y" %3
    }

    """

  @Test func textReadsBackToItself() throws {
    let graph = try Graph(parsing: Self.text)
    #expect(graph.allViolations().isEmpty)
    #expect(graph.description == Self.text)
    #expect(try Graph(parsing: graph.description) == graph)
  }

  @Test func equalityIgnoresNames() throws {
    let renamed = try Graph(parsing: Self.text.replacing("%state", with: "%other"))
    #expect(try Graph(parsing: Self.text) == renamed)
    #expect(try Graph(parsing: Self.text.replacing("count = 3", with: "count = 4")) != renamed)
  }

  @Test(arguments: [
    ("%0 = broadcast", "%0 = broadcast %nothing", "line 4: found %nothing, needed a value that is defined above"),
    ("weight %w", "wait %w", "line 2: found 'wait', needed input, weight, constant or state"),
    ("f32[D=4]", "f16[D=4]", "line 2: found 'f16', needed f32, f64, i32 or bool"),
    ("[D=4]", "[D=x]", "line 2: found 'x', needed an extent"),
    ("yield", "give", "line 7: found 'give', needed 'yield'"),
    ("return \"y\" %3\n}", "return \"y\" %3\n} graph", "line 12: found 'graph', needed the end of the text"),
    ("[D=4]", "[D=-4]", "line 2: found '-4', needed an extent"),
    ("%2 = constant", "%0 = constant", "line 9: found a second value %0, needed a label that is not taken"),
    ("%step: i32[], %state", "%step: i32[], %x", "line 5: found a second value %x, needed a label that is not taken"),
    ("carries = 1, count", "carries = 1, carries", "line 5: found a second attribute carries, needed one"),
    (
      "return \"y\" %3", "return \"y\" %3 updates %0",
      "line 11: found an update of %0, needed a parameter of type f32[B=2, D=4]"
    ),
    (
      "return \"y\" %3", "return \"y\" %3 updates %w",
      "line 11: found an update of %w, needed a parameter of type f32[B=2, D=4]"
    ),
    ("return \"y\" %3\n}\n", "return \"y", "line 11: found a quoted text without end, needed '\"'"),
    ("return \"y\"", "return \"\\q\"", "line 11: found a quoted text without end, needed '\"'"),
    ("f32[D=4]", "f32[D=99999999999999999999]", "line 2: found '99999999999999999999', needed an extent"),
  ]) func errorsSayTheLine(_ found: String, _ replacement: String, _ message: String) {
    let broken = Self.text.replacing(found, with: replacement, maxReplacements: 1)
    let error = #expect(throws: GraphSyntaxError.self) { try Graph(parsing: broken) }
    #expect(error.map { "\($0)" } == "graph text, \(message)")
  }

  /// A quotation mark with a combining accent is one character for people, and still ends a quoted text.
  @Test(arguments: [
    "a\"b", "a\u{301}", "\"\u{301}; javascript:", "\\", "two\nlines", "", "\u{301}x", "]=, %0 {", "\u{1F600}",
  ])
  func anyNameReadsBack(_ name: String) throws {
    var graph = Graph(name: name)
    let type = TensorType(.float32, Shape([2], names: [name]))
    let value = graph.addParameter(type, name: name, role: .state)
    graph.addResult(value, name: name, updating: value)
    let read = try Graph(parsing: graph.description)
    #expect(read.name.unicodeScalars.elementsEqual(name.unicodeScalars))
    #expect(read.resultRoles[0].name.unicodeScalars.elementsEqual(name.unicodeScalars))
    #expect(read.type(of: read.parameters[0]).shape.names == [name])
    #expect(read.description == graph.description)
  }

  @Test func deepNestingIsRefused() {
    let opened = String(repeating: "%a = checkpoint : f32[] () {\n", count: 1_000)
    let error = #expect(throws: GraphSyntaxError.self) { try Graph(parsing: "graph @g() {\n" + opened) }
    #expect(error.map { "\($0)" } == "graph text, line 66: found 65 nested regions, needed at most 64")
  }

  @Test func valuesOfOtherRegionsAreRefused() {
    let broken = Self.text.replacing("multiply %z", with: "multiply %1")
    let error = #expect(throws: GraphViolations.self) { try Graph(parsing: broken) }
    #expect(
      error.map { "\($0)" } == """
        graph loops is not sound:
          operation 4 multiply: reads value 5, which is not defined before it or not visible
        """)
  }

  @Test func brokenGraphsAreFound() throws {
    var graph = try Graph(parsing: Self.text)
    let inner = graph.operations.firstIndex { $0.name == "add" } ?? 0
    graph.operations[graph.operations.count - 1].operands[0] = graph.operations[inner].results[0]
    #expect(graph.violations().count == 1, "a value of a region is not visible after it")
    graph = try Graph(parsing: Self.text)
    graph.operations[0].operands[0] = graph.results[0]
    #expect(graph.violations().count == 1, "a value is read before its definition")
    graph = try Graph(parsing: Self.text)
    graph.regions[1].owner = nil
    #expect(graph.violations().contains { $0.problem == "does not know its owner" })
  }
}
