import GraphIR
import Operators
import Testing

/// What a loop may say of its gradient.
@Suite struct RepeatTests {
  @Test(arguments: [
    ("", true), (", gradient = \"full\", gradient_parameter = 0", true),
    (", gradient = \"last\", gradient_parameter = 1", true), (", gradient = \"last\", gradient_parameter = 0", false),
    (", gradient = \"last\"", false), (", gradient = \"lst\", gradient_parameter = 1", false),
    (", gradient = 3, gradient_parameter = 1", false),
    (", gradient = \"revolve\", gradient_parameter = -2", false),
  ])
  func unknownGradientModesAreRefused(_ attributes: String, _ isSound: Bool) throws {
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
    #expect(problems.isEmpty == isSound)
    #expect(isSound || problems[0].hasPrefix("repeat.5: needs a gradient mode"))
  }
}
