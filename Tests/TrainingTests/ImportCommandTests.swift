import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// `recurve import` with a checkpoint as the published code writes them.
@Suite(.enabled(if: KilledRun.isPossible)) struct ImportCommandTests {
  /// Names of the published code, with what its compiler puts before them.
  private static func published(_ weights: [String: HostTensor]) -> [String: HostTensor] {
    let names = [
      "embedding.table": "embed_tokens.embedding_weight", "puzzle": "puzzle_emb.weights", "answerStart": "H_init",
      "latentStart": "L_init", "readout.weight": "lm_head.weight", "halting.weight": "q_head.weight",
      "halting.bias": "q_head.bias",
    ]
    let parts = [
      ("net.blocks.", "L_level.layers."), ("mixer.attention.0.queryKeyValue", "self_attn.qkv_proj"),
      ("mixer.attention.0.output", "self_attn.o_proj"), ("mixer.positions.gateUp", "mlp_t.gate_up_proj"),
      ("mixer.positions.down", "mlp_t.down_proj"), ("feedForward.gateUp", "mlp.gate_up_proj"),
      ("feedForward.down", "mlp.down_proj"),
    ]
    let pairs = weights.filter { !$0.key.hasSuffix("sines") }.map { name, tensor in
      var tensor = tensor
      if name.hasPrefix("halting") {
        // The second score, to continue, is not used.
        tensor = HostTensor(Shape([2] + tensor.shape.extents.dropFirst()), tensor.floats + tensor.floats.map { $0 + 1 })
      }
      let other = names[name] ?? parts.reduce(name) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
      return ("_orig_mod.model.inner." + other, tensor)
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  @Test(arguments: ["attention", "mixer"]) func publishedCheckpointsAreTaken(_ variant: String) throws {
    try withTemporaryFolder { folder in
      var sizes = TinyRecursion.Sizes.nano
      sizes.variant = try #require(.init(rawValue: variant))
      let weights = try ParameterStore(TinyRecursion(sizes), seed: 9).tensors
      let (file, taken) = (folder + "/published.safetensors", folder + "/taken.safetensors")
      var all = Self.published(weights)
      all["_orig_mod.model.inner.rotary"] = HostTensor([3], [Float(1), 2, 3])
      try SafetensorsFile(tensors: all).write(to: file)
      let arguments = ["import", "tiny-recursion", file, "--preset", "nano", "--variant", variant]
      let found = try CommandRun(arguments + ["--output", taken])
      #expect(found.status == 0, "\(found.errors)")
      #expect(
        found.output.contains(#/halting\.bias +\[1\] +_orig_mod\.model\.inner\.q_head\.bias\[0:1\]/#), "\(found.output)"
      )
      #expect(found.output.contains(#/not taken from the file +shape\n-+  -+\n_orig_mod\.model\.inner\.rotary +\[3\]/#))
      let written = try SafetensorsFile(path: taken).tensors
      for (name, tensor) in weights { #expect(written[name] == tensor, "\(name)") }
      let json = try CommandRun(arguments + ["--json"]).output
      #expect(json.contains("\"not_taken\" : ["), "\(json)")
      let judged = try CommandRun([
        "run", "tiny-recursion", "--preset", "nano", "--variant", variant, "--checkpoint", taken, "--threads", "1",
        "--batches", "0", "--steps", "1",
      ])
      #expect(judged.status == 0, "\(judged.errors)")
    }
  }

  @Test func whatCannotBeTakenIsNamed() throws {
    try withTemporaryFolder { folder in
      let (file, rules) = (folder + "/other.safetensors", folder + "/rules.txt")
      let weights = try ParameterStore(TinyRecursion(.nano), seed: 9).tensors
      try SafetensorsFile(tensors: Self.published(weights)).write(to: file)
      func message(_ others: String...) throws -> String {
        let found = try CommandRun(["import", "tiny-recursion", file] + others)
        #expect(found.status != 0 && found.output.isEmpty)
        return found.errors
      }
      let sizes = try message("--preset", "micro", "--variant", "attention")
      #expect(
        sizes.contains(
          "'_orig_mod.model.inner.lm_head.weight' is f32[6, 64], 'readout.weight' needs f32[8, 128]"), "\(sizes)")
      #expect(try message("--map", "x=").contains("rule 1 of the map is 'x=', needs 'name in the file = "))
      #expect(try message("--map", folder + "/none").contains("needed a text, found no file"))
      try Data("# ours\n**.lm_head.weight = readout.weight\n".utf8).write(to: URL(fileURLWithPath: rules))
      let found = try CommandRun(["import", "tiny-recursion", file, "--map", rules])
      #expect(found.status == 0 && found.output.contains("weights as they were"), "\(found.errors)")
      let saving = ["import", "tiny-recursion", file, "--map", rules, "-o", folder + "/x.safetensors"]
      let incomplete = try CommandRun(saving)
      #expect(
        incomplete.status == 1
          && incomplete.errors.contains(
            #/has nothing for \d+ weights, which would stay as they begin: .+ and others; is/#),
        "\(incomplete.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/x.safetensors"))
      #expect(try CommandRun(saving + ["--only", "readout.weight"]).status == 0)
      let fewer = try CommandRun(saving + ["--only", "readout.**", "--only", "halting.*"])
      #expect(
        fewer.status == 1
          && fewer.errors.contains("has nothing for 2 weights, which would stay as they begin: halting."))
    }
  }
}
