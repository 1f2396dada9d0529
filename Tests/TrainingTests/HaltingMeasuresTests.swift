import Foundation
import Recurve
import Testing
import TinyRecursion

/// Accuracies of a model that halts are those of the sequences that halt.
@Suite struct HaltingMeasuresTests {
  private func task() throws -> any TrainingTask {
    try TinyRecursion.family.make(ModelOptions(preset: "nano", batch: 16, depth: 1, seed: 4))
  }

  /// Results in which the first `right` sequences are solved and the first `sure` want to halt.
  private func results(_ inputs: [(name: String, tensor: HostTensor)], right: Int, sure: Int) throws
    -> [String: HostTensor]
  {
    let labels = try #require(inputs.first { $0.name == "labels" }).tensor.integers
    let answers = labels.enumerated().map { $0.offset / 16 < right || $0.offset % 16 > 0 ? $0.element : 1 }
    let scores = (0..<16).map { Float($0 < sure ? 1 : -1) }
    return [
      "answer_tokens": HostTensor([16, 16], answers), "halting_score": HostTensor([16], scores),
      "loss": HostTensor(.scalar, [1] as [Float]),
    ]
  }

  @Test func nothingIsMeasuredWhileNothingHalts() throws {
    let task = try task()
    let inputs = try task.inputs(after: nil)
    #expect(task.measures(try results(inputs, right: 16, sure: 0)).isEmpty)
  }

  @Test func onlySequencesThatHaltCount() throws {
    let task = try task()
    let inputs = try task.inputs(after: nil)
    let results = try results(inputs, right: 4, sure: 8)
    let measures = task.measures(results)
    let values = Dictionary(uniqueKeysWithValues: measures.map { ($0.name, $0.value) })
    let fresh = try #require(task.inputs(after: results).first { $0.name == "fresh" }).tensor.doubles
    let halted = fresh.indices.filter { fresh[$0] == 1 }
    #expect(!halted.isEmpty && halted.allSatisfy { $0 < 8 })
    #expect(measures.allSatisfy { $0.count == halted.count })
    let solved = Double(halted.count { $0 < 4 }) / Double(halted.count)
    #expect(values["puzzle_accuracy"] == solved && values["halting_accuracy"] == solved)
    #expect(abs(try #require(values["cell_accuracy"]) - (solved + (1 - solved) * 15 / 16)) < 1e-12)
    #expect(values["supervision_steps"] == 1)
  }

  @Test func everySequenceHaltsAtTheLimit() throws {
    let task = try task()
    var last: [String: HostTensor]?
    var counts: [Int] = []
    for _ in 0..<16 {
      last = try results(task.inputs(after: last), right: 0, sure: 0)
      counts.append(try #require(last.map(task.measures)).first?.count ?? 0)
    }
    #expect(counts == Array(repeating: 0, count: 15) + [16])
  }

  @Test func validationStartsOnceAndGoesOn() throws {
    let steps = try task().validationSteps(0)
    let fresh = try steps.map { try #require($0.first { $0.name == "fresh" }).tensor.doubles.reduce(0, +) }
    #expect(fresh == [16] + Array(repeating: 0, count: 15))
  }
}
