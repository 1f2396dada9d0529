import Foundation
import GraphIR
import Operators
import TestSupport

/// Batches of random programs and broken files in processes of their own, until the time is over.
public final class Campaign {
  public struct Options: Sendable {
    public var minutes: Double
    public var seed: UInt64
    /// Batches that run side by side.
    public var jobs = 1
    /// A fault that every program gets; the run ends when it is found.
    public var plant: PlantedFault.Kind?
    /// The fuzzer's own executable.
    public var executable: String
    /// Where findings are kept.
    public var folder: String

    public init(minutes: Double, seed: UInt64, executable: String, folder: String) {
      (self.minutes, self.seed, self.executable, self.folder) = (minutes, seed, executable, folder)
    }
  }

  static let batchSeconds = 30.0
  private static let mostShrunk = 6

  private let options: Options
  private let start = ContinuousClock.now
  private let end: ContinuousClock.Instant
  private let work: WorkFolder
  var programs: [UInt64] = []
  var caseCount = 0
  var fileCounts: [String: Int] = [:]
  var findings: [Finding] = []

  public init(_ options: Options) throws {
    self.options = options
    end = start + .seconds(options.minutes * 60)
    work = try WorkFolder()
    try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
  }

  /// - Returns: whether nothing was found.
  public func run() throws -> Bool {
    if options.plant == nil { try checkSupport() }
    var batch: UInt64 = 0
    while ContinuousClock.now < end, !isPlantFound {
      let kinds: [BatchKind] = (0..<options.jobs).map { _ in
        batch += 1
        return batch % 8 == 3 && options.plant == nil ? .files : .programs
      }
      let first = options.seed &* 1_000_000 &+ (batch - UInt64(options.jobs)) &* 1000
      let children = try kinds.enumerated().map { try start($1, first: first &+ UInt64($0) &* 1000) }
      for (kind, child) in zip(kinds, children) { read(kind, child.wait(seconds: Self.batchSeconds + 400)) }
      printProgress()
    }
    return summarize()
  }

  private enum BatchKind: String { case programs, files }

  private var isPlantFound: Bool { options.plant != nil && !findings.isEmpty }

  private func start(_ kind: BatchKind, first: UInt64) throws -> ChildProcess {
    let seconds = min(Self.batchSeconds, max(1, (end - .now) / .seconds(1)))
    let plant = options.plant.map { ["--plant", $0.rawValue] } ?? []
    return try child([kind.rawValue, "\(first)", "1000", "--seconds", "\(seconds)"] + plant)
  }

  private func child(_ arguments: [String], isTraced: Bool = true) throws -> ChildProcess {
    try ChildProcess(
      options.executable, arguments,
      environment: [
        "RECURVE_CACHE": work.path("kernels"), "SWIFT_BACKTRACE": isTraced ? "enable=yes,color=no" : "enable=no",
      ])
  }

  /// Counts what a batch did; a case that did not end is a finding too.
  private func read(_ kind: BatchKind, _ end: (status: ChildProcess.Status, output: String)) {
    var latest: [Substring] = []
    var problems: [String] = []
    func finish() {
      if !latest.isEmpty, !problems.isEmpty { found(kind, latest, problems) }
      problems = []
    }
    for line in end.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words[0] {
      case "case":
        finish()
        latest = words
        if kind == .programs { caseCount += 1 } else { fileCounts[String(words[1]), default: 0] += 1 }
      case "problem": problems.append(String(line.dropFirst(8)))
      case "program": if words.count == 2, let seed = UInt64(words[1]) { programs.append(seed) }
      default: break
      }
    }
    if end.status != .exited(0) { problems.append("the process ended with \(end.status)" + place(end.output)) }
    finish()
  }

  /// What a trap says, and the innermost of our functions.
  private func place(_ output: String) -> String {
    let lines = output.split(separator: "\n")
    let reason = lines.first { $0.contains("Fatal error") || $0.contains("failure") }.map { ": \($0)" } ?? ""
    let frames = lines.filter { $0.contains(" in recurve-fuzz at /") && $0.contains(".swift:") }.prefix(4)
    return reason
      + frames.map {
        "\n    \($0.drop { !$0.isLetter }.split(separator: " in recurve-fuzz at").joined(separator: " at"))"
      }.joined()
  }

  private func found(_ kind: BatchKind, _ words: [Substring], _ problems: [String]) {
    let finding: Finding
    if kind == .programs, let seed = UInt64(words[1]), let index = Int(words[2]) {
      let cases = ProgramCases.cases(seed: seed, planting: options.plant)
      finding = Finding(name: "program-\(seed)-\(index)", problems: problems, tested: cases[index])
    } else {
      finding = Finding(name: "file-\(words.dropFirst().joined(separator: "-"))", problems: problems, tested: nil)
    }
    findings.append(finding)
    report(finding, arguments: words.dropFirst().map(String.init))
  }

  private func report(_ finding: Finding, arguments: [String]) {
    StandardOutput.print("\nFINDING \(finding.name): \(finding.problems.joined(separator: "\n  ").prefix(1500))")
    guard let tested = finding.tested else {
      return StandardOutput.print("again with: Tools/fuzz mutant \(arguments.joined(separator: " "))\n")
    }
    let isKnown = findings.dropLast().contains { $0.signature == finding.signature }
    let small = isKnown || findings.count > Self.mostShrunk ? tested : shrunk(tested)
    let path = options.folder + "/" + finding.name + ".txt"
    try? small.text.write(toFile: path, atomically: true, encoding: .utf8)
    StandardOutput.print("\(isKnown ? "" : small.text)again with: Tools/fuzz reproduce \(path)\n")
  }

  private func shrunk(_ tested: FuzzCase) -> FuzzCase {
    guard let needed = outcome(tested) else { return tested }
    return Shrinker(seconds: 90) { self.outcome($0) == needed }.shrunk(tested)
  }

  /// How a case fails in a process of its own: with which status, and with which kind of error; nil where it does not.
  private func outcome(_ tested: FuzzCase) -> String? {
    let path = work.path("candidate.txt")
    try? tested.text.write(toFile: path, atomically: false, encoding: .utf8)
    guard let end = try? child(["reproduce", path], isTraced: false).wait(seconds: 60), end.status != .exited(0)
    else { return nil }
    let error = end.output.hasPrefix("thrown ") ? end.output.split(separator: ":")[0] : ""
    return "\(end.status) \(error)"
  }

  private func checkSupport() throws {
    for driver in SupportDriver.allCases {
      let problems = try driver.problems(seed: options.seed)
      guard !problems.isEmpty else { continue }
      findings.append(Finding(name: driver.rawValue, problems: problems, tested: nil))
      StandardOutput.print("\nFINDING \(driver.rawValue): \(problems.joined(separator: "\n"))")
    }
  }

  private func printProgress() {
    let minutes = (ContinuousClock.now - start) / .seconds(60)
    StandardOutput.print(
      String(format: "%.1f min: ", minutes) + "\(programs.count) programs, \(caseCount) cases, "
        + "\(fileCounts.values.reduce(0, +)) files, \(findings.count) findings")
  }

  private func summarize() -> Bool {
    let coverage = Coverage(programs)
    StandardOutput.print("\n" + coverage.text)
    for (name, count) in fileCounts.sorted(by: { $0.key < $1.key }) {
      StandardOutput.print("\(name): \(count) broken files")
    }
    let rare = coverage.rareOperators
    if options.minutes >= 5, options.plant == nil, !rare.isEmpty {
      StandardOutput.print("used fewer than \(Coverage.fewestUses) times: \(rare.joined(separator: ", "))")
      return false
    }
    StandardOutput.print("findings: \(findings.count)")
    return findings.isEmpty
  }
}

/// Something that must not be.
struct Finding {
  var name: String
  var problems: [String]
  var tested: FuzzCase?

  /// Equal for findings that are probably the same: the first problem without its numbers.
  var signature: String {
    let text = problems.first.map { String($0.prefix(200).filter { !$0.isNumber }) } ?? ""
    return "\(tested?.check.rawValue ?? name) \(text.prefix(60))"
  }
}
