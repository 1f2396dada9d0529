import Foundation
import Interchange
import TestSupport
import Testing

/// `recurve train` loses no run: signals, terminals that vanish, full disks, two runs in one folder, weights that explode.
@Suite(.enabled(if: KilledRun.isPossible)) struct RunSafetyTests {
  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  // MARK: Signals

  @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129), (SIGINT, 130)] as [(Int32, Int32)])
  func signalsLeaveACheckpointThatResumesToTheSameBits(_ signal: Int32, _ status: Int32) throws {
    try withTemporaryFolder { folder in
      let run = KilledRun(folder: folder, steps: 90)
      #expect(try run.finish("whole") == 0)
      let process = run.process("stopped")
      try process.run()
      run.waitForLog("stopped", steps: 10, process)
      kill(process.processIdentifier, signal)
      run.waitForEnd(process)
      #expect(process.terminationReason == .exit && process.terminationStatus == status)
      let steps = try SafetensorsFile(path: folder + "/stopped/checkpoint.safetensors").metadata["step"]
      #expect(try #require(steps.flatMap { Int($0) }) >= 10)
      #expect(try run.finish("stopped", "--resume") == 0)
      for name in ["checkpoint.safetensors", "log.jsonl"] {
        #expect(try run.bytes("whole/" + name) == run.bytes("stopped/" + name), "\(name)")
      }
    }
  }

  /// Terminals and job managers send signals to all of a group. What compiles what validates is none of them: the run ends as
  /// after any step.
  @Test func signalsDoNotReachTheCompiler() throws {
    try withTemporaryFolder { folder in
      let (run, compiler) = (folder + "/run", folder + "/cc")
      let group = "$(cut -d ' ' -f 5 /proc/$PPID/stat)"
      try """
      #!/bin/sh
      if [ -s \(run)/run.json ] && [ ! -e \(folder)/mark ]; then touch \(folder)/mark; kill -s TERM -- -\(group); sleep 1; fi
      exec clang "$@"

      """.write(toFile: compiler, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler)
      let arguments = CommandRun.training(run, steps: 9, "--validate-every", "2").joined(separator: " ")
      let environment = "RECURVE_CC=\(compiler) RECURVE_CACHE=\(folder)/cache"
      let found = try CommandRun(script: "\(environment) setsid --wait $RECURVE \(arguments) 2>&1")
      #expect(found.status == 143 && found.output.contains("stopped after step 0"), "\(found.output)")
      let again = try CommandRun(["train", run, "--resume"])
      #expect(again.status == 0, "\(again.errors)")
      let lines = try String(contentsOfFile: run + "/log.jsonl", encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 9 && lines[1].contains("\"validation\""))
    }
  }

  @Test func aHangUpThatIsIgnoredStaysIgnored() throws {
    try withTemporaryFolder { folder in
      let run = KilledRun(folder: folder, steps: 60)
      let process = run.process("run")
      process.arguments = ["-c", "trap '' HUP; exec \"$0\" \"$@\"", KilledRun.executable] + (process.arguments ?? [])
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      try process.run()
      run.waitForLog("run", steps: 10, process)
      kill(process.processIdentifier, SIGHUP)
      run.waitForEnd(process)
      #expect(process.terminationReason == .exit && process.terminationStatus == 0)
      #expect(try SafetensorsFile(path: folder + "/run/checkpoint.safetensors").metadata["step"] == "60")
    }
  }

  // MARK: Output that fails

  @Test(arguments: ["1>/dev/full 2>/dev/full", "1>&- 2>&-", "--json 1>/dev/full", "2>&1"])
  func failingTerminalsDoNotEndTraining(_ redirections: String) throws {
    try withTemporaryFolder { folder in
      let arguments = CommandRun.training(folder + "/run", steps: 12).joined(separator: " ")
      // The reader of the pipe is gone long before the first line.
      let script = "{ \"$RECURVE\" \(arguments) \(redirections); echo $? > \(folder)/status; } | true"
      _ = try CommandRun(script: script)
      #expect(try String(contentsOfFile: folder + "/status", encoding: .utf8) == "0\n")
      #expect(try SafetensorsFile(path: folder + "/run/checkpoint.safetensors").metadata["step"] == "12")
    }
  }

  /// The next file that is opened gets the number of a stream that is closed.
  @Test func whatClosedStreamsWouldGetIsInNoFile() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let arguments = CommandRun.training(run, steps: 4, "--checkpoint-every", "2").joined(separator: " ")
      #expect(try CommandRun(script: "exec \"$RECURVE\" \(arguments) <&- >&- 2>&-").status == 0)
      let log = try String(contentsOfFile: run + "/log.jsonl", encoding: .utf8).split(separator: "\n")
      #expect(log.count == 4 && log.allSatisfy { $0.hasPrefix("{") }, "\(log)")
      let lock = try String(contentsOfFile: run + "/lock", encoding: .utf8)
      #expect(Int(lock) != nil, "\(lock)")
    }
  }

  @Test func fullDisksAreSaidOnceAndInTheEnd() throws {
    try withTemporaryFolder { folder in
      // The kernels are in the cache afterwards: nothing but the run writes then.
      #expect(try CommandRun(CommandRun.training(folder + "/first", steps: 1)).status == 0)
      let arguments = CommandRun.training(folder + "/run", steps: 30, "--checkpoint-every", "10")
      // A pipe has no limit, a file for the messages would have.
      let run = try CommandRun(script: "ulimit -f 1; exec \"$RECURVE\" \(arguments.joined(separator: " ")) 2>&1")
      #expect(run.status == 1)
      let log = "\(folder)/run/log.jsonl: cannot be written: file too large"
      #expect(run.output.components(separatedBy: log + "; training goes on").count == 2, "\(run.output)")
      // The weights first.
      #expect(run.output.contains("Error: \(folder)/run/checkpoint.safetensors: cannot be written: file too large"))
      let record = "cannot write '\(folder)/run/run.json': file too large; training goes on"
      #expect(run.output.components(separatedBy: record).count == 2)
      let checkpoint = "\(folder)/run/checkpoint.safetensors: cannot be written: file too large; training goes on"
      #expect(run.output.components(separatedBy: checkpoint).count == 2)
      #expect(run.output.contains("30/30"))
    }
  }

  /// A run that could write nothing leaves nothing that would have to be lost for the next one.
  @Test func aStartOnAFullDiskIsStartedAgain() throws {
    try withTemporaryFolder { folder in
      #expect(try CommandRun(CommandRun.training(folder + "/first", steps: 1)).status == 0)
      let arguments = CommandRun.training(folder + "/run", steps: 3).joined(separator: " ")
      let full = try CommandRun(script: "ulimit -f 0; exec \"$RECURVE\" \(arguments) 2>&1")
      #expect(full.status == 1 && full.output.contains("training goes on without events"), "\(full.output)")
      #expect(full.output.contains("3/3") && full.output.contains("Error: \(folder)/run/checkpoint.safetensors"))
      let again = try CommandRun(CommandRun.training(folder + "/run", steps: 3))
      #expect(again.status == 0, "\(again.errors)")
    }
  }

  @Test func resultsThatNobodyGetsAreAFailure() throws {
    let run = try CommandRun(script: "exec \"$RECURVE\" list > /dev/full")
    #expect(run.status == 1)
    #expect(run.errors.contains("standard output cannot be written: no space left on device"))
  }

  // MARK: Two runs in one folder

  @Test func oneProcessTrainsInAFolder() throws {
    try withTemporaryFolder { folder in
      let run = KilledRun(folder: folder, steps: 1_000_000)
      let first = run.process("run")
      try first.run()
      run.waitForLog("run", steps: 1, first)
      let refusal = "\(folder)/run: another process (\(first.processIdentifier)) trains here"
      for others in [[], ["--resume"]] {
        let second = try CommandRun(
          ["train", "tiny-recursion", "--steps", "1000000", "--output", folder + "/run"] + others)
        #expect(second.status == 1 && second.errors.contains(refusal), "\(second.errors)")
      }
      #expect(first.isRunning)
      kill(first.processIdentifier, SIGTERM)
      run.waitForEnd(first)
      #expect(first.terminationStatus == 143)
    }
  }

  @Test func ofTwoStartsOneIsRefusedAndTheOtherUndisturbed() throws {
    try withTemporaryFolder { folder in
      let run = KilledRun(folder: folder, steps: 40)
      #expect(try run.finish("whole") == 0)
      let both = [run.process("run"), run.process("run")]
      for process in both { try process.run() }
      for process in both { run.waitForEnd(process) }
      #expect(both.map(\.terminationStatus).sorted() == [0, 1])
      #expect(try run.bytes("whole/checkpoint.safetensors") == run.bytes("run/checkpoint.safetensors"))
    }
  }

  @Test func startsWithoutAFolderTakeOneEach() throws {
    try withTemporaryFolder { folder in
      let arguments = Array(CommandRun.training("", steps: 3).dropLast(2))
      let starts = (1...3).map { _ in
        let process = KilledRun(folder: folder, steps: 3).process("")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        return process
      }
      for process in starts { try process.run() }
      for process in starts { process.waitUntilExit() }
      #expect(starts.map(\.terminationStatus) == [0, 0, 0])
      for number in 1...3 {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/recurve-run-\(number)/checkpoint.safetensors"))
      }
      let fourth = try CommandRun(arguments, in: folder)
      #expect(fourth.errors.contains("the run goes into recurve-run-4\n"), "\(fourth.errors)")
      try FileManager.default.removeItem(atPath: folder + "/recurve-run-4")
      let resumed = try CommandRun(arguments + ["--resume", "--steps", "4"], in: folder)
      #expect(resumed.status == 0 && resumed.output.contains("wrote recurve-run-3/"))
    }
  }

  /// Runs of other machines come without a lock.
  @Test func refusedStartsLeaveNoLock() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      #expect(try CommandRun(CommandRun.training(run, steps: 2)).status == 0)
      try FileManager.default.removeItem(atPath: run + "/lock")
      let refused = try CommandRun(CommandRun.training(run, steps: 3))
      #expect(refused.status == 1)
      #expect(
        refused.errors.contains("\(run) already holds a run; continue it with --resume or choose another --output"))
      #expect(!FileManager.default.fileExists(atPath: run + "/lock"))
    }
  }

  @Test func runsThatCannotStartLeaveNothing() throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun(CommandRun.training(folder + "/run", steps: 3, "--batch", "1000000000"))
      #expect(run.status == 1 && run.errors.contains("of memory, but only"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
      let words = try CommandRun([
        "train", "word-vectors", "--steps", "1", "--batch", "1000000000", "-o", folder + "/run",
      ])
      #expect(words.status == 1 && words.errors.contains("needs the 32000000000 that a step reads"), "\(words.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }

  // MARK: Weights that explode

  /// The good checkpoint is that of step 4 or 5; a checkpoint of step 5 with weights of 1e29 would replace the first.
  @Test(arguments: [4, 5]) func explodingWeightsDoNotReplaceTheLastGoodCheckpoint(_ step: Int) throws {
    try withTemporaryFolder { folder in
      let good = folder + "/checkpoint.safetensors"
      #expect(try CommandRun(CommandRun.training(folder, steps: step)).status == 0)
      let before = try bytes(good)
      let resumed = try CommandRun(
        CommandRun.training(
          folder, steps: 30, "--resume", "--accept-changes", "--learning-rate", "1e30", "--warm-up", "0",
          "--checkpoint-every", "5"))
      #expect(resumed.status == 1)
      #expect(resumed.errors.contains("training stopped, \(good) keeps the last checkpoint before it"))
      #expect(try bytes(good) == before)
      let mended = CommandRun.training(
        folder, steps: 8, "--resume", "--accept-changes", "--learning-rate", "1e-3", "--warm-up", "20")
      #expect(try CommandRun(mended).status == 0)
    }
  }
}
