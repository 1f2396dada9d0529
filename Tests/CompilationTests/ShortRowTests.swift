import CodeGeneration
import Compilation
import Fuzzing
import GraphIR
import TensorTypes
import TestSupport
import Testing

/// Rows of a few columns, which become whole vectors where they can.
@Suite struct ShortRowTests {
  /// `exp(a b) c`, a number of each row with numbers of each column.
  private static func graph(_ columns: Int) throws -> Graph {
    try Graph(
      parsing: """
        graph @rows(input %a: f32[9], input %b: f32[\(columns)], input %c: f32[9, \(columns)]) {
          %0 = broadcast %a {axes = [0], shape = [9, \(columns)]} : f32[9, \(columns)]
          %1 = broadcast %b {axes = [1], shape = [9, \(columns)]} : f32[9, \(columns)]
          %2 = multiply %0, %1 : f32[9, \(columns)]
          %3 = exponential %2 : f32[9, \(columns)]
          %4 = multiply %3, %c : f32[9, \(columns)]
          return "y" %4
        }
        """)
  }

  @Test(arguments: 1...36) func theyHaveTheReferencesBits(_ columns: Int) throws {
    let tensors = [[9], [columns], [9, columns]].enumerated().map { index, extents in
      SampleTensors.tensor(TensorType(.float32, Shape(extents)), .uniform(-1, 1), seed: UInt64(index))
    }
    let found = try Fuzzing.ProgramCheck(Self.graph(columns), tensors).problems(Configuration())
    #expect(found.isEmpty, "\(found)")
  }

  /// The width of the vectors, by columns; the compiler chooses where none divides them.
  @Test(arguments: [
    3: "", 4: "_SHORT(4)", 7: "_SHORT(4)", 8: "_SHORT(8)", 12: "_SHORT(4)", 13: "", 16: "_SHORT(16)", 33: "",
  ])
  func vectorsAreAsWideAsTheColumns(_ columns: Int, _ text: String) throws {
    let plan = try Compiler.plan(Self.graph(columns), Configuration().options)
    #expect(plan.schedule.functions.count == 1)
    let source = KernelCompiler.text(plan.schedule.functions, plan.target)
    #expect(source.contains("RECURVE_VECTORIZE\(text)\n"), "\(source)")
  }
}
