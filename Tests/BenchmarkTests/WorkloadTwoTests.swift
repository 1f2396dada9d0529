import Recurve
import Testing

@testable import recurve_benchmark

/// The perceptron's losses are those of PyTorch in double precision on the same numbers.
@Suite struct WorkloadTwoTests {
  /// After 0, 1, 5, 20 and 200 updates.
  static let expected = [
    (0, 0.264915888942896), (1, 0.2577218854247977), (5, 0.2519269813347789), (20, 0.25051284047709144),
    (200, 0.22511404641234378),
  ]

  @Test func lossesEqualThePeers() throws {
    let report = try WorkloadTwo.parse(["--seconds", "0", "--threads", "1"]).measure()
    for (update, loss) in Self.expected {
      #expect(abs(report.losses[update] - loss) <= 1e-4, "after \(update) updates")
    }
    #expect(report.fused_losses == report.losses, "a loop of steps gives the bits of single steps")
  }

  @Test func weightsOfRepeatedStepsAreThoseOfSingleSteps() throws {
    let step = try WorkloadTwo.step()
    func run(_ graph: Graph, times: Int) throws -> [HostTensor] {
      let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
      let tensors = ExclusiveOr.numbers()
      for (weight, file) in ExclusiveOr.fileNames { try program.set(weight, try #require(tensors[file])) }
      for input in ["in.x", "in.y"] { try program.set(input, try #require(tensors[input])) }
      try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(1)]))
      for _ in 0..<times { try program.run() }
      return try ExclusiveOr.fileNames.map { try program.parameter($0.weight) }
    }
    let (single, repeated) = (try run(step.graph, times: 6), try run(step.repeated(3).graph, times: 2))
    #expect(zip(single, repeated).allSatisfy { $0.isIdentical(to: $1) })
  }

  /// States of the optimizer are carried too, and the trip count changes no kernel.
  @Test func repeatedAdamWIsALoop() throws {
    let step = try TrainingStep(ExclusiveOr().traced(name: "w2").graph, .adamW())
    func count(_ times: Int) throws -> (Int, Int) {
      let schedule = try Compiler.plan(step.repeated(times).graph, CompilerOptions(workerCount: 1)).schedule
      return (schedule.functions.count, schedule.stepCount)
    }
    #expect(try count(2) == count(2000))
    let seven = try step.repeated(7).graph
    #expect(seven.type(of: seven.results[0]).shape.extents == [7])
    let error = #expect(throws: TypeError.self) { try step.repeated(0) }
    #expect(error.map { "\($0)" } == "repeat.1: needs a trip count from 1 to 2147483647, got 0")
  }
}
