import Foundation
import Puzzles
import Recurve
import TestSupport
import Testing

@testable import LearningPath

@Suite struct LearningPathTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Graphs").path

  static func read(_ path: String) throws -> String { try String(contentsOfFile: folder + "/" + path, encoding: .utf8) }

  @Test func fourteenExamplesAndTheStart() {
    let names = LearningPath.experiments.map(\.name)
    #expect(
      names == ["0", "4a", "4b", "4c", "5a", "5b", "6a", "6b", "7a", "7b", "8a", "8b", "9a", "9b", "10"])
    for experiment in LearningPath.experiments {
      let sentences = experiment.idea.split(separator: ".").count
      #expect((4...8).contains(sentences), "\(experiment.name) has \(sentences) sentences")
      #expect(experiment.seedCount >= 5)
    }
  }

  @Test func theDocumentTellsEachIdea() throws {
    let text = try Self.read("LearningPath/README.md").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for experiment in LearningPath.experiments {
      let idea = experiment.idea.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains("## \(experiment.name): \(experiment.title) \(idea)"), "\(experiment.name)")
    }
  }

  /// Every piece of Swift in the document is a piece of the sources, but for indentation.
  @Test func theDocumentShowsTheSources() throws {
    func lines(_ text: some StringProtocol) -> String {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }
    let names = FileManager.default.enumerator(atPath: Self.folder)?.compactMap { $0 as? String } ?? []
    let sources = try names.filter { $0.hasSuffix(".swift") }.map { lines(try Self.read($0)) }.joined(separator: "\n")
    let blocks = try Self.read("LearningPath/README.md").components(separatedBy: "```swift\n").dropFirst()
    #expect(blocks.count >= LearningPath.experiments.count)
    for block in blocks {
      let code = lines(block.components(separatedBy: "```")[0])
      #expect(sources.contains(code), "\(code.prefix(200))")
    }
  }

  @Test func picturesOfTheDocumentExist() throws {
    let text = try Self.read("LearningPath/README.md")
    let paths = text.components(separatedBy: "](").dropFirst().map { $0.prefix { $0 != ")" } }
    #expect(paths.count >= LearningPath.experiments.count)
    for path in paths where path.hasSuffix(".svg") {
      #expect(FileManager.default.fileExists(atPath: Self.folder + "/LearningPath/" + path), "\(path)")
    }
  }

  /// `last(2)` of a single recursion is all of it; the error came after twenty minutes of training.
  @Test func bytesByDepthBeginWithOneRecursion() throws {
    let options = CompilerOptions(workerCount: 1)
    let rows = try LearningPath.depthTable([.full, .last(2)], [1, 2], options).rows
    #expect(rows[0].dropFirst() == rows[1].dropFirst(), "\(rows)")
  }

  /// The smallest examples run in a moment and hold what they promise.
  @Test(arguments: ["4a", "4c"]) func smallExamplesHold(_ name: String) throws {
    let experiment = try #require(LearningPath.experiments.first { $0.name == name })
    try withTemporaryFolder { folder in
      let run = ExperimentRun(experiment, seeds: [1, 2, 3], folder: folder, showsProgress: false)
      let findings = try experiment.measure(run)
      #expect(findings.isPassed, "\(findings.checks)")
      #expect(FileManager.default.fileExists(atPath: folder + "/loss.svg"))
    }
  }

  /// Every model of the path is traced, differentiated and compiled as its example uses it.
  @Test func modelsCompile() throws {
    let models: [(name: String, model: any Model)] = [
      ("perceptron", Perceptron([2, 4, 1], batch: 4, hidden: .leakyReLU)),
      (
        "classifier",
        Classifier(inputs: 18, width: 8, depth: 3, classes: 8, batch: 4, activation: .tanh, hasResiduals: true)
      ),
      ("counting", CountingNetwork(batch: 4, length: 6, seesEveryStep: true)),
      ("parity", ParityNetwork(bits: 3, width: 4, passes: 3)), ("gap", GapNetwork(width: 8, batch: 4, recursions: 2)),
      ("refinement", RefinementNetwork(width: 8, batch: 4, refinements: 3)),
      ("prefix", PrefixSumNetwork(width: 8, batch: 4, .everyStepDetached)),
      ("cell", CellNetwork(width: 8, batch: 4, steps: 2)),
    ]
    for (name, model) in models {
      let trainer = try Trainer(model, optimizer: .adam(), name: name, CompilerOptions(workerCount: 1))
      #expect(trainer.disconnectedWeights.isEmpty, "\(name): \(trainer.disconnectedWeights)")
    }
  }
}
