import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

@testable import Training

/// Means that know what they are over, and several losses of one step.
@Suite struct MetricTests {
  /// Counts the positive numbers of `x` among those that `mask` picks.
  struct Counting: Model {
    let w = Weight([1], .values([1]))
    func step(_ inputs: Inputs) -> Step {
      let (x, mask) = (inputs("x", [4]), inputs("mask", [4]))
      let isRight = (x .> 0).converted(to: .float32) * mask
      let (policy, value) = ((w.tensor * w.tensor).sum() * x.sum(), w.tensor.sum())
      return Step(
        loss: policy + value,
        metrics: [
          ("accuracy", Metric(value: isRight.sum(), count: mask.sum().converted(to: .int32))),
          ("loss.policy", policy), ("loss.value", value),
        ])
    }
  }

  /// Batches of which the second asks for one number only, the third for none.
  final class Task: TrainingTask {
    let model: any Model
    let graphName = "counting"
    let batchSize = 4
    var progress: [String: HostTensor] = [:]
    private static let masks: [[Float]] = [[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]]
    private var drawn = 0
    init(_ model: any Model) { self.model = model }

    func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
      let x: [Float] = number == 1 ? [-1, 2, 3, 4] : [1, 2, 3, -4]
      return [("x", HostTensor([4], x)), ("mask", HostTensor([4], Self.masks[number % 3]))]
    }
    func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
      defer { drawn += 1 }
      return try freshInputs(drawn)
    }
    func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String { "" }
  }

  /// A loss that is a mean over what `mask` picks.
  struct Mean: Model {
    let w = Weight([1], .values([1]))
    func step(_ inputs: Inputs) -> Step {
      let (x, mask) = (inputs("x", [4]), inputs("mask", [4]))
      let count = mask.sum()
      return Step(loss: (w.tensor * w.tensor).sum() * (x * mask).sum() / maximum(count, 1), over: count)
    }
  }

  /// A metric's mean as the loss: where there is nothing to count, no weight moves.
  struct Counted: Model {
    let w = Weight([1], .values([1]))
    func step(_ inputs: Inputs) -> Step {
      let (x, mask) = (inputs("x", [4]), inputs("mask", [4]))
      return Step(loss: Metric(value: (w.tensor.sum() * x * mask).sum(), count: mask.sum()).mean)
    }
  }

  @Test func meansOfNothingHaveNoGradient() throws {
    let trainer = try Trainer(Counted(), optimizer: .gradientDescent(), learningRate: 0.5)
    let x = HostTensor([4], [1, 2, 3, 4] as [Float])
    func step(_ mask: [Float]) throws -> ([Float]?, [Float]?) {
      (try trainer.step(["x": x, "mask": HostTensor([4], mask)])["loss"]?.floats, trainer.weights["w"]?.floats)
    }
    #expect(try step([0, 0, 0, 0]) == ([0], [1]))
    #expect(try step([1, 0, 0, 1]) == ([2.5], [1 - 0.5 * 2.5]))
  }

  /// A loss of nothing but luck.
  struct Luck: Model {
    let w = Weight([1], .values([1]))
    func step(_ inputs: Inputs) -> Step {
      let nothing = (inputs("x", [4]) + inputs("mask", [4])).sum() * 0
      return Step(loss: (w.tensor * Tensor.uniform([1])).sum() + nothing)
    }
  }

  /// Batches of one evaluation draw apart, evaluations draw alike.
  @Test func batchesOfAnEvaluationDrawApart() throws {
    let session = try session(Luck())
    let (one, two) = (try session.validate(batches: 1)[0].value, try session.validate(batches: 2)[0].value)
    #expect(one != two)
    #expect(try session.validate(batches: 2)[0].value == two)
  }

  private func session(_ model: any Model = Counting()) throws -> TrainingSession {
    try TrainingSession(
      Task(model), optimizer: .gradientDescent(), learningRate: 0, seed: 0, CompilerOptions(workerCount: 1))
  }

  @Test func stepsReportMeanAndCount() throws {
    let session = try session()
    let results = try (0..<3).map { _ in try session.step() }
    #expect(results.map { $0["accuracy"]?.floats } == [[0.75], [0], [0]])
    #expect(results.map { $0["accuracy.count"]?.integers } == [[4], [1], [0]])
    let measures = results.map { session.task.measures($0) }
    #expect(measures[0].map(\.name) == ["accuracy", "loss.policy", "loss.value"])
    #expect(measures[0].map(\.count) == [4, 4, 4] && measures[1].map(\.count) == [1, 4, 4])
    #expect(measures[2].map(\.name) == ["loss.policy", "loss.value"], "nothing was counted")
  }

  @Test func validationWeighsByTheCount() throws {
    let measures = try session().validate(batches: 3)
    let found = Dictionary(uniqueKeysWithValues: measures.map { ($0.name, $0) })
    #expect(found["accuracy"] == Measure(name: "accuracy", value: 0.6, count: 5))
    #expect(found["loss.policy"] == Measure(name: "loss.policy", value: (2.0 + 8 + 2) / 3, count: 12))
    #expect(found.keys.sorted() == ["accuracy", "loss", "loss.policy", "loss.value"])
  }

  /// 2 of 4 elements, -1 of one, nothing of none.
  @Test func lossesWeighByWhatTheyAreOver() throws {
    let session = try session(Mean())
    #expect(session.task.measures(try session.step()).isEmpty, "the loss is no measure beside itself")
    #expect(try session.validate(batches: 3) == [Measure(name: "loss", value: (0.5 * 4 - 1) / 5, count: 5)])
  }

  /// A checkpoint of a model that did not say yet what its loss is over goes on.
  @Test func checkpointsWithoutCountsGoOn() throws {
    try withTemporaryFolder { folder in
      let (first, path) = (try session(Mean()), folder + "/checkpoint.safetensors")
      _ = try first.step()
      try first.save(to: path)
      let file = try SafetensorsFile(path: path)
      let older = file.tensors.filter { $0.key != "last.loss.count" }
      #expect(older.count + 1 == file.tensors.count)
      try SafetensorsFile(tensors: older, metadata: file.metadata).write(to: path)
      let second = try session(Mean())
      try second.load(from: path)
      #expect(second.stepCount == 1)
    }
  }

  @Test func logAndCurvesHaveThem() throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path)
      var plan = TrainingPlan(steps: 3)
      plan.validateEvery = 1
      plan.validationBatches = 2
      #expect(try TrainingLoop(session(), plan, in: folder).run() == .finished)
      let lines = try String(contentsOfFile: folder.log, encoding: .utf8).split(separator: "\n")
      #expect(
        lines[1].contains(
          "\"counts\":{\"accuracy\":1,\"loss.policy\":4,\"loss.value\":4},\"loss\":9,"
            + "\"metrics\":{\"accuracy\":0,\"loss.policy\":8,\"loss.value\":1}"))
      #expect(!lines[0].contains("counts"), "all are over the batch")
      let entries = try TrainingLog.entries(path: folder.log)
      // 3 of 4 and 0 of 1.
      #expect(TrainingCurves.mean(entries).metrics == ["accuracy": 0.6, "loss.policy": 4, "loss.value": 1])
      let series = TrainingCurves([.init(name: "a", entries: entries)]).chart(title: "t").series
      #expect(
        series.map(\.name) == [
          "loss", "validation loss", "loss.policy", "loss.value", "validation loss.policy", "validation loss.value",
          "accuracy", "validation accuracy",
        ])
      #expect(series.map(\.axis) == [1, 1, 1, 1, 1, 1, 2, 2])
    }
  }

  @Test func metricsThatAreNoScalarsAreNamed() throws {
    let line = #line + 4
    struct Wrong: Model {
      let w = Weight([2], .zeros)
      func step(_ inputs: Inputs) -> Step {
        Step(loss: w.tensor.sum(), metrics: [("a", Metric(value: w.tensor, count: w.tensor.sum()))])
      }
    }
    let error = try #require(throws: TraceError.self) { try Wrong().traced(name: "wrong") }
    #expect(
      "\(error)"
        == "TrainingTests/MetricTests.swift:\(line): metric.1: needs a sum that is a floating-point scalar "
        + "and a count that is a scalar, got f32[2] and f32[]")
  }
}
