import Foundation
import Interchange
import TestSupport
import Testing

@testable import TinyRecursion

/// The real `recurve train`, killed at random moments and resumed, ends with the bits of a run that nothing disturbed.
@Suite(.enabled(if: KilledRun.isPossible)) struct KillTests {
  /// RECURVE_KILLS sets how often a run is killed.
  static let killCount = ProcessInfo.processInfo.environment["RECURVE_KILLS"].flatMap { Int($0) } ?? 3

  @Test func killedRunsEndWithTheSameBits() throws {
    try withTemporaryFolder { folder in
      // The more kills, the more steps, so that every kill finds work to interrupt.
      let run = KilledRun(folder: folder, steps: 60 + 20 * Self.killCount)
      #expect(try run.finish("whole") == 0)
      try FileManager.default.createDirectory(atPath: folder + "/killed", withIntermediateDirectories: true)
      var (kills, interruptedSaves) = (0, 0)
      for number in 1...Self.killCount {
        let process = run.process("killed", "--resume")
        try process.run()
        // Every fourth kill comes at any moment, the start included; the others once there is so much of the log,
        // half of them in the middle of the next saving.
        let share = Double(number) / Double(Self.killCount + 1)
        let isEarly = number % 4 == 0
        if !isEarly { run.waitForLog("killed", steps: Int(share * Double(run.steps)) - .random(in: 0..<7), process) }
        if number % 2 == 1 {
          run.waitForSaving("killed", process)
        } else {
          Thread.sleep(forTimeInterval: .random(in: 0...(isEarly ? 0.5 : 0.02)))
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        kills += process.terminationReason == .uncaughtSignal ? 1 : 0
        // A kill before the process cleans up would count the last one's file again.
        interruptedSaves += number % 2 == 1 && run.isSaving("killed") ? 1 : 0
      }
      #expect(kills > 0, "no process lived long enough to be killed")
      // One is not certain to be hit; of five, some are.
      #expect(Self.killCount < 10 || interruptedSaves > 0, "no kill came in the middle of saving")
      print("\(kills) kills, \(interruptedSaves) of them in the middle of saving")
      #expect(try run.finish("killed", "--resume") == 0)
      #expect(try run.bytes("whole/checkpoint.safetensors") == run.bytes("killed/checkpoint.safetensors"))
      #expect(try run.bytes("whole/log.jsonl") == run.bytes("killed/log.jsonl"))
      let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/killed")
      #expect(left.allSatisfy { !$0.hasSuffix(".part") })
      #expect(left.count { $0.hasPrefix("checkpoint-") } == 2)
    }
  }

  /// The recipe as it is, at a rate at which sequences soon halt by themselves: states, steps and puzzles in flight go on, halted
  /// or exploring, with the averages.
  @Test func theRecipeOfTheTinyRecursiveModelGoesOnWhereItWasKilled() throws {
    try withTemporaryFolder { folder in
      var run = KilledRun(folder: folder, steps: 120)
      run.options = ["--batch", "4", "--learning-rate", "0.01", "--checkpoint-every", "9", "--validate-every", "0"]
      #expect(try run.finish("whole") == 0)
      try Self.holdsThrough(run, kills: [30, 75, 100])
      let log = String(decoding: try run.bytes("whole/log.jsonl"), as: UTF8.self)
      let halted = log.matches(of: #/"supervision_steps":([0-9.]+)/#).compactMap { Double($0.output.1) }
      #expect(halted.contains { $0 < 16 }, "no sequence halted by itself: \(halted)")
      let explored = (1...120).flatMap { Slots.leastSteps(seed: 5, batch: $0, count: 4, limit: 16) }
      #expect((20...80).contains(explored.count { $0 > 0 }), "a tenth of 480")
      let names = try SafetensorsFile(path: folder + "/killed/checkpoint.safetensors").tensors.keys
      #expect(names.contains { $0.contains("average") } && names.contains("answer") && names.contains("latent"))
    }
  }

  /// What dropout draws is a function of the step, which checkpoints keep.
  @Test func dropoutGoesOnWhereItWasKilled() throws {
    try withTemporaryFolder { folder in
      var run = KilledRun(folder: folder, steps: 40)
      run.model = ["sudoku-by-moves", "--variant", "bert"]
      run.options = ["--batch", "4", "--checkpoint-every", "7", "--validate-every", "0"]
      #expect(try run.finish("whole") == 0)
      try Self.holdsThrough(run, kills: [9, 25])
    }
  }

  /// Kills the run at so many steps each, lets it end, and holds it against `whole`.
  private static func holdsThrough(_ run: KilledRun, kills counts: [Int]) throws {
    try FileManager.default.createDirectory(atPath: run.folder + "/killed", withIntermediateDirectories: true)
    for steps in counts {
      let process = run.process("killed", "--resume")
      try process.run()
      run.waitForLog("killed", steps: steps, process)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal)
    }
    #expect(try run.finish("killed", "--resume") == 0)
    for name in ["checkpoint.safetensors", "log.jsonl"] {
      #expect(try run.bytes("whole/" + name) == run.bytes("killed/" + name), "\(name)")
    }
  }

  @Test func mistakesAreNamed() throws {
    func message(_ arguments: String...) throws -> String {
      let (process, errors) = (Process(), Pipe())
      process.executableURL = URL(fileURLWithPath: KilledRun.executable)
      process.arguments = ["train", "tiny-recursion"] + arguments
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus != 0)
      return text
    }
    let missing = "holds no run to continue; leave out --resume to start one"
    #expect(try message("--resume", "--output", "/nowhere/run").contains("/nowhere/run " + missing))
    #expect(
      try message("--patience", "2", "--validate-every", "0").contains(
        "--patience has no effect, needs --validate-every"))
    #expect(try message("--keep", "0").contains("--keep is 0, needs at least 1"))
    #expect(try message("--warm-up=-1").contains("--warm-up is -1, needs at least 0"))
    try withTemporaryFolder { folder in
      let clip = try message("--output", folder, "--clip", "0")
      #expect(clip.contains("--clip is 0.0, needs more than 0"))
      try Data("{}\n".utf8).write(to: URL(fileURLWithPath: folder + "/log.jsonl"))
      #expect(
        try message("--output", folder).contains("already holds a run; continue it with --resume or choose another"))
    }
  }

  @Test func interruptedRunsSayHowToContinue() throws {
    try withTemporaryFolder { folder in
      let run = KilledRun(folder: folder, steps: 1_000_000)
      let process = run.process("run")
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      // Once there is a log entry, the handler listens.
      run.waitForLog("run", steps: 1, process)
      kill(process.processIdentifier, SIGINT)
      run.waitForEnd(process)
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(process.terminationStatus == 130)
      #expect(
        text.contains("; continue with the same command and --resume, or with `recurve train \(folder)/run --resume`"))
      #expect(text.contains("the last 1 of 1000000 steps train nothing: the gradients of 3 make one update"))
      #expect(FileManager.default.fileExists(atPath: folder + "/run/checkpoint.safetensors"))
    }
  }
}

/// A short training of the smallest model with everything that has a state: accumulation, averages, validation.
struct KilledRun {
  let folder: String
  let steps: Int
  var model = ["tiny-recursion", "--preset", "nano", "--depth", "1"]
  /// In place of the preset's recipe.
  var options = [
    "--batch", "2", "--checkpoint-every", "7", "--optimizer", "adam-atan2", "--average", "0.9", "--accumulate", "3",
    "--clip", "1", "--schedule", "cosine", "--validate-every", "25", "--validation-batches", "1",
  ]

  init(folder: String, steps: Int) { (self.folder, self.steps) = (folder, steps) }

  /// The debug build's `recurve`, beside the tests.
  static let executable: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let arguments = [tests] + CommandLine.arguments
    let folders = arguments.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
    return folders.map { $0 + "/recurve" }.first(where: FileManager.default.isExecutableFile) ?? ""
  }()

  static let isPossible = !executable.isEmpty

  func process(_ name: String, _ others: String...) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.executable)
    process.arguments =
      ["train"] + model + [
        "--threads", "1", "--seed", "5", "--steps", "\(steps)", "--keep", "2", "--output", folder + "/" + name,
      ] + options + others
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return process
  }

  /// Runs to the end and returns the exit status.
  func finish(_ name: String, _ others: String...) throws -> Int32 {
    let process = process(name)
    process.arguments? += others
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Waits until the log has so many lines or the process has ended, at most a minute.
  func waitForLog(_ name: String, steps: Int, _ process: Process) {
    for _ in 0..<6000 where process.isRunning {
      let lines = (try? bytes(name + "/log.jsonl"))?.count { $0 == UInt8(ascii: "\n") } ?? 0
      if lines >= steps { return }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  /// Whether a file is being written that will replace one of the run's.
  func isSaving(_ name: String) -> Bool {
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + name)
    return files?.contains { $0.hasSuffix(".part") } ?? false
  }

  /// Watches, without a pause, for the next file that is being written; at most ten seconds.
  func waitForSaving(_ name: String, _ process: Process) {
    let end = ContinuousClock.now + .seconds(10)
    while process.isRunning, !isSaving(name), ContinuousClock.now < end {}
  }

  /// Waits for the end of a process, at most a minute; then kills it.
  func waitForEnd(_ process: Process) {
    for _ in 0..<6000 where process.isRunning { Thread.sleep(forTimeInterval: 0.01) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)) }
}
