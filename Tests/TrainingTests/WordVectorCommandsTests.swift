import Foundation
import Interchange
import TestSupport
import Testing

/// Word vectors on the command line, from training to what is asked of them.
@Suite struct WordVectorCommandsTests {
  /// As every command about a run has it.
  @Test func averagesAnswerWhereThereAreSome() throws {
    try withTemporaryFolder { folder in
      let (run, file) = (folder + "/run", folder + "/vectors.txt")
      let trained = try CommandRun([
        "train", "word-vectors", "--steps", "20", "--threads", "1", "--output", run, "--set", "width=16", "--average",
        "0.9", "--validate-every", "0",
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(try CommandRun(["vectors", run, "-o", file]).status == 0)
      let tensors = try SafetensorsFile(path: run + "/checkpoint.safetensors").tensors
      let averages = try #require(tensors["train/average/words"]).floats
      let first = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")[1].split(separator: " ")
      let found = first.dropFirst().compactMap { Float($0) }
      #expect(zip(found, averages).allSatisfy { abs($0 - $1) < 1e-5 } && found.count == 16)
      #expect(tensors["words"]?.floats.prefix(16) != averages.prefix(16))
    }
  }

  @Test func aRunAnswers() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let trained = try CommandRun([
        "train", "word-vectors", "--steps", "60", "--threads", "1", "--output", run, "--set", "width=16", "--json",
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      let none = "validations are on the training data: no others are held out"
      #expect(trained.errors.contains(none) == trained.errors.contains(", validation: "), "\(trained.errors)")
      let plan = try CommandRun(["plan", run, "--rows", "1"])
      #expect(plan.output.contains("an update of contexts: at most"), "\(plan.output)\(plan.errors)")
      let near = try CommandRun(["neighbours", run, "king", "--count", "3", "--json"])
      #expect(near.status == 0 && near.output.contains("\"word\" : \"king\""), "\(near.errors)")
      let analogy = try CommandRun(["analogy", run, "man", "king", "woman"])
      #expect(analogy.status == 0 && analogy.output.split(separator: "\n").count == 12)
      let unknown = try CommandRun(["neighbours", run, "kingg"])
      #expect(unknown.status == 64 && unknown.errors.contains("the vocabulary has no word 'kingg'; it has king"))
      try "man woman 9\nking queen 8\ndog violin 1\nnone such 2\n".write(
        toFile: folder + "/pairs.txt", atomically: true, encoding: .utf8)
      let similarity = try CommandRun(["similarity", run, folder + "/pairs.txt"])
      #expect(similarity.status == 0 && similarity.output.contains("3 of 4"), "\(similarity.errors)")
      let vectors = try CommandRun(["vectors", run, "-o", folder + "/vectors.txt", "--json"])
      #expect(vectors.status == 0 && vectors.output.contains("\"width\" : 16"))
      #expect(try String(contentsOfFile: folder + "/vectors.txt", encoding: .utf8).contains("\nking "))
      // Words go wherever vectors go.
      let saved = try CommandRun(["run", run, "--save", folder + "/words.safetensors", "--threads", "1"])
      let again = try CommandRun(["neighbours", folder + "/words.safetensors", "king", "--count", "3", "--json"])
      #expect(saved.status == 0 && again.output == near.output, "\(saved.errors) \(again.errors)")
      try "some other words are here, and here are other words\n".write(
        toFile: folder + "/other.txt", atomically: true, encoding: .utf8)
      let other = try CommandRun(["run", run, "--data", folder + "/other.txt", "--threads", "1"])
      #expect(other.status == 1 && other.errors.contains("vocabulary is i32["), "\(other.errors)")
      let map = try CommandRun(["word-map", run, "--around", "king,paris", "-o", folder + "/map.svg"])
      #expect(map.status == 0 && FileManager.default.fileExists(atPath: folder + "/map.svg"), "\(map.errors)")
      let pair = try CommandRun(["word-map", run, "--words", "man,woman", "-o", folder + "/pair.svg"])
      let picture = try String(contentsOfFile: folder + "/pair.svg", encoding: .utf8)
      #expect(pair.status == 0 && picture.contains("component 2, 0 % of the variance"), "\(pair.errors)")
      // Places are printed where no picture can be drawn.
      let lost = try CommandRun(["word-map", run, "--count", "2", "--json", "-o", folder + "/none/map.svg"])
      #expect(lost.status == 1 && lost.output.matches(of: #/"y" : 0\n/#).count == 2, "\(lost.output)\(lost.errors)")
      #expect(lost.errors.contains("cannot draw \(folder)/none/map.svg"), "\(lost.errors)")
    }
  }

  @Test func whatHoldsNoVectorsIsRefused() throws {
    try withTemporaryFolder { folder in
      let none = try CommandRun(["neighbours", folder, "king"])
      #expect(
        none.status == 64 && none.errors.contains("is no run; needs the folder that `recurve train word-vectors`"))
      try "{}".write(toFile: folder + "/checkpoint.safetensors", atomically: true, encoding: .utf8)
      #expect(try CommandRun(["neighbours", folder, "king"]).status == 1)
      let data = try CommandRun(["train", "word-vectors", "--data", folder + "/none.txt", "--output", folder + "/run"])
      #expect(data.status == 1 && data.errors.contains("none.txt: needed a text, found no file"), "\(data.errors)")
    }
    for (arguments, needed) in [
      (["word-map", "run", "-o", "map.gif"], "--output got 'map.gif', needs a name that ends with .svg or .png"),
      (["word-map", "run", "--count", "0"], "--count is 0, needs at least 1"),
      (["neighbours", "run", "king", "--count", "0"], "--count is 0, needs at least 1"),
      (["vectors", "run", "--json"], "--json needs --output"),
    ] {
      let run = try CommandRun(arguments)
      #expect(run.status == 64 && run.errors.contains(needed), "\(run.errors)")
    }
  }
}
