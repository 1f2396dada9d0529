import TestSupport
import Testing

/// An option that would change nothing is a mistake, and what it needs is told.
@Suite(.enabled(if: KilledRun.isPossible)) struct EffectlessOptionsTests {
  @Test(
    arguments: [
      (
        "import tiny-recursion x.safetensors --threads 2",
        "--threads has no effect, needs none: this command runs no step"
      ),
      ("diagram tiny-recursion --no-fusion", "--no-fusion has no effect, needs none: this command runs no step"),
      (
        "export stablehlo tiny-recursion -o x.mlir --no-streaming",
        "--no-streaming has no effect, needs none: this command runs no step"
      ),
      (
        "export training arithmetic -o x.safetensors --batches-only --threads 2",
        "--threads has no effect, needs steps that run, without --batches-only"
      ),
      ("print tiny-recursion --threads 2", "--threads has no effect, needs --stage schedule, plan or kernels"),
      (
        "print tiny-recursion --no-streaming --stage passes",
        "--no-streaming has no effect, needs --stage schedule, plan or kernels"
      ),
      (
        "print arithmetic --program decode --stage differentiated",
        "--stage differentiated is of the training step; --program names another program"
      ),
      (
        "diagram arithmetic --program decode --stage differentiated",
        "--stage differentiated is of the training step; --program names another program"
      ),
      (
        "diagram tiny-recursion --expand --open net",
        "--open has no effect with --expand, which opens all; needs one of them"
      ),
      (
        "plan tiny-recursion --rows 3 --json",
        "--rows has no effect with --json, which lists all; needs one of them"
      ),
      (
        "profile tiny-recursion --rows 3 --json",
        "--rows has no effect with --json, which lists all; needs one of them"
      ),
      (
        "profile tiny-recursion --rows 3 --engine reference",
        "--rows shows steps of compiled kernels; leave out --engine"
      ),
      ("learn --seeds 3", "--seeds has no effect, needs the name of an example"),
      ("learn --output x", "--output has no effect, needs the name of an example"),
      ("learn --resume", "--resume has no effect, needs the name of an example"),
      ("generate x --prompt y --greedy --seed 1", "--seed has no effect with --greedy, needs one of them"),
    ] as [(String, String)])
  func theyAreRefused(_ command: String, _ message: String) throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun(command.split(separator: " ").map(String.init), in: folder)
      #expect(run.status == 64, "\(run.errors)")
      #expect(run.errors.contains("Error: \(message)\n"), "\(run.errors)")
    }
  }

  /// Kernels and their places depend on these.
  @Test func stagesOfKernelsTakeThem() throws {
    let options = ["tiny-recursion", "--preset", "nano", "--batch", "2", "--depth", "1", "--threads", "1"]
    func text(_ others: String...) throws -> String {
      let run = try CommandRun(["print"] + options + ["--stage", "schedule"] + others)
      #expect(run.status == 0, "\(run.errors)")
      return run.output
    }
    let (all, unfused, unstreamed) = (try text(), try text("--no-fusion"), try text("--no-streaming"))
    #expect(unfused != all && unstreamed != all)
  }
}
