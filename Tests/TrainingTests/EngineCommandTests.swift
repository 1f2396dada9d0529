import Foundation
import Interchange
import TestSupport
import Testing

/// `--engine pjrt` as users meet it where something is wrong; the plugin is one that the tests build.
@Suite(.enabled(if: KilledRun.isPossible)) struct EngineCommandTests {
  private static let noPlugin = ["RECURVE_PJRT_PLUGIN": "", "VIRTUAL_ENV": ""]

  private static func training(
    _ folder: String, _ plugin: FakePlugin?, steps: Int = 6, _ others: String...
  ) throws -> CommandRun {
    let path = try plugin.map { ["--plugin", try $0.build(in: folder)] } ?? []
    return try CommandRun(
      CommandRun.training(folder + "/run", steps: steps, "--engine", "pjrt") + path + others, environment: noPlugin)
  }

  @Test func aMissingPluginStartsNoRun() throws {
    try withTemporaryFolder { folder in
      let run = try Self.training(folder, nil)
      #expect(run.status == 1)
      #expect(
        run.errors.contains(
          "Error: no PJRT plugin was found; name one with --plugin or RECURVE_PJRT_PLUGIN, or install one with "
            + "`Tools/engines-setup FOLDER`"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }

  @Test func anOlderPluginStartsNoRun() throws {
    try withTemporaryFolder { folder in
      let run = try Self.training(folder, FakePlugin(minor: 40))
      #expect(run.status == 1)
      #expect(
        run.errors.contains("has version 0.40 of PJRT's interface, needs 0.81 or a later 0.x"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }

  @Test func aFailedCompilationStartsNoRun() throws {
    try withTemporaryFolder { folder in
      var plugin = FakePlugin()
      plugin.compileProblem = "line 3: unknown operation"
      let run = try Self.training(folder, plugin)
      #expect(run.status == 1)
      #expect(
        run.errors.contains("Error: pjrt: compiling the program for fake failed: line 3: unknown operation"),
        "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/run/run.json"))
    }
  }

  /// The device runs out of memory in step 5: the checkpoint of step 4 is there and named, and the run goes on from it.
  @Test func aFailedStepKeepsTheLastCheckpoint() throws {
    try withTemporaryFolder { folder in
      var plugin = FakePlugin()
      plugin.failingRun = 5
      let run = try Self.training(folder, plugin, steps: 6, "--checkpoint-every", "2")
      let checkpoint = folder + "/run/checkpoint.safetensors"
      #expect(run.status == 1)
      #expect(
        run.errors.contains(
          "Error: step 5 failed: pjrt: running the program on fake failed: Out of memory allocating 64 bytes; choose a "
            + "smaller batch or depth, or a gradient mode that keeps less; training stopped, \(checkpoint) keeps the "
            + "last checkpoint before it"), "\(run.errors)")
      #expect(try SafetensorsFile(path: checkpoint).metadata["step"] == "4")
      let resumed = try CommandRun(
        ["train", folder + "/run", "--resume", "--threads", "1", "--engine", "pjrt", "--plugin"]
          + [try FakePlugin().build(in: folder)])
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try SafetensorsFile(path: checkpoint).metadata["step"] == "6")
    }
  }

  /// An engine that does not say what memory it needs has no curves, and everything else.
  @Test func comparisonsWithoutBytesHaveNoCurves() throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun(
        [
          "compare", "tiny-recursion", "--preset", "nano", "--batch", "1", "--set", "updates=1", "--depth", "1,2",
          "--modes", "full", "--repetitions", "1", "--threads", "1", "--engine", "reference", "-o", "cmp",
        ], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("no cmp/comparison.svg: reference does not say what memory it needs"))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/cmp").sorted()
      #expect(names == ["comparison.txt", "memory-full.svg", "tiny-recursion.svg"])
    }
  }

  @Test func whatEnginesCannotDoIsSaid() throws {
    try withTemporaryFolder { folder in
      func problem(_ arguments: String...) throws -> String {
        let run = try CommandRun(arguments, environment: Self.noPlugin)
        #expect(run.status == 64, "\(run.errors)")
        return run.errors
      }
      let plugin = try FakePlugin().build(in: folder)
      #expect(try problem("run", "tiny-recursion", "--plugin", plugin).contains("--plugin needs --engine pjrt"))
      #expect(
        try problem("compare", "tiny-recursion", "--verify", "--engine", "pjrt", "--plugin", plugin)
          .contains("--verify watches compiled kernels, which --engine pjrt does not run"))
      #expect(
        try problem("profile", "tiny-recursion", "--trace", folder + "/t.json", "--engine", "pjrt", "--plugin", plugin)
          .contains("--trace shows steps of compiled kernels; leave out --engine"))
    }
  }
}
