import Foundation
import Interchange
import Recurve
import TestSupport
import Testing
import TinyRecursion

@testable import Training

/// What a checkpoint holds is checked before anything of it is used, and before anything is saved.
@Suite struct CheckpointNumbersTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  // MARK: Reading

  @Test(arguments: ["-3", "x", "", "1.5", "nan", "9223372036854775807", "92233720368547758080", "1073741824"])
  func stepsOutOfRangeAreRefused(_ step: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let trainer = try TrainerTests.trainer()
      try trainer.save(to: path)
      var file = try SafetensorsFile(path: path)
      file.metadata["step"] = step
      try file.write(to: path)
      let found = message { try trainer.load(from: path) }
      #expect(found.hasSuffix("its header needs a number of steps from 0 to 1073741823, got '\(step)'"), "\(found)")
      #expect(trainer.stepCount == 0)
    }
  }

  /// A checkpoint of a task with everything that counts, after one change.
  @Test(
    arguments: [
      ("task.slots.batch", HostTensor(.scalar, [-1 as Int32]), "slots.batch holds -1, needs 0 to 1073741823"),
      (
        "task.slots.batch", HostTensor(.scalar, [Int32.max]),
        "slots.batch holds 2147483647, needs 0 to 1073741823"
      ),
      ("task.slots.steps", HostTensor([2], [0, -7] as [Int32]), "slots.steps holds -7, needs 0 to 15"),
      ("task.slots.steps", HostTensor([2], [16, 0] as [Int32]), "slots.steps holds 16, needs 0 to 15"),
      (
        "task.slots.questions", HostTensor([2, 16], Array(repeating: 99 as Int32, count: 32)),
        "slots.questions holds 99, needs 0 to 5"
      ),
      (
        "extra.early_stopping", HostTensor([2], .float64([1, .nan])),
        "early_stopping needs the best loss and a count from 0 to 1073741823, got [1.0, nan]"
      ),
      (
        "extra.early_stopping", HostTensor([2], .float64([1, 1e300])),
        "early_stopping needs the best loss and a count from 0 to 1073741823, got [1.0, 1e+300]"
      ),
      (
        "extra.early_stopping", HostTensor([1], .float64([1])),
        "early_stopping needs the best loss and a count from 0 to 1073741823, got [1.0]"
      ),
      (
        "train/accumulated.steps", HostTensor(.scalar, [0.5 as Float]),
        "train/accumulated.steps is 0.5, needs a whole number from 0.0 to 2.0"
      ),
      (
        "train/accumulated.steps", HostTensor(.scalar, [-1 as Float]),
        "train/accumulated.steps is -1.0, needs a whole number from 0.0 to 2.0"
      ),
      ("last.halting_score", HostTensor([1], [0] as [Float]), "last.halting_score is f32[1], needs f32[B=2]"),
      (
        "readout.weight", HostTensor([6, 64], Array(repeating: Float.infinity, count: 384)),
        "weight 'readout.weight' holds inf at [0, 0]"
      ),
    ] as [(String, HostTensor, String)])
  func numbersOutOfRangeAreRefused(_ name: String, _ tensor: HostTensor, _ problem: String) throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path)
      var plan = TrainingPlan(steps: 2)
      (plan.validateEvery, plan.patience) = (1, 5)
      func loop(resumes: Bool) throws -> TrainingLoop {
        let task = try TinyRecursion.family.make(ModelOptions(preset: "nano", batch: 2, depth: 1))
        let session = try TrainingSession(
          task, optimizer: .adam().accumulating(3), seed: 1, CompilerOptions(workerCount: 1))
        return try TrainingLoop(session, plan, in: folder, resumes: resumes)
      }
      _ = try loop(resumes: false).run()
      _ = try loop(resumes: true)
      var file = try SafetensorsFile(path: folder.checkpoint)
      #expect(file.tensors[name] != nil)
      file.tensors[name] = tensor
      try file.write(to: folder.checkpoint)
      let found = message { _ = try loop(resumes: true) }
      #expect(found == "\(folder.checkpoint) is not a checkpoint of this model:\n  \(problem)")
    }
  }

  @Test func earlyStoppingGoesOnFromItsNumbers() {
    var stopping = EarlyStopping(patience: 3)
    #expect(stopping.restore([.infinity, 0]) == nil && stopping.restore([0.5, 2]) == nil)
    #expect(stopping.restore([.nan, 0]) != nil && stopping.restore([1, -1]) != nil)
    #expect(stopping.progress == [0.5, 2])
  }

  /// Results of a step that never ran, and tensors that neither step nor task know.
  @Test func tensorsThatWouldBeLostAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      func session() throws -> TrainingSession {
        try TrainingSession(
          TrainingLoopTests.LineTask(), optimizer: .momentum(0.5), seed: 2, CompilerOptions(workerCount: 1))
      }
      func problem(_ name: String, in file: SafetensorsFile) throws -> String {
        var file = file
        file.tensors[name] = HostTensor(.scalar, [7] as [Float])
        try file.write(to: path)
        let resumed = try session()
        let found = message { try resumed.load(from: path) }
        #expect(resumed.stepCount == 0)
        return found.replacingOccurrences(of: "\(path) is not a checkpoint of this model:\n  ", with: "")
      }
      let fresh = try session()
      try fresh.save(to: path)
      let start = try SafetensorsFile(path: path)
      #expect(try problem("last.loss", in: start) == "last.loss is there, needs none before the first step")
      _ = try fresh.step()
      try fresh.save(to: path)
      let file = try SafetensorsFile(path: path)
      #expect(try problem("last.other", in: file) == "last.other is there, the step has no such result")
      #expect(try problem("task.other", in: file) == "task.other is there, the task keeps nothing of that name")
      #expect(try problem("task.drawn", in: file) == "task.drawn is f32[], needs i32[]")
    }
  }

  /// A state that addresses rows, and a weight beside it.
  struct Reader: Model {
    let table = Weight([3, 2], .uniform(bound: 1))

    func step(_ inputs: Inputs) -> Step {
      let place = inputs.state("place", [1], .int32)
      return Step(loss: gather(table.tensor, place).mean(), updates: [("place", place)])
    }
  }

  @Test func nothingChangesWhereAPositionIsWrong() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let trainer = try Trainer(Reader(), optimizer: .momentum(0.9), CompilerOptions(workerCount: 1))
      try trainer.save(to: path)
      var file = try SafetensorsFile(path: path)
      file.tensors["place"] = HostTensor([1], [3] as [Int32])
      file.tensors["table"] = HostTensor([3, 2], Array(repeating: 5 as Float, count: 6))
      try file.write(to: path)
      let before = trainer.weights
      let found = message { try trainer.load(from: path) }
      #expect(found.contains("is not a checkpoint of this model:\n  state 'place' holds 3 at [0], gather needs 0..<3"))
      #expect(trainer.weights == before)
    }
  }

  // MARK: Saving

  @Test func namesOfTheTrainersAreNotTheCallers() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let trainer = try TrainerTests.trainer()
      let others = ["slope", "train/average/mine", "train/accumulated/mine"].map {
        ($0, HostTensor(.scalar, [1] as [Float]))
      }
      let found = message { try trainer.save(to: path, others: Dictionary(uniqueKeysWithValues: others)) }
      #expect(
        found == "a checkpoint cannot keep 'slope': a parameter has that name\n"
          + "a checkpoint cannot keep 'train/accumulated/mine': states of the optimizer are called so\n"
          + "a checkpoint cannot keep 'train/average/mine': states of the optimizer are called so")
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  /// A line with a constant and a state that may hold anything but NaN.
  struct Bounded: Model {
    let slope = Weight([1], .uniform(bound: 1))
    let limit = Weight([2], .values([.infinity, -.infinity]), isTrained: false)

    func step(_ inputs: Inputs) -> Step {
      let x = inputs("x", [2])
      let best = inputs.state("best", [2])
      return Step(loss: minimum(x * slope.tensor, limit.tensor).mean(), updates: [("best", best)])
    }
  }

  @Test func infinityIsSavedWhereItMayBe() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let trainer = try Trainer(Bounded(), optimizer: .momentum(0.9).averaging(0.9), CompilerOptions(workerCount: 1))
      try trainer.program.set("best", HostTensor([2], [.infinity, 0] as [Float]))
      try trainer.save(to: path)
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      try trainer.load(from: path)
      for (name, number, place) in [
        ("best", Float.nan, "state 'best' holds nan at [1]"), ("limit", .nan, "constant 'limit' holds nan at [1]"),
        ("slope", .nan, "weight 'slope' holds nan at [0]"), ("slope", -.infinity, "weight 'slope' holds -inf at [0]"),
        ("average.slope", .infinity, "state of the optimizer 'train/average/slope' holds inf at [0]"),
        ("momentum.slope", .infinity, "state of the optimizer 'train/momentum/slope' holds inf at [0]"),
      ] {
        let good = try trainer.program.parameter(name)
        var numbers = good.floats
        numbers[numbers.count - 1] = number
        try trainer.program.set(name, HostTensor(good.shape, numbers))
        let needed =
          "\(place) in step 0, which is not finite; training stopped, \(path) keeps the last checkpoint before it"
        #expect(message { try trainer.save(to: path) } == needed)
        try trainer.program.set(name, good)
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
  }

  @Test func firstPlacesAreFound() {
    let tensor = HostTensor([2, 3], [0, 1, .infinity, 2, .nan, 3] as [Float])
    #expect(tensor.notFinite(allowsInfinity: false) == "holds inf at [0, 2]")
    #expect(tensor.notFinite(allowsInfinity: true) == "holds nan at [1, 1]")
    #expect(HostTensor(.scalar, .float64([.nan])).notFinite(allowsInfinity: false) == "holds nan")
    #expect(HostTensor([1], [.max] as [Int32]).notFinite(allowsInfinity: false) == nil)
    #expect(HostTensor([0], [1, .nan] as [Float]).notFinite(allowsInfinity: false) == "holds nan at [1]")
  }

  // MARK: Folders

  /// A run that went back to step 2 keeps its own, and what it left behind.
  @Test func laterCheckpointsAreNotCounted() throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path)
      try Data().write(to: URL(fileURLWithPath: folder.checkpoint))
      for step in [2, 9, 3, 4] { try folder.keep(2, step: step) }
      let names = folder.numberedCheckpoints.map { $0.suffix(13).prefix(1) }
      #expect(names == ["3", "4", "9"])
    }
  }

  @Test func onlyFilesOfOurOwnAreRemoved() throws {
    try withTemporaryFolder { path in
      let folder = RunFolder(path)
      let others = ["movie.mkv.part", "checkpoint-0-mine.safetensors", "checkpoint-1.safetensors", "x.7.part"]
      let ours = ["checkpoint.safetensors.00000000000000ff.part", "log.jsonl.0123456789abcdef.part"]
      for name in others + ours { try Data().write(to: URL(fileURLWithPath: path + "/" + name)) }
      folder.removePartialFiles()
      try Data().write(to: URL(fileURLWithPath: folder.checkpoint))
      for step in 1...4 { try folder.keep(2, step: step) }
      let left = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      let kept = ["checkpoint-000000003.safetensors", "checkpoint-000000004.safetensors", "checkpoint.safetensors"]
      #expect(left == (others + kept).sorted())
    }
  }
}
