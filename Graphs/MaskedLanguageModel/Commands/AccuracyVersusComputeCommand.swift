import ArgumentParser
import Foundation
import Recurve
import RecurveCommands

/// Trains masked language models of several forms at equal steps and at equal compute.
struct AccuracyVersusComputeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy-vs-compute",
    abstract: "Trains masked language models by layers and by recursion: accuracy at equal steps, compute and weights.",
    discussion: """
      bert x N has N layers; recurrent x N applies one layer N times, with fewer weights; wide recurrent x N has as many \
      weights. Each is trained for as many steps as the first and for as much compute, counted by the compiler, and judged on \
      the same held-out text with the same masks. Beside the figures stands what a step computes in, by gradient mode.
      """)

  @Option(help: "Sizes by name; `recurve list masked-language-model` shows them.") var preset: String?
  @Option(help: "A file or folder of texts in place of the demonstration text.") var data: String?
  @Option(help: "Training steps of bert; the recipe's without it.") var steps: Int?
  @Option(help: "Minutes of training that bert takes here, in place of steps.") var minutes: Double?
  @Option(help: "Seeds of each, from 1.") var seeds: Int = 3
  @Option(help: "Applications of the recurrent models' layer, separated by commas.") var depths: String = "1,2,4,8"
  @Option(help: "Masked tokens of the held-out text, each time it is judged.") var tokens: Int = 10_000
  @Option(
    name: .shortAndLong,
    help: "Folder for results.json and the pictures; results that are there already are not trained again.")
  var output: String?
  @Option(help: "Threads; all processors by default.") var threads: Int?
  @Flag(help: "Shows what each costs, and trains none.") var prices = false
  @Flag(help: "Prints the results as JSON.") var json = false

  func validate() throws {
    try ArgumentChecks.check("steps", steps, 1...1_000_000)
    try ArgumentChecks.check("seeds", seeds, 1...1000)
    try ArgumentChecks.check("tokens", tokens, 1...100_000_000)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
    if let minutes, !(minutes > 0 && minutes <= 100_000) {
      throw ValidationError("--minutes is \(minutes), needs a number above 0, at most 100000")
    }
    if steps != nil && minutes != nil { throw ValidationError("--steps and --minutes say the same; needs one of them") }
    if prices, steps != nil || minutes != nil || output != nil {
      throw ValidationError("--prices trains none; leave out --steps, --minutes and --output")
    }
    _ = try parsedDepths()
  }

  private func parsedDepths() throws -> [Int] { try ArgumentChecks.numbers("depths", depths, 1...1000) }

  func run() throws {
    let experiment = try experiment()
    let lock = try output.map { try KeptResults.lock($0) }
    defer { withExtendedLifetime(lock) {} }
    let setting = try setting(experiment)
    var results: [ComputeResult] = prices ? [] : try KeptResults.read(path, of: setting)
    // What one of them gives is not lost where another fails.
    let outcomes: [Result<Void, any Error>] = [
      Result { if !prices { try train(experiment, setting, &results, lock) } },
      Result { try show(report(experiment, setting, results)) },
      Result { try write(report(experiment, setting, results), lock) },
    ]
    for outcome in outcomes { try outcome.get() }
    if let code = Interruption.exitCode { throw ExitCode(code) }
  }

  private func show(_ report: ComputeReport) throws {
    if json { return try Output.json(report) }
    try Output.result(report.results.isEmpty ? report.priceText : report.text)
  }

  private func report(
    _ experiment: ComputeExperiment, _ setting: ComputeSetting, _ results: [ComputeResult]
  ) -> ComputeReport {
    ComputeReport(
      setting, prices: experiment.prices, results: results, unigramLoss: experiment.text.unigramLoss)
  }

  private func experiment() throws -> ComputeExperiment {
    let family = MaskedLanguageModel.family
    let options = try family.completed(ModelOptions(preset: preset, dataPath: data))
    let recipe = try family.recipe(for: options)
    let text = try MaskedLanguageModel.text(of: options)
    // A text that is too short for the model is refused here, by its file.
    let sizes = try MaskedLanguageTask(options, text: text).maskedModel.sizes
    var compiler = CompilerOptions()
    if let threads { compiler.workerCount = threads }
    return try ComputeExperiment(
      ComputeArm.all(sizes, depths: try parsedDepths()), text, batch: options.batch ?? 1, recipe, compiler,
      observe: { Output.progress("planning \($0.name)") })
  }

  /// Trains what there is no result of yet, until a stop is requested.
  ///
  /// - Parameter results: of what was trained before; those of each run are there as soon as it ends.
  private func train(
    _ experiment: ComputeExperiment, _ setting: ComputeSetting, _ results: inout [ComputeResult], _ lock: RunLock?
  ) throws {
    Interruption.listen()
    let runs = experiment.runs(steps: setting.steps)
    // Progress is compute, for steps of the models differ in it.
    let total = runs.reduce(0) { $0 + Double($1.steps) * Double($1.flopsPerStep) } * Double(seeds)
    var (bar, done) = (ProgressBar(total: 1000, start: 0), 0.0)
    for seed in 1...UInt64(seeds) {
      for run in runs where !results.contains(where: { $0.isOf(run, seed: seed) }) {
        let result = try experiment.measure(
          run, seed: seed, tokens: tokens, isStopRequested: { Interruption.isRequested },
          observe: {
            let part = (done + Double($0) * Double(run.flopsPerStep)) / total
            bar.show(Int(part * 1000), "\(run.arm.name), seed \(seed), step \($0) of \(run.steps)")
          })
        guard let result else { return }
        done += Double(run.steps) * Double(run.flopsPerStep)
        results.append(result)
        let found = report(experiment, setting, results)
        // Whatever comes, this is not lost.
        try KeptResults.saying { try write(found, lock) }
      }
    }
  }

  private var path: String? { output.map { $0 + "/results.json" } }

  private func setting(_ experiment: ComputeExperiment) throws -> ComputeSetting {
    let options = try MaskedLanguageModel.family.completed(ModelOptions(preset: preset, dataPath: data))
    func setting(_ steps: Int) -> ComputeSetting {
      ComputeSetting(experiment, preset: options.preset ?? "", steps: steps, minutes: minutes, tokens: tokens)
    }
    guard let minutes else { return setting(try steps ?? MaskedLanguageModel.family.recipe(for: options).steps) }
    // What a step takes is another time each time.
    let kept = try KeptResults.setting(of: path, as: ComputeSetting.self, ComputeResult.self)
    if let kept, kept.minutes == minutes { return setting(kept.steps) }
    return setting(max(1, Int(minutes * 60 / (try experiment.secondsPerStep()))))
  }

  /// Writes what there is into the folder, if one was named.
  private func write(_ report: ComputeReport, _ lock: RunLock?) throws {
    guard let output, let path, !report.results.isEmpty else { return }
    try lock?.check()
    try Output.write(try Output.jsonText(report) + "\n", to: path)
    for ending in ["svg", "png"] {
      try report.chart.write(to: "\(output)/accuracy-vs-compute.\(ending)")
      try report.depthChart?.write(to: "\(output)/depth.\(ending)")
    }
  }
}
