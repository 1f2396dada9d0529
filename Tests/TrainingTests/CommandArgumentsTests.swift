import Foundation
import Interchange
import Recurve
import TestSupport
import Testing
import TinyRecursion

/// What commands say about arguments that cannot be: 64 for what is wrong with the command line, 1 for everything else.
@Suite(.enabled(if: KilledRun.isPossible)) struct CommandArgumentsTests {
  static let small = ["tiny-recursion", "--preset", "nano"]

  @Test(
    arguments: [
      (["nosuch"], "Unexpected argument 'nosuch'"),
      (["plan", "nosuch"], "no model is called 'nosuch', and it is no folder of a run; there are tiny-recursion"),
      (["plan"] + small + ["--nosuch"], "Unknown option '--nosuch'"),
      (["plan"] + small + ["--preset", "nosuch"], "no preset is called 'nosuch'; there are nano, micro, mini"),
      (["plan"] + small + ["--variant", "nosuch"], "no variant is called 'nosuch'; there are attention, mixer,"),
      (["plan"] + small + ["--batch", "0"], "--batch is 0, needs at least 1"),
      (["plan"] + small + ["--batch=-3"], "--batch is -3, needs at least 1"),
      (["plan"] + small + ["--batch", "\(Int.max)"], "--batch is \(Int.max), needs at most 1000000000"),
      (
        ["plan"] + small + ["--batch", "92233720368547758080"],
        "The value '92233720368547758080' is invalid for '--batch"
      ),
      (["plan"] + small + ["--threads", "0"], "--threads is 0, needs at least 1"),
      (["plan"] + small + ["--threads", "70000"], "--threads is 70000, needs at most 4096"),
      (["plan"] + small + ["--threads", "\(Int.max)"], "--threads is \(Int.max), needs at most 4096"),
      (["plan"] + small + ["--depth", "0"], "--depth is 0, needs at least 1"),
      (["plan"] + small + ["--depth", "\(Int.max)"], "--depth is \(Int.max), needs at most 1000000"),
      (["plan"] + small + ["--rows=-1"], "--rows is -1, needs at least 0"),
      (["print"] + small + ["--gradient", "nosuch"], "no gradient mode is called 'nosuch'"),
      (["print"] + small + ["--gradient", "full:3"], "no gradient mode is called 'full:3'"),
      (["print"] + small + ["--gradient", "none(2)"], "no gradient mode is called 'none(2)'"),
      (["print"] + small + ["--gradient", "last:0"], "no gradient mode is called 'last:0'"),
      (["print"] + small + ["--gradient", "last:x:2"], "no gradient mode is called 'last:x:2'"),
      (["print"] + small + ["--gradient", "revolve(every: 2)"], "no gradient mode is called 'revolve(every: 2)'"),
      (["print"] + small + ["--gradient", "revolve:\(Int.max)"], "no gradient mode is called 'revolve:\(Int.max)'"),
      (["print"] + small + ["--gradient", "checkpointed:-1"], "no gradient mode is called 'checkpointed:-1'"),
      (
        ["print"] + small + ["--gradient", "last:99"],
        "last(99) reaches back further than the 3 iterations; use full"
      ),
      (["run"] + small + ["--gradient", "last:4"], "last(4) reaches back further than the 3 iterations; use full"),
      (
        ["train"] + small + ["--gradient", "last:2", "--depth", "1"],
        "last(2) reaches back further than the 1 iterations; use full"
      ),
      (["profile"] + small + ["--gradient", "last:4"], "last(4) reaches back further than the 3 iterations; use full"),
      (["diagram"] + small + ["--gradient", "last:4"], "last(4) reaches back further than the 3 iterations; use full"),
      (
        ["compare"] + small + ["--depth", "8,3", "--modes", "full,last:4"],
        "last(4) reaches back further than the 3 iterations; use full"
      ),
      (
        ["plan"] + small + ["--program", "decode"],
        "--program got 'decode', needs a program of the model beside its training step: there is none"
      ),
      (["compare"] + small + ["--depth", "0"], "--depth got '0', needs whole numbers from 1 to 1000000"),
      (["compare"] + small + ["--depth", "2,\(Int.max)"], "needs whole numbers from 1 to 1000000"),
      (["compare"] + small + ["--depth", ""], "needs whole numbers from 1 to 1000000"),
      (["compare"] + small + ["--modes", "full,nosuch"], "no gradient mode is called 'nosuch'"),
      (["compare"] + small + ["--modes", ""], "--modes names no gradient mode"),
      (["compare"] + small + ["--modes", "full,last:1,full"], "--modes names full twice"),
      (["compare"] + small + ["--depth", "2,3,2"], "--depth names 2 twice"),
      (["plan"] + small + ["--verify"], "--verify has no effect, needs --measure"),
      (["print"] + small + ["--verify"], "--verify has no effect, needs none: this command runs no step"),
      (
        ["export", "stablehlo"] + small + ["-o", "x.mlir", "--verify"],
        "--verify has no effect, needs none: this command runs no step"
      ),
      (
        ["export", "training", "arithmetic", "-o", "x.safetensors", "--batches-only", "--verify"],
        "--verify has no effect, needs steps that run, without --batches-only"
      ),
      (["compare"] + small + ["--repetitions", "0"], "--repetitions is 0, needs at least 1"),
      (["compare"] + small + ["--repetitions", "\(Int.max)"], "needs at most 1000000"),
      (["profile"] + small + ["--repetitions=-1"], "--repetitions is -1, needs at least 1"),
      (["profile"] + small + ["--rows=-1"], "--rows is -1, needs at least 0"),
      (["diagram"] + small + ["--nodes=-5"], "--nodes is -5, needs at least 0"),
      (["diagram"] + small + ["--color", "nosuch"], "--color got 'nosuch', needs kind, bytes, liveness or role"),
      (["diagram"] + small + ["--open", "nosuch"], "--open got 'nosuch', needs a scope that the picture has: "),
      (["run"] + small + ["--number=-1"], "--number is -1, needs at least 0"),
      (["run"] + small + ["--number", "\(Int.max)"], "--number is \(Int.max), needs at most 1073741823"),
      (["run"] + small + ["--steps", "0"], "--steps is 0, needs at least 1"),
      (["train"] + small + ["--steps=-1"], "--steps is -1, needs at least 1"),
      (["train"] + small + ["--steps", "\(Int.max)"], "--steps is \(Int.max), needs at most 1073741823"),
      (["train"] + small + ["--checkpoint-every", "0"], "--checkpoint-every is 0, needs at least 1"),
      (
        ["train"] + small + ["--optimizer", "sgd", "--decay-matrices-only"],
        "--decay-matrices-only has no effect, needs --weight-decay above 0"
      ),
      (["train"] + small + ["--accumulate", "0"], "--accumulate is 0, needs at least 1"),
      (["train"] + small + ["--accumulate", "16777217"], "--accumulate is 16777217, needs at most 16777216"),
      (["train"] + small + ["--warm-up", "\(Int.max)"], "needs at most 1073741823"),
      (
        ["train"] + small + ["--validation-batches", "\(Int.max)", "--validate-every", "1"], "needs at most 1073741823"
      ),
      (["train"] + small + ["--learning-rate", "nan"], "Error: --learning-rate is nan, needs at least 0"),
      (
        ["train"] + small + ["--learning-rate", "1e39"],
        "Error: --learning-rate is 1e+39, needs at most what f32 holds, about 3.4e38"
      ),
      (["train"] + small + ["--final-share", "nan"], "Error: --final-share is nan, needs at least 0"),
      (["train"] + small + ["--weight-decay=-1"], "Error: --weight-decay is -1.0, needs at least 0"),
      (["train"] + small + ["--clip", "0"], "Error: --clip is 0.0, needs more than 0"),
      (["train"] + small + ["--average", "1"], "Error: --average is 1.0, needs at least 0 and less than 1"),
      (
        ["train"] + small + ["--patience", "2", "--validate-every", "0"],
        "--patience has no effect, needs --validate-every"
      ),
      (
        ["train"] + small + ["--validation-batches", "2", "--validate-every", "0"],
        "--validation-batches has no effect, needs --validate-every"
      ),
      (
        ["train"] + small + ["--schedule", "constant", "--final-share", "0.5"],
        "--final-share has no effect, needs --schedule cosine or linear"
      ),
      (
        ["train"] + small + ["--schedule", "cosine", "--drop-every", "5"],
        "--drop-every has no effect, needs --schedule steps"
      ),
      (["train"] + small + ["--accept-changes"], "--accept-changes needs --resume"),
      (["learn", "nosuch"], "no example is called 'nosuch'; there are all, 0"),
      (["learn", "4a", "--seeds", "0"], "--seeds is 0, needs at least 1"),
      (["learn", "4a", "--seeds", "\(Int.max)"], "--seeds is \(Int.max), needs at most 1000000"),
      (
        ["diagram"] + small + ["-o", "x.gif"],
        "--output got 'x.gif', needs a name that ends with .svg, .png, .pdf or .dot"
      ),
      (["plan"] + small + ["--map", "x.gif"], "--map got 'x.gif', needs a name that ends with .svg, .png or .pdf"),
      (["plot", "x", "-o", "x.gif"], "--output got 'x.gif', needs a name that ends with .svg or .png"),
    ] as [([String], String)])
  func mistakesAreUsageErrors(_ arguments: [String], _ message: String) throws {
    try withTemporaryFolder { folder in
      let run = try CommandRun(arguments, in: folder)
      #expect(run.status == 64, "\(run.errors)")
      #expect(run.errors.contains(message), "\(run.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test(
    arguments: [
      (["plot", "/nowhere/run"], "/nowhere/run/log.jsonl: needed the log of a training run, found no file"),
      (["plan"] + small + ["--data", "/nowhere/x.csv"], "/nowhere/x.csv"),
      (["run"] + small + ["--checkpoint", "/nowhere/x"], "/nowhere/x: needed a safetensors file"),
      (["train"] + small + ["--resume", "--output", "/nowhere/run"], "/nowhere/run holds no run to continue"),
      (["train"] + small + ["--output", "/proc/run"], "/proc/run: cannot be made: "),
      (
        ["print"] + small + ["--output", "/nowhere/x.txt"],
        "cannot write '/nowhere/x.txt': there is no folder '/nowhere'"
      ),
      (
        ["profile"] + small + ["--trace", "/nowhere/x.json"],
        "Error: cannot write /nowhere/x.json: '/nowhere' is no folder that can be written to"
      ),
      (
        ["run"] + small + ["--save", "/nowhere/x.safetensors"],
        "Error: cannot write /nowhere/x.safetensors: '/nowhere' is no folder that can be written to"
      ),
      (
        ["run"] + small + ["--chart", "/nowhere/x.svg"],
        "Error: cannot write /nowhere/x.svg: '/nowhere' is no folder that can be written to"
      ),
    ] as [([String], String)])
  func failuresAreErrors(_ arguments: [String], _ message: String) throws {
    let run = try CommandRun(arguments)
    #expect(run.status == 1)
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  /// What `run` says of weights that it cannot use.
  @Test(
    arguments: [
      (
        "train/average/readout.weight", HostTensor([1], [0] as [Float]),
        "train/average/readout.weight is f32[1], needs f32[6, 64]"
      ),
      ("readout.weight", HostTensor([1], [0] as [Float]), "readout.weight is f32[1], needs f32[6, 64]"),
      (
        "readout.weight", HostTensor([6, 64], Array(repeating: Float.infinity, count: 384)),
        "weight 'readout.weight' holds inf at [0, 0]"
      ),
    ] as [(String, HostTensor, String)])
  func weightsThatDoNotFitAreRefused(_ name: String, _ tensor: HostTensor, _ problem: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      let task = try TinyRecursion.family.make(ModelOptions(preset: "nano", batch: 2, depth: 1))
      try TrainingSession(task, optimizer: .adam(), seed: 1, CompilerOptions(workerCount: 1)).save(to: path)
      var file = try SafetensorsFile(path: path)
      file.tensors[name] = tensor
      try file.write(to: path)
      let run = try CommandRun(["run"] + Self.small + ["--batch", "2", "--depth", "1", "--checkpoint", path])
      #expect(run.status == 1)
      #expect(run.errors.contains("\(path) is not a checkpoint of this model:\n  \(problem)\n"), "\(run.errors)")
    }
  }

  /// A finished run that has lost its log has nothing to draw, and is no failure.
  @Test func logsWithoutStepsAreNotDrawn() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      #expect(try CommandRun(CommandRun.training(run, steps: 2)).status == 0)
      let plot = ["plot", run, "-o", folder + "/x.svg"]
      let json = try CommandRun(plot + ["--json"])
      #expect(json.status == 0 && json.output.contains("\"steps\" : 2") && json.output.contains("\"\(folder)/x.svg\""))
      try FileManager.default.removeItem(atPath: run + "/log.jsonl")
      let resumed = try CommandRun(CommandRun.training(run, steps: 2, "--resume"))
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.output.contains("wrote \(run)/log.jsonl, checkpoint"))
      let empty = try CommandRun(plot)
      #expect(empty.status == 1 && empty.errors.contains("\(run)/log.jsonl has no steps yet"), "\(empty.errors)")
    }
  }

  /// 64 GB of puzzles and more: whoever runs the model refuses from its plan; whoever only looks at it says what it would need.
  @Test(arguments: [
    ["compare", "--depth", "1", "--modes", "full"], ["train"], ["run"], ["profile"],
  ])
  func memoryIsRefusedBeforeAnyDataExists(_ command: [String]) throws {
    try withTemporaryFolder { folder in
      let sizes = ["--variant", "attention", "--batch", "1000000000"]
      let arguments = [command[0]] + Self.small + command.dropFirst() + sizes
      // 8 GB of addresses are more than enough for a plan, and far too few for the data.
      let words = arguments.joined(separator: " ")
      let run = try CommandRun(script: "cd \(folder); ulimit -v 8000000; exec \"$RECURVE\" \(words)")
      #expect(run.status == 1)
      #expect(
        run.errors.contains(
          #/Error: needs \d+\.\d MB of memory, but only \d+\.\d MB are available; the largest are /#),
        "\(run.errors)")
      #expect(run.errors.contains(#/ of net.* \(TinyRecursion/Net.swift:\d+\).*: \d+\.\d MB, /#), "\(run.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test(arguments: ["plan", "print", "diagram"]) func lookingNeedsNoData(_ command: String) throws {
    let words = ([command] + Self.small + ["--batch", "1000000000"]).joined(separator: " ")
    let run = try CommandRun(script: "ulimit -v 8000000; exec \"$RECURVE\" \(words)")
    #expect(run.status == 0 && !run.output.isEmpty, "\(run.errors)")
  }

  @Test func everyCommandThatTakesABatchIsTested() throws {
    let help = try CommandRun(["--help"]).output
    let names = help.split(separator: "\n").drop { !$0.hasPrefix("SUBCOMMANDS") }.dropFirst()
      .compactMap { $0.hasPrefix("  ") && !$0.hasPrefix("   ") ? $0.split(separator: " ").first.map(String.init) : nil }
    #expect(names.contains("compare"))
    let takers = try names.filter { try CommandRun([$0, "--help"]).output.contains("--batch <") }
    #expect(
      takers.sorted() == ["compare", "diagram", "import", "plan", "print", "profile", "run", "train"],
      "import makes no data")
  }
}
