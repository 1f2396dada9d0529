import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

@testable import Training

/// The loop with log, checkpoints, validation and early stopping, on a task of two numbers.
@Suite struct TrainingLoopTests {
  /// Fits a line to points that come in turn.
  final class LineTask: TrainingTask {
    let model: any Model = TrainerTests.Line()
    let graphName = "line"
    let batchSize = 4
    private var drawn = 0
    /// Of its progress.
    var name = "drawn"
    /// Numbers of validation batches without a sequence.
    var emptyBatches: Set<Int> = []

    private func points(_ number: Int) -> [(name: String, tensor: HostTensor)] {
      let x = (0..<4).map { Float((number + $0) % 5) - 2 }
      return [("x", HostTensor([4], x)), ("y", HostTensor([4], x.map { 3 * $0 - 1 }))]
    }
    func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
      drawn += 1
      return points(drawn)
    }
    func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] { points(-number) }
    func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String { "" }
    var progress: [String: HostTensor] {
      get { [name: HostTensor(.scalar, [Int32(drawn)])] }
      set { drawn = Int(newValue[name]?.integers[0] ?? 0) }
    }
    func validationSteps(_ number: Int) throws -> [[(name: String, tensor: HostTensor)]] {
      try emptyBatches.contains(number) ? [] : [freshInputs(number)]
    }
  }

  static func loop(
    _ folder: RunFolder, _ plan: TrainingPlan, rate: Double = 0.05, resumes: Bool = false
  ) throws -> TrainingLoop {
    let session = try TrainingSession(
      LineTask(), optimizer: .momentum(0.5), learningRate: LearningRate(rate), seed: 2,
      CompilerOptions(workerCount: 1))
    return try TrainingLoop(session, plan, in: folder, resumes: resumes)
  }

  private func withFolder(_ body: (RunFolder) throws -> Void) throws {
    try withTemporaryFolder { try body(RunFolder($0)) }
  }

  static var plan: TrainingPlan {
    var plan = TrainingPlan(steps: 25)
    plan.checkpointEvery = 4
    plan.keptCheckpoints = 3
    plan.validateEvery = 5
    return plan
  }

  /// A run that is there is not begun anew over it.
  @Test func runsAreNotOverwritten() throws {
    try withFolder { folder in
      _ = try Self.loop(folder, Self.plan).run()
      let before = try Data(contentsOf: URL(fileURLWithPath: folder.log))
      let error = try #require(throws: RunFolderError.self) { try Self.loop(folder, Self.plan) }
      #expect("\(error)".hasSuffix("it holds a run, which would be lost; resume it or choose another"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.log)) == before)
    }
  }

  /// Data that end say nothing against the weights.
  @Test func errorsOfTheTaskLoseNoStep() throws {
    struct NoMoreData: Error {}
    try withFolder { folder in
      var plan = Self.plan
      (plan.checkpointEvery, plan.validateEvery) = (1000, 0)
      let loop = try Self.loop(folder, plan)
      #expect(throws: NoMoreData.self) {
        try loop.run(observe: { entry in if entry.step == 7 { throw NoMoreData() } })
      }
      let resumed = try Self.loop(folder, plan, resumes: true)
      #expect(resumed.session.stepCount == 7 && resumed.log.entries.count == 7)
    }
  }

  /// A model whose evaluation nothing can be made of.
  private struct Unjudged: Model {
    let w = Weight([1], .values([1]))
    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", [4]) + inputs("mask", [4])
      return Step(loss: Tensor.isTraining ? x.sum() * w.tensor.sum() : x.reshaped(to: [3]).sum())
    }
  }

  /// What keeps steps from being judged is known before the first of them, and not once they would be lost.
  @Test func evaluationsAreMadeBeforeTheFirstStep() throws {
    try withFolder { folder in
      func loop(_ validateEvery: Int) throws -> TrainingLoop {
        var plan = TrainingPlan(steps: 4)
        plan.validateEvery = validateEvery
        let session = try TrainingSession(
          MetricTests.Task(Unjudged()), optimizer: .gradientDescent(), seed: 0, CompilerOptions(workerCount: 1))
        return try TrainingLoop(session, plan, in: folder)
      }
      let early = try loop(4)
      #expect(throws: TraceError.self) { try early.run() }
      #expect(early.session.stepCount == 0)
      #expect(try loop(5).run() == .finished, "no step validates")
    }
  }

  @Test func keepsLogCheckpointsAndValidation() throws {
    try withFolder { folder in
      let loop = try Self.loop(folder, Self.plan)
      #expect(try loop.run() == .finished)
      let entries = try TrainingLog.entries(path: folder.log)
      #expect(entries.map(\.step) == Array(1...25))
      #expect(entries.filter { $0.validation != nil }.map(\.step) == [5, 10, 15, 20, 25])
      let losses = entries.compactMap { $0.validation?["loss"] }
      #expect(try #require(losses.last) < losses[0])
      #expect(entries.allSatisfy { $0.rate == 0.05 && $0.metrics["count_so_far"] == Double($0.step - 1) })
      let names = folder.numberedCheckpoints.map { URL(fileURLWithPath: $0).lastPathComponent }
      #expect(names == [20, 24, 25].map { "checkpoint-0000000\($0).safetensors" })
    }
  }

  @Test func interruptedAndResumedItIsTheSame() throws {
    try withFolder { whole in
      try withFolder { parts in
        #expect(try Self.loop(whole, Self.plan).run() == .finished)
        let first = try Self.loop(parts, Self.plan)
        #expect(try first.run(isStopRequested: { first.session.stepCount == 11 }) == .interrupted)
        // What a process that was killed leaves behind: later entries, half a line, half a file.
        var log = try Data(contentsOf: URL(fileURLWithPath: parts.log))
        log.append(Data("{\"loss\":1,\"metrics\":{},\"step\":12}\n{\"loss\":0.2,\"met".utf8))
        try log.write(to: URL(fileURLWithPath: parts.log))
        try log.write(to: URL(fileURLWithPath: parts.checkpoint + ".00000000000000ff.part"))
        #expect(try Self.loop(parts, Self.plan, resumes: true).run() == .finished)
        #expect(!FileManager.default.fileExists(atPath: parts.checkpoint + ".00000000000000ff.part"))
        for name in ["/log.jsonl", "/checkpoint.safetensors"] {
          let files = try [whole, parts].map { try Data(contentsOf: URL(fileURLWithPath: $0.path + name)) }
          #expect(files[0] == files[1], "\(name)")
        }
      }
    }
  }

  @Test func stopsWhenValidationNoLongerFalls() throws {
    try withFolder { folder in
      var plan = Self.plan
      plan.patience = 2
      // With a rate of 0 nothing improves: the first validation is the best, the second and third fail.
      let loop = try Self.loop(folder, plan, rate: 0)
      #expect(try loop.run() == .stoppedEarly)
      #expect(loop.session.stepCount == 15)
      let resumed = try Self.loop(folder, plan, rate: 0, resumes: true)
      #expect(try resumed.run() == .stoppedEarly)
      #expect(resumed.session.stepCount == 15)
    }
  }

  @Test func patienceNeedsALoss() throws {
    try withFolder { folder in
      var plan = Self.plan
      plan.patience = 2
      let task = LineTask()
      task.emptyBatches = Set(0..<9)
      let session = try TrainingSession(task, optimizer: .momentum(0.5), seed: 2, CompilerOptions(workerCount: 1))
      let loop = try TrainingLoop(session, plan, in: folder, resumes: false)
      let error = #expect(throws: TrainingPlanError.self) { try loop.run() }
      #expect(
        error?.description == "training plan: patience is 2, needs a validation that gives a loss, got none")
    }
  }

  @Test func lossesThatAreNotFiniteStopTraining() throws {
    try withFolder { folder in
      let loop = try Self.loop(folder, Self.plan, rate: 1e10)
      let error = try #require(throws: TrainingError.self) { try loop.run() }
      #expect("\(error)".contains("is not finite; training stopped, no checkpoint was written before it"))
    }
  }

  /// Some batches have no sequence at all.
  @Test func validationAveragesTheBatchesThatHaveAMeasure() throws {
    let task = LineTask()
    task.emptyBatches = [1]
    let session = try TrainingSession(task, optimizer: .momentum(0.5), seed: 2, CompilerOptions(workerCount: 1))
    let (whole, first) = (try session.validate(batches: 2), try session.validate(batches: 1))
    #expect(whole == first && first.map(\.name).contains("loss"))
    task.emptyBatches = [0]
    #expect(try session.validate(batches: 2).map(\.count) == first.map(\.count))
    #expect(try session.validate(batches: 1).isEmpty)
  }

  @Test func plansOutOfRangeAreRefused() throws {
    let changes: [((inout TrainingPlan) -> Void, String)] = [
      ({ $0.checkpointEvery = 0 }, "checkpointEvery is 0, needs 1 to 1073741823"),
      ({ $0.keptCheckpoints = 0 }, "keptCheckpoints is 0, needs 1 to 1073741823"),
      ({ $0.validationBatches = -1 }, "validationBatches is -1, needs 1 to 1073741823"),
      ({ $0.validateEvery = -1 }, "validateEvery is -1, needs 0 to 1073741823"),
      ({ $0.steps = 1 << 30 }, "steps is 1073741824, needs 1 to 1073741823"),
      ({ $0.patience = 2 }, "patience is 2, needs validateEvery of at least 1, which is 0"),
    ]
    try withFolder { folder in
      for (change, problem) in changes {
        var changed = TrainingPlan(steps: 2)
        change(&changed)
        let plan = changed
        let error = try #require(throws: TrainingPlanError.self) { try Self.loop(folder, plan) }
        #expect("\(error)" == "training plan: \(problem)")
        #expect(!folder.holdsRun)
      }
    }
  }

  /// A mark that makes one character with the dot of a prefix.
  @Test func progressOfAnyNameIsKept() throws {
    try withFolder { folder in
      func session() throws -> (LineTask, TrainingSession) {
        let task = LineTask()
        task.name = "\u{301}drawn"
        let options = CompilerOptions(workerCount: 1)
        return (task, try TrainingSession(task, optimizer: .momentum(0.5), seed: 2, options))
      }
      let (task, first) = try session()
      _ = try first.step()
      try first.save(to: folder.checkpoint)
      let (resumedTask, resumed) = try session()
      try resumed.load(from: folder.checkpoint)
      #expect(resumedTask.progress == task.progress && resumed.stepCount == 1)
    }
  }

  @Test func logsThatCannotBeUsedAreNamed() throws {
    let missing = try #require(throws: TrainingLogError.self) { try TrainingLog.entries(path: "/nowhere/log.jsonl") }
    #expect("\(missing)" == "/nowhere/log.jsonl: needed the log of a training run, found no file")
    let closed = try #require(throws: TrainingLogError.self) {
      try TrainingLog(path: "/nowhere/log.jsonl", keepsUntil: 0)
    }
    #expect("\(closed)" == "/nowhere/log.jsonl: cannot be opened for writing")
  }

  /// Where the file system knows no links, checkpoints are written all the same, and kept as copies.
  @Test func checkpointsAreWrittenWithoutLinks() throws {
    try withFolder { folder in
      let outcome = try RunFolder.$makesLinks.withValue(false) { try Self.loop(folder, Self.plan).run() }
      #expect(outcome == .finished)
      #expect(folder.numberedCheckpoints.count == 3)
      #expect(try Self.loop(folder, Self.plan, resumes: true).session.stepCount == 25)
    }
  }

  /// Where the newest checkpoint is a link, its other names are files of their own.
  @Test(arguments: [true, false]) func checkpointsThatAreLinksAreKeptAsFiles(_ makesLinks: Bool) throws {
    try withFolder { folder in
      var plan = Self.plan
      plan.steps = 8
      _ = try Self.loop(folder, plan).run()
      let target = folder.path + "/elsewhere.safetensors"
      try FileManager.default.moveItem(atPath: folder.checkpoint, toPath: target)
      try FileManager.default.createSymbolicLink(atPath: folder.checkpoint, withDestinationPath: target)
      let loop = try Self.loop(folder, Self.plan, resumes: true)
      #expect(try RunFolder.$makesLinks.withValue(makesLinks) { try loop.run() } == .finished)
      let steps = try (folder.numberedCheckpoints + [target]).map { try SafetensorsFile(path: $0).metadata["step"] }
      #expect(steps == ["20", "24", "25", "25"])
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.checkpoint) == target)
      #expect(try folder.checkpointByteCount == Data(contentsOf: URL(fileURLWithPath: target)).count)
    }
  }

  /// A plan of fewer steps than were run would be recorded as if it were done.
  @Test func plansThatEndBeforeTheCheckpointAreRefused() throws {
    try withFolder { folder in
      _ = try Self.loop(folder, Self.plan).run()
      let log = try Data(contentsOf: URL(fileURLWithPath: folder.log))
      let error = try #require(throws: TrainingPlanError.self) {
        try Self.loop(folder, TrainingPlan(steps: 24), resumes: true)
      }
      #expect("\(error)" == "training plan: steps is 24, needs at least 25, which the checkpoint has")
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.log)) == log)
    }
  }

  @Test func checkpointsThatCannotBeKeptAreNamed() throws {
    try withFolder { folder in
      let error = try #require(throws: RunFolderError.self) { try folder.keep(2, step: 3) }
      #expect(
        "\(error)"
          == "\(folder.path)/checkpoint-000000003.safetensors: the checkpoint cannot be kept: no such file or directory"
      )
    }
  }
}
