import ArgumentParser
import Foundation
import Fuzzing
import StandardStreams

struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz", abstract: "Random programs and broken files against the compiler.",
    subcommands: [Run.self, Programs.self, Files.self, Reproduce.self, Mutant.self, Engines.self],
    defaultSubcommand: Run.self)
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Random programs, broken files and sanitizers for some minutes; exit code 1 if anything is found.")

  @Argument(help: "How long.") var minutes: Double
  @Argument(help: "Decides everything that is drawn.") var seed: UInt64 = .random(in: 1...1_000_000)
  @Option(help: "Processes side by side.") var jobs: Int = 2
  @Option(help: "Plants a fault into every program and ends once it is found: kernel, lifetime or gradient.")
  var plant: PlantedFault.Kind?
  @Option(help: "Folder for findings.") var output: String = ".build/fuzz"

  func validate() throws {
    try check("minutes", minutes, 0...100_000)
    try check("--jobs", jobs, 1...1_000)
  }

  func run() throws {
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var options = Campaign.Options(minutes: minutes, seed: seed, executable: executable, folder: output)
    (options.jobs, options.plant) = (jobs, plant)
    try StandardStreams.print("seed \(seed)")
    if try !Campaign(options).run() { throw ExitCode(1) }
  }
}

extension PlantedFault.Kind: ExpressibleByArgument {}
extension BrokenFile: ExpressibleByArgument {}

/// - Throws: `ValidationError` for a number outside of the range, or for one that is none.
private func check<Number: Comparable>(_ name: String, _ number: Number, _ range: ClosedRange<Number>) throws {
  guard range.contains(number) else {
    throw ValidationError("\(name) is \(number), needs \(range.lowerBound) to \(range.upperBound)")
  }
}

private func checkBatch(_ count: Int, _ seconds: Double) throws {
  try check("count", count, 1...1_000_000)
  try check("--seconds", seconds, 0...Double.infinity)
}

/// Looks at some cases one after another in this process, and says before each which one it is.
private func runCases(seconds: Double, _ seeds: [UInt64], _ run: (UInt64) throws -> Void) rethrows {
  let end = ContinuousClock.now + .seconds(seconds)
  for seed in seeds where ContinuousClock.now < end { try run(seed) }
}

private func runCase(_ name: String, _ problems: () throws -> [String]) throws {
  try StandardStreams.print("case \(name)")
  // What hangs is ended by a signal; on a busy machine the slowest cases take minutes.
  alarm(400)
  let found: [String]
  do { found = try problems() } catch { found = ["thrown: \(error)"] }
  alarm(0)
  // Lines that follow begin with no word of ours.
  for problem in found { try StandardStreams.print("problem " + problem.replacing("\n", with: "\n| ")) }
}

struct Programs: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The random programs of some seeds, in this process.")
  @Argument var first: UInt64
  @Argument var count: Int = 1
  @Option var seconds: Double = .infinity
  @Option var plant: PlantedFault.Kind?

  func validate() throws { try checkBatch(count, seconds) }

  func run() throws {
    try runCases(seconds: min(seconds, 1e9), (0..<count).map { first &+ UInt64($0) }) { seed in
      for (index, tested) in ProgramCases.cases(seed: seed, planting: plant).enumerated() {
        try runCase("\(seed) \(index) \(tested.check)") { try tested.problems() }
      }
      try StandardStreams.print("program \(seed)")
    }
  }
}

struct Files: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The broken files of some seeds, in this process.")
  @Argument var first: UInt64
  @Argument var count: Int = 1
  @Option var seconds: Double = .infinity

  func validate() throws { try checkBatch(count, seconds) }

  func run() throws {
    let resumed = try ResumedRun()
    try runCases(seconds: min(seconds, 1e9), (0..<count).map { first &+ UInt64($0) }) { seed in
      for kind in BrokenFile.allCases { try runCase("\(kind) \(seed)") { try kind.problems(seed: seed, resumed) } }
    }
  }
}

struct Mutant: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "One broken file of a finding.")
  @Argument var kind: BrokenFile
  @Argument var seed: UInt64

  func run() throws {
    let resumed = try ResumedRun()
    try runCase("\(kind) \(seed)") { try kind.problems(seed: seed, resumed) }
  }
}

struct Engines: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes uses of all operators, layers and random programs in StableHLO, with operands and results.")
  @Argument(help: "Folder of the files.") var folder: String
  @Argument var seed: UInt64 = 1
  @Option(help: "Random programs.") var programs: Int = 50

  func validate() throws { try check("--programs", programs, 0...100_000) }

  func run() throws {
    let cases =
      try EngineCase.operatorCases() + EngineCase.layerCases() + EngineCase.programCases(seed: seed, count: programs)
    try EngineCase.write(cases, to: folder)
    try StandardStreams.print("wrote \(cases.count) cases to \(folder)")
  }
}

struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The program of a finding.")
  @Argument(help: "Written by the run that found it.") var file: String

  func run() throws {
    alarm(400)
    let tested = try FuzzCase(text: String(contentsOfFile: file, encoding: .utf8))
    let problems: [String]
    do { problems = try tested.problems() } catch { problems = ["thrown \(type(of: error)): \(error)"] }
    for problem in problems { try StandardStreams.print(problem) }
    if !problems.isEmpty { throw ExitCode(1) }
  }
}

StandardStreams.surviveFailures()
Fuzz.main()
