import ArgumentParser
import Foundation
import Recurve
import RecurveCommands

/// Changes one thing about the Tiny Recursive Model at a time and shows what each is worth.
struct AblateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ablate",
    abstract: "Trains the Tiny Recursive Model with one thing changed at a time: accuracy, memory and time of each.",
    discussion: """
      Every ablation is trained by the preset's recipe on the same Sudokus from the same seeds and judged on the same \
      held-out ones. There are: \(Ablation.all.map(\.name).joined(separator: "; ")).
      """)

  @Option(help: "Sizes by name, of Sudokus; `recurve list tiny-recursion` shows them.") var preset: String?
  @Option(help: "Training steps of each; the recipe's without it.") var steps: Int?
  @Option(help: "Seeds of each, from 1.") var seeds: Int = 3
  @Option(help: "Learning rate after the warm-up; the recipe's without it.") var learningRate: Double?
  @Option(help: "Blanks of the puzzles as in `recurve train --set blanks=11-12`; the usual ones without it.")
  var blanks: String?
  @Option(help: "Names of ablations, separated by commas; all of them without it.") var only: String?
  @Option(
    name: .shortAndLong,
    help:
      "Folder for ablations.json, ablations.svg and ablations.png; results that are there already are not trained again."
  ) var output: String?
  @Option(help: "Threads; all processors by default.") var threads: Int?
  @Flag(help: "Prints the results as JSON.") var json = false

  func validate() throws {
    try ArgumentChecks.check("steps", steps, 1...1_000_000)
    try ArgumentChecks.check("seeds", seeds, 1...1000)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
    try ArgumentChecks.check([learningRate.map { .notNegative("--learning-rate", $0) }])
    _ = try chosen()
  }

  private func chosen() throws -> [Ablation] {
    guard let only else { return Ablation.all }
    if only.allSatisfy({ $0 == "," || $0.isWhitespace }) { throw ValidationError("--only names no ablation") }
    let chosen = try only.split(separator: ",").map { part in
      let name = part.trimmingCharacters(in: .whitespaces)
      guard let found = Ablation.all.first(where: { $0.name == name }) else {
        let known = Ablation.all.map(\.name).joined(separator: "; ")
        throw ValidationError("no ablation is called '\(name)'; there are \(known)")
      }
      return found
    }
    for (place, ablation) in chosen.enumerated() where chosen[..<place].contains(where: { $0.name == ablation.name }) {
      throw ValidationError("--only names '\(ablation.name)' twice")
    }
    return chosen
  }

  func run() throws {
    let plan: AblationPlan
    do { plan = try AblationPlan(preset: preset, steps: steps, blanks: blanks, learningRate: learningRate) } catch {
      throw ValidationError("\(error)")
    }
    let lock = try output.map { try KeptResults.lock($0) }
    defer { withExtendedLifetime(lock) {} }
    let (ablations, results) = (try chosen(), try measured(plan, lock))
    if json {
      try Output.json(results)
    } else if !results.isEmpty {
      try Output.result(table(ablations.map(\.name), results))
    }
    if let output, !results.isEmpty {
      try lock?.check()
      try draw(results, in: output)
    }
    if let code = Interruption.exitCode { throw ExitCode(code) }
  }

  /// Results of all that was asked for, now or before, until a stop was requested.
  private func measured(_ plan: AblationPlan, _ lock: RunLock?) throws -> [AblationResult] {
    var options = CompilerOptions()
    if let threads { options.workerCount = threads }
    Interruption.listen()
    let wanted = try (1...UInt64(seeds)).flatMap { seed in try chosen().map { ($0, seed) } }
    var kept: [AblationResult] = try KeptResults.read(output.map { $0 + "/ablations.json" }, of: plan.key)
    func found(_ ablation: Ablation, _ seed: UInt64) -> AblationResult? {
      kept.first { $0.ablation == ablation.name && $0.seed == seed }
    }
    let (missing, steps) = (wanted.filter { found($0, $1) == nil }, plan.setting.recipe.steps)
    var bar = ProgressBar(total: max(missing.count, 1) * steps, start: 0)
    for (number, (ablation, seed)) in missing.enumerated() {
      let result = try plan.measure(
        ablation, seed: seed, options, isStopRequested: { Interruption.isRequested },
        observe: { bar.show(number * steps + $0, "\(ablation.name), seed \(seed)") })
      guard let result else { break }
      kept.append(result)
      // Whatever comes, this is not lost.
      if let output { try KeptResults.saying { try write(kept, plan.key, to: output, lock) } }
    }
    let results = wanted.compactMap(found)
    guard let output, !results.isEmpty else { return results }
    if !missing.isEmpty { try write(kept, plan.key, to: output, lock) }
    return results
  }

  // MARK: What people see

  private func table(_ names: [String], _ results: [AblationResult]) -> String {
    let header = [
      "", "seeds", "exact accuracy", "least", "most", "cell accuracy", "planned", "resident", "a step", "time",
    ]
    let rows = names.compactMap { name -> [String]? in
      let own = results.filter { $0.ablation == name }
      guard let first = own.first else { return nil }
      let whole = own.filter { $0.divergedAtStep == nil }
      let (exact, steps) = (whole.map(\.exactAccuracy), own.compactMap(\.medianStepSeconds))
      let seeds = whole.count == own.count ? "\(own.count)" : "\(own.count), \(own.count - whole.count) diverged"
      func percent(_ value: Double) -> String { value.isNaN ? "-" : String(format: "%.1f %%", value * 100) }
      return [
        name, seeds, percent(exact.mean), percent(exact.min() ?? .nan), percent(exact.max() ?? .nan),
        percent(whole.map(\.cellAccuracy).mean), TextTable.bytes(first.plannedBytes),
        TextTable.bytes(first.residentBytes), steps.isEmpty ? "-" : TextTable.seconds(steps.median),
        TextTable.seconds(own.map(\.seconds).mean),
      ]
    }
    return TextTable.aligned([header] + rows, leftColumns: [0])
  }

  private struct File: Encodable {
    var setting: AblationPlan.Key
    var results: [AblationResult]
  }

  private func write(
    _ results: [AblationResult], _ setting: AblationPlan.Key, to folder: String, _ lock: RunLock?
  ) throws {
    try lock?.check()
    let text = try Output.jsonText(File(setting: setting, results: results))
    try Output.write(text + "\n", to: folder + "/ablations.json")
  }

  private func draw(_ results: [AblationResult], in folder: String) throws {
    let names = results.map(\.ablation).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let series = names.map { name in
      let curves = results.filter { $0.ablation == name && $0.divergedAtStep == nil }.map(\.curve)
      let longest = curves.max { $0.count < $1.count } ?? []
      let points = longest.indices.map { place in
        (x: Double(longest[place].step), y: curves.filter { $0.count > place }.map { $0[place].exactAccuracy }.mean)
      }
      return Chart.Series(name: name, points: points, hasMarks: true)
    }
    let chart = Chart(
      title: "Held-out Sudokus solved, mean over seeds", xLabel: "training step", yLabel: "share", series: series)
    for ending in ["svg", "png"] { try chart.write(to: "\(folder)/ablations.\(ending)") }
  }
}
