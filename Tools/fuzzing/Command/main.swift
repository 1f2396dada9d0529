import ArgumentParser
import Foundation
import Fuzzing

struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz", abstract: "Random programs and broken files against the compiler.",
    subcommands: [Run.self, Programs.self, Files.self, Reproduce.self, Mutant.self], defaultSubcommand: Run.self)
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

  func run() throws {
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var options = Campaign.Options(minutes: minutes, seed: seed, executable: executable, folder: output)
    (options.jobs, options.plant) = (jobs, plant)
    StandardOutput.print("seed \(seed)")
    if try !Campaign(options).run() { throw ExitCode(1) }
  }
}

extension PlantedFault.Kind: ExpressibleByArgument {}
extension BrokenFile: ExpressibleByArgument {}

/// Looks at some cases one after another in this process, and says before each which one it is.
private func runCases(seconds: Double, _ seeds: [UInt64], _ run: (UInt64) throws -> Void) rethrows {
  let end = ContinuousClock.now + .seconds(seconds)
  for seed in seeds where ContinuousClock.now < end { try run(seed) }
}

private func runCase(_ name: String, _ problems: () throws -> [String]) {
  StandardOutput.print("case \(name)")
  // What hangs is ended by a signal.
  alarm(100)
  do {
    for problem in try problems() { StandardOutput.print("problem \(problem)") }
  } catch { StandardOutput.print("problem thrown: \(error)") }
  alarm(0)
}

struct Programs: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The random programs of some seeds, in this process.")
  @Argument var first: UInt64
  @Argument var count: Int = 1
  @Option var seconds: Double = .infinity
  @Option var plant: PlantedFault.Kind?

  func run() {
    runCases(seconds: min(seconds, 1e9), (0..<count).map { first + UInt64($0) }) { seed in
      for (index, tested) in ProgramCases.cases(seed: seed, planting: plant).enumerated() {
        runCase("\(seed) \(index) \(tested.check)") { try tested.problems() }
      }
      StandardOutput.print("program \(seed)")
    }
  }
}

struct Files: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The broken files of some seeds, in this process.")
  @Argument var first: UInt64
  @Argument var count: Int = 1
  @Option var seconds: Double = .infinity

  func run() throws {
    let resumed = try ResumedRun()
    runCases(seconds: min(seconds, 1e9), (0..<count).map { first + UInt64($0) }) { seed in
      for kind in BrokenFile.allCases { runCase("\(kind) \(seed)") { try kind.problems(seed: seed, resumed) } }
    }
  }
}

struct Mutant: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "One broken file of a finding.")
  @Argument var kind: BrokenFile
  @Argument var seed: UInt64

  func run() throws {
    let resumed = try ResumedRun()
    runCase("\(kind) \(seed)") { try kind.problems(seed: seed, resumed) }
  }
}

struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The program of a finding.")
  @Argument(help: "Written by the run that found it.") var file: String

  func run() throws {
    alarm(100)
    let tested = try FuzzCase(text: String(contentsOfFile: file, encoding: .utf8))
    let problems: [String]
    do { problems = try tested.problems() } catch { problems = ["thrown \(type(of: error)): \(error)"] }
    for problem in problems { StandardOutput.print(problem) }
    if !problems.isEmpty { throw ExitCode(1) }
  }
}

Fuzz.main()
