import GraphIR
import Operators
import Testing

/// What a loop may say of its gradient.
@Suite struct RepeatTests {
  @Test(arguments: [
    ("", nil), (", gradient = \"full\", gradient_parameter = 0", nil),
    (", gradient = \"last\", gradient_parameter = 1", nil),
    (", gradient = \"last\", gradient_parameter = 0", "last(k) needs k of at least 1, got 0"),
    (
      ", gradient = \"last\", gradient_parameter = 9",
      "last(9) reaches back further than the 3 iterations; use full"
    ),
    (", gradient = \"last\"", "needs a gradient mode"),
    (", gradient = \"lst\", gradient_parameter = 1", "needs a gradient mode"),
    (", gradient = 3, gradient_parameter = 1", "needs a gradient mode"),
    (", gradient = \"revolve\", gradient_parameter = -2", "revolve(slots:) needs at least 1 slot, got -2"),
    (", reversed = 1", "'reversed' is true or false, got 1"),
  ])
  func unknownGradientModesAreRefused(_ attributes: String, _ problem: String?) throws {
    let graph = try Graph(
      parsing: """
        graph @loop(input %0: f32[2]) {
          %1 = repeat %0 {carries = 1, count = 3\(attributes)} : f32[2] (%2: i32[], %3: f32[2]) {
            yield %3
          }
          return "y" %1
        }
        """)
    let problems = graph.allViolations().map(\.problem)
    #expect(problems.count == (problem == nil ? 0 : 1))
    if let problem { #expect(problems.allSatisfy { $0.contains(problem) }, "\(problems)") }
  }

  /// Any number of states serves any number of iterations.
  @Test func statesOfRevolveMayBeFewOrMany() {
    for (slots, iterations) in [(1, 62), (9, 10_001), (.max, 10_000), (1, 1_000_000)] {
      #expect(GradientMode.revolve(slots: slots).problem(iterations: iterations) == nil)
    }
  }
}
