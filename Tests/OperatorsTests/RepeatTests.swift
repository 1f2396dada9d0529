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

  /// What revolve writes out stays within what passes can walk and memory can hold.
  @Test func plansOfRevolveAreBounded() {
    #expect(GradientMode.revolve(slots: 1).problem(iterations: 61) == nil)
    #expect(GradientMode.revolve(slots: 10).problem(iterations: 10_000) == nil)
    #expect(
      GradientMode.revolve(slots: 1).problem(iterations: 62)
        == "revolve(slots: 1) would put more than 60 checkpoints into each other for 62 iterations; use at least 2 slots"
    )
    #expect(
      GradientMode.revolve(slots: 9).problem(iterations: 10_001)
        == "revolve(slots:) writes every iteration out, at most 10000, got 10001; use checkpointed(every:)")
    #expect(
      GradientMode.revolve(slots: .max).problem(iterations: 10_000)
        == "revolve(slots: \(Int.max)) of 10000 iterations needs a table of more than 2^24 numbers; use fewer slots")
  }
}
