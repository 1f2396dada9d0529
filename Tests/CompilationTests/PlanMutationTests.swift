import Compilation
import Differentiation
import GraphIR
import MemoryPlanning
import Operators
import Testing
import TinyRecursion

/// Real plans, damaged on purpose: the validator, written apart from the planner, must see every damage.
@Suite struct PlanMutationTests {
  static func plan(_ mode: GradientMode) throws -> CompilationPlan {
    let task = try TinyRecursion.family.make(
      .init(preset: "nano", variant: "attention", batch: 2, depth: 2, gradient: mode))
    let graph = try task.model.traced(name: "tiny-recursion").graph.withGradients()
    return try Compiler.plan(graph, CompilerOptions(workerCount: 2))
  }

  @Test(arguments: [GradientMode.full, .checkpointed(every: 1)])
  func everyMutationIsCaught(_ mode: GradientMode) throws {
    let plan = try Self.plan(mode)
    let problem = plan.schedule.problem
    #expect(plan.memory.validate(against: problem).isEmpty)
    var caught = 0
    // Each check compares all pairs of buffers, so every third buffer is damaged.
    for (index, buffer) in problem.buffers.enumerated() where buffer.byteCount > 0 && index % 3 == 0 {
      guard let other = problem.buffers.indices.first(where: { overlaps(problem.buffers[$0], buffer) && $0 != index })
      else { continue }
      var moved = plan.memory
      moved.offsets[index] = moved.offsets[other]
      #expect(!moved.validate(against: problem).isEmpty, "\(buffer.name) moved onto \(problem.buffers[other].name)")
      var misaligned = plan.memory
      misaligned.offsets[index] += 4
      #expect(!misaligned.validate(against: problem).isEmpty, "\(buffer.name) misaligned")
      caught += 1
    }
    #expect(caught > 50)
    var shrunk = plan.memory
    shrunk.arenaByteCount -= 64
    #expect(!shrunk.validate(against: problem).isEmpty)
  }

  private func overlaps(_ a: Buffer, _ b: Buffer) -> Bool {
    a.byteCount > 0 && a.intervals.contains { x in b.intervals.contains { x.overlaps($0) } }
  }
}
