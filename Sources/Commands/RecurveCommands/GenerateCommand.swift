import ArgumentParser
import Compilation
import Foundation
import Text
import Training

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Continues a text by a trained model of text.")

  @Argument(help: ArgumentHelp("Folder of `recurve train`.", valueName: "run")) var path: String
  @Option(help: "The text to be continued.") var prompt: String
  @Option(help: "Tokens at most.") var tokens: Int = 200
  @Option(help: "Above 0, 0.8 without it: below 1 what is probable becomes more so.") var temperature: Double?
  @Option(help: "Only the most probable tokens are chosen among, which together have this share; 1 without it.")
  var topP: Double?
  @Flag(help: "Always chooses the most probable token.") var greedy = false
  @Option(help: "Of what is chosen by chance; 0 without it.") var seed: Int32?
  @Option(help: "Threads; all processors by default.") var threads: Int?
  @Flag(help: "Prints JSON.") var json = false

  private struct Report: Codable {
    var prompt: String
    var text: String
    var tokens: Int
    var cache_bytes: Int
    var seconds: Double
  }

  func validate() throws {
    try ArgumentChecks.check("tokens", tokens, 1...1_000_000)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
    let chances = [("temperature", temperature != nil), ("top-p", topP != nil), ("seed", seed != nil)]
    for (option, isGiven) in chances where isGiven && greedy {
      throw ValidationError("--\(option) has no effect with --greedy, needs one of them")
    }
    try ArgumentChecks.asUsage { try sampling.check() }
    if prompt.isEmpty { throw ValidationError("--prompt is empty, needs a text to be continued") }
  }

  private var sampling: Sampling { greedy ? .greedy : .random(temperature: temperature ?? 0.8, top: topP ?? 1) }

  func run() throws {
    let run = try TrainedRun(path, of: try family())
    guard let task = try run.task() as? any TextTask else { throw CommandError.noTextModel(path, run.family.name) }
    if let problem = run.progress["vocabulary"].map({ task.vocabulary.problem(in: $0) }) ?? "it holds none" {
      throw CheckpointError(path: run.folder.checkpoint, problems: [problem])
    }
    let prompt = try task.vocabulary.encode(prompt)
    var options = CompilerOptions()
    if let threads { options.workerCount = threads }
    let decoder = try decoder(task.languageModel, run, task, options)
    try write(decoder, prompt, task.vocabulary)
  }

  private func family() throws -> ModelFamily {
    let folder = RunFolder(path)
    guard folder.holdsRecord else { throw TrainedRunError.noRun(path) }
    return try RecurveCommandLine.family(try RunRecord(path: folder.record).family)
  }

  private func decoder(
    _ model: some LanguageModel, _ run: TrainedRun, _ task: any TextTask, _ options: CompilerOptions
  ) throws -> Decoder {
    try Decoder(
      model, try run.store(of: task.model), capacity: task.context, sampling: sampling, seed: seed ?? 0, options)
  }

  private func write(_ decoder: Decoder, _ prompt: [Int32], _ vocabulary: any TextVocabulary) throws {
    Interruption.listen()
    let start = ContinuousClock.now
    let end = vocabulary.number(ofSpecial: "<end>")
    var count = 0
    let completion = try decoder.complete([prompt], atMost: tokens, until: end) { _ in
      count += 1
      if !json, count % 200 == 0 { Output.progress("\(count) of \(tokens) tokens") }
      return !Interruption.isRequested
    }[0]
    let text = vocabulary.decode(completion.tokens)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if json {
      try Output.json(
        Report(
          prompt: self.prompt, text: text, tokens: completion.tokens.count, cache_bytes: decoder.cacheByteCount,
          seconds: seconds))
    } else {
      try Output.result(self.prompt + text)
    }
    if let code = Interruption.exitCode { throw ExitCode(code) }
  }
}
