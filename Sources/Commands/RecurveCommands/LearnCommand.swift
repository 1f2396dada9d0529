import ArgumentParser
import Experiments
import Foundation
import Reports
import Training

struct LearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn", abstract: "Runs the examples of the learning path; lists them without a name.")

  @Argument(help: "An example by its name, or all.") var name: String?
  @Option(help: "How many seeds make a median; each example's own number without it.") var seeds: Int?
  @Option(name: .shortAndLong, help: "Folder for results, pictures and the report; learning-path without it.")
  var output: String?
  @Flag(help: "Keeps the results that the folder already holds for the same seeds.") var resume = false
  @Flag(help: "Prints JSON.") var json = false

  func validate() throws {
    try ArgumentChecks.check("seeds", seeds, ArgumentChecks.iterations)
    let given = [("seeds", seeds != nil), ("output", output != nil), ("resume", resume)]
    for (option, isGiven) in given where isGiven && name == nil {
      throw ValidationError("--\(option) has no effect, needs the name of an example")
    }
  }

  private var folder: String { output ?? "learning-path" }

  func run() throws {
    let experiments = RecurveCommandLine.experiments
    guard let name else { return try list(experiments) }
    let chosen = name == "all" ? experiments : experiments.filter { $0.name == name }
    if chosen.isEmpty { throw CommandError.unknownExample(name, known: experiments.map(\.name)) }
    try check(chosen)
    Interruption.listen()
    var results: [ExperimentResult] = []
    for experiment in chosen {
      do { results.append(try result(of: experiment)) } catch is ExperimentInterrupted {
        Output.progress(
          "\nstopped; continue with the same command and --resume, which keeps \(results.count) results")
        throw ExitCode(Interruption.exitCode ?? 1)
      }
      if !json { try Output.result((results.count == 1 ? "" : "\n\n") + results[results.count - 1].text) }
    }
    if name == "all" { try report(Array(zip(chosen, results))) }
    if json { try Output.json(results) }
    let failed = results.filter { !$0.findings.isPassed }.map(\.name)
    if !failed.isEmpty { throw CommandError.missed(failed) }
  }

  private func list(_ experiments: [Experiment]) throws {
    if json { return try Output.json(experiments.map { ["name": $0.name, "title": $0.title, "idea": $0.idea] }) }
    let rows = experiments.map { [$0.name, $0.title, "\($0.seedCount)", $0.promise] }
    try Output.result(TextTable.aligned([["name", "about", "seeds", "promised"]] + rows, leftColumns: [0, 1, 3]))
  }

  private func run(of experiment: Experiment) -> ExperimentRun {
    ExperimentRun(experiment, seeds: seeds.map { (1...UInt64($0)).map { $0 } }, folder: "\(folder)/\(experiment.name)")
  }

  private func file(of experiment: Experiment) -> String { "\(folder)/\(experiment.name)/result.json" }

  /// A result of more seeds than are asked for took longer, and would be lost.
  ///
  /// - Throws: `CommandError.otherResults`, before anything is measured.
  private func check(_ experiments: [Experiment]) throws {
    for experiment in experiments {
      let (path, wanted) = (file(of: experiment), run(of: experiment).seeds)
      guard let kept = ExperimentResult(path: path, of: experiment), !Set(kept.seeds).isSubset(of: wanted) else {
        continue
      }
      throw CommandError.otherResults(
        path, "a result of \(kept.seeds.count) seeds, needs one of \(wanted.count) at most")
    }
  }

  /// Runs an example, or reads what an earlier run left where that is wanted.
  private func result(of experiment: Experiment) throws -> ExperimentResult {
    let (run, file) = (run(of: experiment), file(of: experiment))
    if resume, let kept = ExperimentResult(path: file, of: experiment), kept.seeds == run.seeds { return kept }
    let lock = try KeptResults.lock("\(folder)/\(experiment.name)")
    defer { withExtendedLifetime(lock) {} }
    let start = ContinuousClock.now
    let findings = try experiment.measure(run)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let result = ExperimentResult(experiment, seeds: run.seeds, seconds: seconds, findings: findings)
    try lock.check()
    try Output.write(try Output.jsonText(result), to: file)
    return result
  }

  private func report(_ parts: [(Experiment, ExperimentResult)]) throws {
    let report = ExperimentReport(
      title: "The learning path, measured", parts: parts.map { (experiment: $0.0, result: $0.1) })
    try Output.write(report.markdown(), to: folder + "/report.md")
    try Output.write(try report.html(folder: folder), to: folder + "/report.html")
    if !json { try Output.result("\nwrote \(folder)/report.md and report.html") }
  }
}
