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
  ]) func errorsSayTheLine(_ found: String, _ replacement: String, _ message: String) {
    let broken = Self.text.replacing(found, with: replacement, maxReplacements: 1)
    let error = #expect(throws: GraphSyntaxError.self) { try Graph(parsing: broken) }
    #expect(error.map { "\($0)" } == "graph text, \(message)")
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
