import Foundation
import Interchange
import TensorTypes
import TestSupport
import Testing

/// Training, asking and continuing texts, as a user does it.
@Suite(.enabled(if: KilledRun.isPossible)) struct TextCommandTests {
  private static func withRun(
    _ model: String, _ others: [String], body: (_ folder: String, _ run: String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try Data(String(repeating: "to be, or not to be\n", count: 60).utf8).write(
        to: URL(fileURLWithPath: folder + "/text.txt"))
      let run = folder + "/run"
      let arguments = ["train", model, "--batch", "2", "--depth", "1", "--threads", "1", "--steps", "2", "-o", run]
      let training = try CommandRun(arguments + others, in: folder)
      #expect(training.status == 0, "\(training.errors)")
      try body(folder, run)
    }
  }

  @Test func arithmeticIsTrainedAskedAndTested() throws {
    try Self.withRun("arithmetic", ["--set", "digits=1-2"]) { folder, run in
      let answer = try CommandRun(["ask", run, "12 + 34", "--json"])
      #expect(answer.status == 0 && answer.output.contains("\"needed\" : \"46\""), "\(answer.errors)")
      #expect(answer.output.contains("\"is_ended\" : false") == answer.errors.contains(" breaks off behind "))
      let table = try CommandRun(["ask", run, "1+2=", "--top", "2"])
      #expect(table.output.contains(#/\ntoken +1 +2/#))
      let five = try CommandRun(["ask", run, "1+2=", "--probabilities", "--attention", folder + "/attention.svg"])
      #expect(five.output.contains(#/\ntoken +1 +2 +3 +4 +5 *\n/#), "\(five.errors)")
      let picture = try String(contentsOfFile: folder + "/attention.svg", encoding: .utf8)
      #expect(picture.contains("What each token of 1+2=") && picture.contains(">layer 0, head 3<"))
      let undrawn = try CommandRun(["ask", run, "1+2=", "--json", "--attention", folder + "/none/attention.svg"])
      #expect(undrawn.status == 1 && undrawn.output.contains("\"needed\" : \"3\""), "\(undrawn.output)")
      #expect(undrawn.errors.contains("cannot draw \(folder)/none/attention.svg"), "\(undrawn.errors)")
      let long = try CommandRun(["ask", run, "1+2+3"])
      #expect(long.status == 0 && long.errors.contains("3 operands; the model was trained on 2"), "\(long.errors)")
      let longer = try CommandRun(["ask", run, "100+2", "--json"])
      #expect(longer.output.contains("a number of 3 digits; the model was trained on 1-2"), "\(longer.errors)")
      let typed = try CommandRun(script: "printf '1+2\\n\\nx\\n3+4=\\n' | \"$RECURVE\" ask \(run) --json")
      #expect(typed.status == 0 && typed.errors.contains("'x', column 1: got 'x', needs a digit"))
      #expect(typed.output.contains("\"question\" : \"1+2=\"") && typed.output.contains("\"question\" : \"3+4=\""))
      let tested = try CommandRun(["run", run, "--json", "--threads", "1"])
      #expect(tested.output.contains("\"held_out\" : true"))
      let part = try CommandRun(["run", run, "--batches", "1", "--threads", "1"])
      #expect(
        part.status == 64 && part.output.isEmpty && part.errors.contains("--batches is 1, which has no effect: "),
        "\(part.errors)")
      #expect(tested.output.contains(#/"exact_match" : [01]/#) && tested.output.contains("\"carries\" : 1"))
      let shown = try CommandRun(["show", run])
      #expect(shown.output.contains(#/digits +1-2/#))
      let drawn = try CommandRun(["run", run, "--threads", "1", "--chart", folder + "/c.svg", "--by", "carries"])
      let bars = try String(contentsOfFile: folder + "/c.svg", encoding: .utf8)
      #expect(drawn.status == 0 && bars.contains(">carries<") && bars.contains(">exact match<"), "\(drawn.errors)")
      let wrong = try CommandRun(["run", run, "--threads", "1", "--chart", folder + "/c.svg", "--by", "hour"])
      #expect(
        wrong.status == 64 && wrong.errors.contains("no table is by 'hour'; there are tables by digits, carries"))
      #expect(try CommandRun(["run", run, "--by", "digits"]).errors.contains("--by needs --chart"))
    }
  }

  /// What dropout leaves out is a function of step and place: a run that was stopped, with another number of threads, too.
  @Test func dropoutGoesOnWithTheSameBits() throws {
    let options = ["--data", "text.txt", "--set", "dropout=0.2", "--schedule", "constant"]
    try Self.withRun("character-gpt", options) { folder, run in
      let resumed = try CommandRun(["train", run, "--resume", "--steps", "6", "--threads", "2"], in: folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      let whole = [
        "train", "character-gpt", "--batch", "2", "--depth", "1", "--threads", "1", "--steps", "6", "-o", "whole",
      ]
      #expect(try CommandRun(whole + options, in: folder).status == 0)
      let bytes = try ["whole", "run"].map { name in
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/checkpoint.safetensors"))
      }
      #expect(bytes[0] == bytes[1])
    }
  }

  /// The programs that decoding runs, looked at like a step.
  @Test func programsOfAModelArePlannedAndPrinted() throws {
    let small = ["arithmetic", "--depth", "1", "--threads", "1"]
    let plan = try CommandRun(["plan", "--program", "decode", "--json"] + small)
    #expect(plan.status == 0 && plan.output.contains("\"model\" : \"decode\""), "\(plan.errors)")
    let text = try CommandRun(["print", "--program", "decode", "arithmetic", "--depth", "1"])
    #expect(text.output.contains("dynamic_update_slice") && text.output.contains("cache.position"))
    #expect(try CommandRun(["print", "--program", "decode", "--stage", "schedule"] + small).status == 0)
    let measured = try CommandRun(["plan", "--program", "prefill", "--measure"] + small)
    #expect(measured.output.contains("a run writes up to"), "\(measured.errors)")
    let unknown = try CommandRun(["plan", "--program", "step"] + small)
    #expect(unknown.status == 64 && unknown.errors.contains("training step: prefill, decode"))
    #expect(try CommandRun(["list", "arithmetic"]).output.contains(#/\ndecode +adds one token to the cache/#))
  }

  @Test func whatCannotBeAskedIsRefused() throws {
    try Self.withRun("arithmetic", []) { folder, run in
      func message(_ arguments: String...) throws -> String {
        let found = try CommandRun(arguments, in: folder)
        #expect(found.status == 64, "\(arguments)")
        return found.errors
      }
      #expect(try message("ask", run, "1/0").contains("'1/0' divides by zero"))
      #expect(
        try message("ask", run, "5-3").contains("'5-3' has -, which the model was not trained on; it knows +"))
      #expect(
        try message("ask", run, "1234567890+1234567890").contains(
          "'1234567890+1234567890' is 32 tokens long with its answer, needs at most 12, which the model sees"))
      #expect(try message("ask", run, "9999+9999=").contains("'9999+9999' is 15 tokens long with its answer"))
      #expect(try message("ask", run, "1+2", "--top", "0").contains("--top is 0, needs 1 to 17"))
      #expect(
        try message("ask", run, "1+2", "--attention", "x.pdf").contains(
          "--attention got 'x.pdf', needs a name that ends with .svg or .png"))
      #expect(
        try message("ask", run, "--attention", "x.svg").contains("--attention draws one question; none is given"))
      #expect(try message("ask", folder, "1+2").contains("is no folder of a run; needs one that `recurve train` has"))
      let other = try CommandRun(["train", run, "--resume", "--set", "digits=4"], in: folder)
      #expect(other.status == 64 && other.errors.contains("--set digits: the run has usual, now it is 4"))
      #expect(
        try message("ask", run, "9999999999x9999999999x9999999999x9999999999").contains(
          "the factors of '9999999999x9999999999x9999999999x9999999999' have 40 digits, needs at most 36"))
      #expect(
        try message("train", "arithmetic", "--depth", "5000").contains(
          "setting depth is '5000', needs a whole number of layers from 1 to 1000"))
      #expect(
        try message("train", "arithmetic", "--data", "run").contains(
          "setting data is 'run', needs none: expressions are made here"))
      let saved = try CommandRun(["run", run, "--save", "weights.safetensors", "--threads", "1"], in: folder)
      #expect(saved.status == 0, "\(saved.errors)")
      let weights = try SafetensorsFile(path: folder + "/weights.safetensors").tensors
      #expect(weights["task.vocabulary"] != nil && weights["task.batch"] == nil)
      #expect(try message("train", "arithmetic", "--set", "digits").contains("--set got 'digits', needs name=value"))
      #expect(
        try message("train", "arithmetic", "--set", "digits=1", "--set", "digits=2").contains(
          "--set gives digits twice"))
      #expect(
        try message("train", "tiny-recursion", "--set", "x=1").contains("no setting is called 'x'; there are updates"))
    }
  }

  /// Tokens that mean something else, and a table of positions of another length.
  @Test func otherCheckpointsAreRefused() throws {
    try Self.withRun("arithmetic", ["--set", "positions=learned"]) { _, run in
      let shorter = try CommandRun(["run", run, "--set", "digits=1", "--threads", "1"])
      #expect(
        shorter.status == 1
          && shorter.errors.contains(
            "learned positions have a vector for each of the 6 tokens of the longest expression, needs expressions as "
              + "long as those that the weights were trained on"),
        "\(shorter.errors)")
      let checkpoint = run + "/checkpoint.safetensors"
      var file = try SafetensorsFile(path: checkpoint)
      file.tensors["task.vocabulary"] = HostTensor([1], [48] as [Int32])
      try file.write(to: checkpoint)
      let other = try CommandRun(["ask", run, "1+2"])
      #expect(
        other.status == 1
          && other.errors.contains(
            "the vocabulary is another one: '1' '2' '3' '4' '5' '6' '7' '8' and 8 more are not in the checkpoint"),
        "\(other.errors)")
      file.tensors["task.vocabulary"] = nil
      try file.write(to: checkpoint)
      #expect(try CommandRun(["ask", run, "1+2"]).errors.contains("\n  it holds no vocabulary"))
    }
  }

  @Test func textsAreContinuedByBytePairs() throws {
    try Self.withRun("character-gpt", ["--data", "text.txt", "--set", "vocabulary=262", "--seed", "1"]) { folder, run in
      let tested = try CommandRun(["run", run, "--threads", "1"])
      for unit in ["word", "byte"] { #expect(tested.output.contains("perplexity_per_\(unit)"), "\(tested.errors)") }
      try FileManager.default.removeItem(atPath: folder + "/text.txt")
      // Bytes spell what the text never had.
      let continued = try CommandRun(["generate", run, "--prompt", "BÄ", "--tokens", "5", "--threads", "1", "--json"])
      #expect(continued.status == 0 && continued.output.contains("\"tokens\" : 5"), "\(continued.errors)")
      let checkpoint = run + "/checkpoint.safetensors"
      var file = try SafetensorsFile(path: checkpoint)
      file.tensors["task.vocabulary"] = HostTensor([1, 2], [300, 0] as [Int32])
      try file.write(to: checkpoint)
      let broken = try CommandRun(["generate", run, "--prompt", "to"])
      let problem = "the vocabulary is none: got 300 0, needs two of the tokens 0..<256"
      #expect(
        broken.status == 1
          && broken.errors.contains("\(checkpoint) is not a checkpoint of this model:\n  \(problem)"),
        "\(broken.errors)")
    }
  }

  @Test func textsAreContinued() throws {
    try Self.withRun("character-gpt", ["--data", "text.txt"]) { folder, run in
      let continued = ["generate", run, "--prompt", "to be", "--tokens", "70", "--threads", "1"]
      let (first, second) = (try CommandRun(continued), try CommandRun(continued))
      #expect(first.status == 0 && first.output.hasPrefix("to be") && first.output == second.output, "\(first.errors)")
      let tested = try CommandRun(["run", run, "--json", "--threads", "1"])
      #expect(tested.output.contains("\"held_out\" : true"))
      #expect(tested.output.contains(#/"perplexity" : \d/#), "\(tested.errors)")
      // Another text of as many characters has other tokens.
      try Data(String(repeating: "to de, or not to de\n", count: 60).utf8).write(
        to: URL(fileURLWithPath: folder + "/other.txt"))
      let mixed = try CommandRun(["run", run, "--data", folder + "/other.txt"])
      #expect(
        mixed.status == 1 && mixed.errors.contains("the vocabulary is another one: the checkpoint has 'b', which is"),
        "\(mixed.errors)")
      // Weights of another run may have been trained on what this one holds out.
      let half = String(repeating: "to be, or not to be\n", count: 60)
      try (half + "be to\n").write(toFile: folder + "/third.txt", atomically: true, encoding: .utf8)
      let third = try CommandRun([
        "train", "character-gpt", "--data", folder + "/third.txt", "--steps", "1", "--threads", "1", "--batch", "4",
        "--depth", "1",
        "--validate-every", "0", "--output", folder + "/third",
      ])
      #expect(third.status == 0, "\(third.errors)")
      let foreign = try CommandRun(["run", run, "--checkpoint", folder + "/third/checkpoint.safetensors", "--json"])
      #expect(foreign.output.contains("\"held_out\" : false"), "\(foreign.errors)")
      let ownAgain = try CommandRun(["run", run, "--checkpoint", run + "/checkpoint.safetensors", "--json"])
      #expect(ownAgain.output.contains("\"held_out\" : true"), "\(ownAgain.errors)")
      for (option, value) in [("--steps", "3"), ("--number", "0")] {
        let refused = try CommandRun(["run", run, option, value])
        #expect(refused.status == 64 && refused.errors.contains("\(option) is \(value), which has no effect: "))
      }
      let kept = try CommandRun(["tokenizer", "train", folder + "/text.txt", "-o", run + "/checkpoint.safetensors"])
      #expect(kept.status == 64 && kept.errors.contains("--output"), "\(kept.errors)")
      // The text is not needed to continue another one.
      try FileManager.default.removeItem(atPath: folder + "/text.txt")
      let greedy = try CommandRun(continued + ["--greedy", "--json"])
      #expect(greedy.status == 0 && greedy.output.contains("\"tokens\" : 70"), "\(greedy.errors)")
      func message(_ others: String...) throws -> String { try CommandRun(continued + others).errors }
      #expect(try message("--temperature", "0").contains("the temperature is 0.0, needs a finite number above 0"))
      #expect(try message("--greedy", "--top-p", "0.5").contains("--top-p has no effect with --greedy"))
      #expect(try message("--top-p", "2").contains("the share of the most probable tokens is 2.0, needs more than 0"))
      #expect(try message("--tokens", "0").contains("--tokens is 0, needs at least 1"))
      #expect(try message("--prompt", "").contains("--prompt is empty, needs a text to be continued"))
      #expect(
        try message("--prompt", "to BE").contains(
          "line 1, column 4: 'B' (U+0042) is not among the 9 tokens of the vocabulary; there is 'b' (U+0062)"))
      #expect(
        try message("--prompt", String(repeating: "to", count: 40)).contains(
          "the prompt has 80 tokens, the model sees 64"))
      #expect(
        try CommandRun(["ask", run, "1+2"]).errors.contains("is a run of character-gpt, needs one of arithmetic"))
      try FileManager.default.removeItem(atPath: run + "/checkpoint.safetensors")
      let early = try CommandRun(continued)
      #expect(early.status == 1 && early.errors.contains("has no checkpoint yet; continue the run with"))
      let puzzles = folder + "/puzzles"
      #expect(try CommandRun(CommandRun.training(puzzles, steps: 1)).status == 0)
      let other = try CommandRun(["generate", puzzles, "--prompt", "x"])
      #expect(other.status == 64 && other.errors.contains("is a run of tiny-recursion, which continues no texts"))
    }
  }
}
