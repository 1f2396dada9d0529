import ArgumentParser
import Foundation
import Testing

@testable import recurve_benchmark

/// Every wrong argument is named, with what was needed.
@Suite struct ArgumentTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var message: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let wrong = [
    Wrong(arguments: ["w1", "--size", "huge"], message: "--size got 'huge', needs tiny, small or base"),
    Wrong(arguments: ["w1", "--variant", "rnn"], message: "--variant got 'rnn', needs attn or mlp"),
    Wrong(arguments: ["w1", "--mode", "half"], message: "--mode got 'half', needs full, detached or ckpt"),
    Wrong(arguments: ["w1", "--depth", "0"], message: "--depth got 0, needs at least 1"),
    Wrong(arguments: ["w2", "--steps", "0"], message: "--steps and --threads need at least 1"),
    Wrong(arguments: ["w2", "--seconds=-1"], message: "--seconds got -1.0, needs 0 to 3600"),
    Wrong(arguments: ["decoding", "--seconds", "inf"], message: "--seconds got inf, needs 0 to 3600"),
    Wrong(arguments: ["all", "--seconds", "nan"], message: "--seconds got nan, needs 0 to 3600"),
    Wrong(arguments: ["w3", "--matmul", "mkl"], message: "--matmul got 'mkl', needs generated, openblas or auto"),
    Wrong(arguments: ["w3", "--layers", "0"], message: "--layers got 0, needs at least 1"),
    Wrong(
      arguments: ["w4", "--kernel", "gelu"],
      message: "--kernel got 'gelu', needs rmsnorm, swiglu, softmax, chain or adamw"),
    Wrong(arguments: ["w4", "--rows", "1"], message: "--rows got 1, needs at least 2"),
    Wrong(arguments: ["w4", "--elements", "7"], message: "--elements got 7, needs at least 1025"),
    Wrong(arguments: ["decoding", "--batch", "1,0"], message: "--batch got '0', needs numbers from 1 to 1024"),
    Wrong(arguments: ["decoding", "--rounds", "0"], message: "--threads and --rounds need at least 1"),
    Wrong(arguments: ["all", "--only", "w9"], message: "--only got 'w9', needs some of w1, w2, w3, w4"),
    Wrong(arguments: ["all", "--sizes", "tiny,xl"], message: "--sizes got 'xl', needs some of tiny, small, base"),
    Wrong(arguments: ["all", "--variants", "x"], message: "--variants got 'x', needs some of attn, mlp"),
    Wrong(arguments: ["all", "--modes", "x"], message: "--modes got 'x', needs some of full, detached, ckpt"),
    Wrong(arguments: ["all", "--rounds", "0"], message: "--rounds, --threads and --depth need at least 1"),
    Wrong(arguments: ["all", "--peers", "/nowhere"], message: "--peers and --peers-scripts need each other"),
    Wrong(
      arguments: ["all", "--peers", "/nowhere", "--peers-scripts", "/nowhere"],
      message: "found no file /nowhere/bin/python; Tools/peers-setup makes the peers' environment"),
    Wrong(
      arguments: ["all", "--only", "w2", "--sizes", "tiny"],
      message: "--sizes has no effect, needs w1 among the workloads of --only"),
    Wrong(
      arguments: ["all", "--only", "w2", "--depth", "4"],
      message: "--depth has no effect, needs w1 among the workloads of --only"),
    Wrong(arguments: ["all", "--systems", "torch"], message: "--systems has no effect, needs --peers"),
    Wrong(
      arguments: ["w4", "--kernel", "adamw", "--rows", "8"],
      message: "--rows has no effect on adamw, needs another --kernel"),
    Wrong(
      arguments: ["w4", "--kernel", "chain", "--elements", "2048"],
      message: "--elements has no effect on chain, needs --kernel adamw"),
    Wrong(arguments: ["unseen", "--rounds", "2"], message: "--rounds has no effect, needs --python"),
    Wrong(arguments: ["unseen", "--rounds", "0"], message: "--rounds got 0, needs at least 1"),
    Wrong(
      arguments: ["unseen", "--models", "conv", "--gradient", "full"],
      message: "--gradient has no effect on conv, where nothing repeats; needs another of --models"),
    Wrong(arguments: ["table", "/nowhere.json"], message: "cannot read /nowhere.json: found no file"),
    Wrong(
      arguments: ["table", "/proc/self/status"],
      message: "cannot read /proc/self/status: found other JSON than this program writes"),
    Wrong(
      arguments: ["w3", "--data", "/nowhere"],
      message: "found no file /nowhere/w3.safetensors; write it with the workload's gen.py, "
        + "or leave out --data to generate the same numbers"),
  ]

  @Test(arguments: wrong) func wrongArgumentsAreNamed(_ wrong: Wrong) {
    let error = #expect(throws: (any Error).self) {
      var command = try BenchmarkCommand.parseAsRoot(wrong.arguments)
      try command.run()
    }
    let message = error.map { BenchmarkCommand.message(for: $0) } ?? ""
    #expect(message == wrong.message)
  }

  @Test func missingTensorsAreNamed() throws {
    let tensors = WorkloadTensors(tensors: [:])
    let error = #expect(throws: BenchmarkError.self) { _ = try tensors["blk0.qkv"] }
    #expect("\(error.map { "\($0)" } ?? "")" == "the data file has no tensor 'blk0.qkv'")
  }

  @Test func failingProgramsSayWhatTheyPrinted() throws {
    let error = #expect(throws: BenchmarkError.self) {
      try ChildProcess.output("/bin/sh", ["-c", "echo no torch >&2; exit 3"], environment: [:])
    }
    #expect("\(error.map { "\($0)" } ?? "")" == "/bin/sh -c echo no torch >&2; exit 3 failed: no torch\n")
  }
}
