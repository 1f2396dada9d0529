import ArgumentParser
import Foundation
import Interchange
import Modeling
import Reports
import Text
import Training

/// Takes weights of other programs.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Takes a model's weights from a safetensors file of another program.",
    discussion: """
      A rule says what a tensor of the file is called here: 'name in the file = name of the weight'. In the file's name ** \
      at the beginning stands for anything, * for one part; [first:end] takes some rows, ^T swaps rows and columns, and + \
      puts tensors one below the other. Without --map the model's own rules for published checkpoints hold. A checkpoint of \
      PyTorch becomes such a file by

        python3 -c "import sys, torch; from safetensors.torch import save_file; save_file({k: v.float().contiguous() \
      for k, v in torch.load(sys.argv[1], map_location='cpu').items()}, sys.argv[2])" model.pth model.safetensors
      """)

  @OptionGroup var arguments: ModelArguments
  @OptionGroup var step: StepArguments

  @Argument(help: "The safetensors file.") var file: String
  @Option(help: "A rule, or a file of rules, one a line; may be given more than once.") var map: [String] = []
  @Option(help: "Paths of weights to take, for example net.**; may be given more than once. All without it.")
  var only: [String] = []
  @Option(name: .shortAndLong, help: "File of weights to write, for --checkpoint of other commands.") var output:
    String?
  @Flag(help: "Prints what was taken and what was not as JSON.") var json = false

  func validate() throws {
    try arguments.refuseKernelOptions(needing: "none: this command runs no step")
    try ArgumentChecks.checkNoRunFile("output", output)
    try ArgumentChecks.checkOutput("output", output, isNone: [file, arguments.data] + map)
  }

  func run() throws {
    let choice = try arguments.choice(step, writing: [("output", output)])
    let model = try choice.task(isTraining: false).task.model
    let store = try ParameterStore(model, seed: choice.options.seed)
    let patterns = only.map { PathPattern($0) }
    let report = try store.take(file, by: try rules(choice.family, store), only: patterns)
    if let output {
      try check(report, of: model, patterns)
      try store.save(to: output)
    }
    if json { return try Output.json(report) }
    try Output.result(text(report))
    if let output { Output.progress("wrote \(output)") }
  }

  /// - Throws: `CommandError.incompleteWeights` for weights that were asked for and are as they began.
  private func check(_ report: ImportReport, of model: any Model, _ patterns: [PathPattern]) throws {
    // Numbers that are not learned are right as they begin.
    let learned = Set(WeightPaths(of: model).weights.filter(\.weight.isTrained).map(\.name))
    let missing = report.kept.map(\.name).filter { name in
      learned.contains(name) && (patterns.isEmpty || patterns.contains { $0.matches(name) })
    }
    if !missing.isEmpty { throw CommandError.incompleteWeights(file, missing: missing) }
  }

  /// Nil where the file's names are those of the weights.
  private func rules(_ family: ModelFamily, _ store: ParameterStore) throws -> TensorMap? {
    if map.isEmpty {
      let names = Set(try SafetensorsFile(path: file).tensors.keys)
      let isOwn = store.names.contains(where: names.contains)
      return family.publishedNames.isEmpty || isOwn ? nil : try TensorMap(family.publishedNames)
    }
    return try TensorMap(
      try map.flatMap { text -> [String] in
        if text.contains("="), !FileManager.default.fileExists(atPath: text) { return [text] }
        return try TextFile(path: text).lines.map(String.init)
      })
  }

  private func text(_ report: ImportReport) -> String {
    func table(_ title: String, _ entries: [ImportReport.Entry]) -> String? {
      if entries.isEmpty { return nil }
      let rows = entries.map { [$0.name, "[\($0.shape)]"] + ($0.source.isEmpty ? [] : [$0.source]) }
      let header = [title, "shape"] + (rows[0].count > 2 ? ["from"] : [])
      return TextTable.aligned([header] + rows, leftColumns: [0, 1, 2])
    }
    return [
      table("taken", report.taken), table("not taken from the file", report.notTaken),
      table("weights as they were", report.kept),
    ].compactMap { $0 }.joined(separator: "\n\n")
  }
}
