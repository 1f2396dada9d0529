import Recurve
import Testing

@testable import recurve_benchmark

/// The training step that peers run gives their losses: double-precision trajectories of PyTorch on the same numbers.
@Suite struct WorkloadOneTests {
  /// Losses after 0, 1, 5 and 20 updates.
  struct Expected: Sendable, CustomTestStringConvertible {
    var variant: String
    var mode: String
    var losses: [Double]
    var testDescription: String { "\(variant) \(mode)" }
  }

  static let expected: [Expected] = [
    Expected(variant: "attn", mode: "full", losses: [3.55705778, 3.31770054, 2.83134549, 2.47404396]),
    Expected(variant: "attn", mode: "detached", losses: [3.55705778, 3.38718866, 2.97888810, 2.47550421]),
    Expected(variant: "attn", mode: "ckpt", losses: [3.55705778, 3.31770054, 2.83134549, 2.47404396]),
    Expected(variant: "mlp", mode: "full", losses: [3.17747489, 2.81212741, 2.24952702, 1.43167550]),
    Expected(variant: "mlp", mode: "detached", losses: [3.17747489, 3.07923532, 2.78804316, 2.34127900]),
    Expected(variant: "mlp", mode: "ckpt", losses: [3.17747489, 2.81212741, 2.24952702, 1.43167550]),
  ]

  @Test(arguments: expected) func lossesEqualThePeers(_ expected: Expected) throws {
    let command = try WorkloadOne.parse([
      "--size", "tiny", "--variant", expected.variant, "--mode", expected.mode, "--threads", "1", "--seconds", "0",
    ])
    let report = try command.measure()
    for (update, loss) in zip([0, 1, 5, 20], expected.losses) {
      #expect(abs(report.losses[update] - loss) <= 1e-4, "after \(update) updates")
    }
    #expect(report.planned_bytes == report.highest_bytes)
  }

  /// What is switched off costs launches, not bits; nor do more workers.
  @Test(arguments: ["attn", "mlp"]) func switchesLeaveTheBitsAlone(_ variant: String) throws {
    let reports = try [[], ["--no-streaming"], ["--no-streaming", "--no-fusion"]].map { switches in
      let arguments = ["--size", "tiny", "--variant", variant, "--steps", "3", "--seconds", "0", "--threads"]
      let one = try WorkloadOne.parse(arguments + ["1"] + switches).measure()
      let two = try WorkloadOne.parse(arguments + ["2"] + switches).measure()
      #expect(one.losses == two.losses)
      return one
    }
    #expect(Set(reports.map(\.losses)).count == 1)
    #expect(reports[0].plan_steps < reports[1].plan_steps && reports[1].plan_steps < reports[2].plan_steps)
  }

  @Test func openBLASGivesTheSameLosses() throws {
    let command = try WorkloadOne.parse([
      "--size", "tiny", "--matmul", "openblas", "--steps", "6", "--threads", "1", "--seconds", "0",
    ])
    let report = try command.measure()
    for (update, loss) in zip([0, 1, 5], Self.expected[0].losses) {
      #expect(abs(report.losses[update] - loss) <= 1e-4, "after \(update) updates")
    }
  }

  @Test func missingDataIsNamed() throws {
    let command = try WorkloadOne.parse(["--size", "tiny", "--data", "/nowhere"])
    let error = #expect(throws: BenchmarkError.self) { try command.measure() }
    #expect(
      "\(error.map { "\($0)" } ?? "")"
        == "found no file /nowhere/w1_tiny_attn.safetensors; write it with the workload's gen.py, "
        + "or leave out --data to generate the same numbers")
  }
}
