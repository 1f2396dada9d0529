import Foundation
import GraphIR
import Operators
import StandardStreams
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
      let batches = kinds.enumerated().map { Batch(kind: $1, first: first &+ UInt64($0) &* 1000) }
      let children = try batches.map(start)
      for (batch, child) in zip(batches, children) { try read(batch, child.wait(seconds: Self.batchSeconds + 400)) }
      try printProgress()
    }
    return try summarize()
  }

  private enum BatchKind: String { case programs, files }

  private struct Batch {
    var kind: BatchKind
    var first: UInt64
  }

  private var isPlantFound: Bool { options.plant != nil && !findings.isEmpty }

  private func start(_ batch: Batch) throws -> ChildProcess {
    let seconds = min(Self.batchSeconds, max(1, (end - .now) / .seconds(1)))
    let plant = options.plant.map { ["--plant", $0.rawValue] } ?? []
    return try child([batch.kind.rawValue, "\(batch.first)", "1000", "--seconds", "\(seconds)"] + plant)
  }

  private func child(_ arguments: [String], isTraced: Bool = true) throws -> ChildProcess {
    try ChildProcess(
      options.executable, arguments,
      environment: [
        "RECURVE_CACHE": work.path("kernels"), "SWIFT_BACKTRACE": isTraced ? "enable=yes,color=no" : "enable=no",
      ])
  }

  /// Counts what a batch did; a case that did not end is a finding too, and so is a batch that looked at none.
  private func read(_ batch: Batch, _ end: (status: ChildProcess.Status, output: String)) throws {
    var latest: [Substring] = []
    var problems: [String] = []
    func finish() throws {
      if !problems.isEmpty { try found(batch, Array(latest.dropFirst()), problems) }
      problems = []
    }
    for line in end.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "case" where words.count > 1:
        try finish()
        latest = words
        if batch.kind == .programs { caseCount += 1 } else { fileCounts[String(words[1]), default: 0] += 1 }
      case "problem": problems.append(String(line.dropFirst(8)))
      case "program": if words.count == 2, let seed = UInt64(words[1]) { programs.append(seed) }
      default: break
      }
    }
    if end.status != .exited(0) { problems.append("the process ended with \(end.status)" + place(end.output)) }
    if latest.isEmpty && problems.isEmpty { problems.append("the process looked at no case") }
    try finish()
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

  /// - Parameter words: which case it was; none where the batch did not come to one.
  private func found(_ batch: Batch, _ words: [Substring], _ problems: [String]) throws {
    let name = words.isEmpty ? "batch-\(batch.first)" : words.joined(separator: "-")
    guard batch.kind == .programs else {
      return try report(
        Finding(name: "file-\(name)", problems: problems, tested: nil),
        again: words.isEmpty ? "files \(batch.first) 1000" : "mutant \(words.joined(separator: " "))")
    }
    let place = words.isEmpty ? "\(batch.first) 1000" : String(words[0])
    try report(
      Finding(name: "program-\(name)", problems: problems, tested: tested(words)), again: "programs \(place)")
  }

  /// The program of a case that is named by its seed and its position.
  private func tested(_ words: [Substring]) -> FuzzCase? {
    guard words.count > 1, let seed = UInt64(words[0]), let index = Int(words[1]) else { return nil }
    let cases = ProgramCases.cases(seed: seed, planting: options.plant)
    return cases.indices.contains(index) ? cases[index] : nil
  }

  /// - Parameter again: the command that shows what has no program of its own.
  private func report(_ finding: Finding, again: String) throws {
    findings.append(finding)
    try StandardStreams.print("\nFINDING \(finding.name): \(finding.problems.joined(separator: "\n  ").prefix(1500))")
    guard let tested = finding.tested else { return try StandardStreams.print("again with: Tools/fuzz \(again)\n") }
    let isKnown = findings.dropLast().contains { $0.signature == finding.signature }
    let small = isKnown || findings.count > Self.mostShrunk ? tested : shrunk(tested)
    let path = options.folder + "/" + finding.name + ".txt"
    try? small.text.write(toFile: path, atomically: true, encoding: .utf8)
    try StandardStreams.print("\(isKnown ? "" : small.text)again with: Tools/fuzz reproduce \(path)\n")
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
      try StandardStreams.print("\nFINDING \(driver.rawValue): \(problems.joined(separator: "\n"))")
    }
  }

  private func printProgress() throws {
    let minutes = (ContinuousClock.now - start) / .seconds(60)
    try StandardStreams.print(
      String(format: "%.1f min: ", minutes) + "\(programs.count) programs, \(caseCount) cases, "
        + "\(fileCounts.values.reduce(0, +)) files, \(findings.count) findings")
  }

  private func summarize() throws -> Bool {
    let coverage = Coverage(programs)
    try StandardStreams.print("\n" + coverage.text)
    for (name, count) in fileCounts.sorted(by: { $0.key < $1.key }) {
      try StandardStreams.print("\(name): \(count) broken files")
    }
    let gaps = options.minutes >= 5 && options.plant == nil ? self.gaps(coverage) : []
    for gap in gaps { try StandardStreams.print(gap) }
    try StandardStreams.print("findings: \(findings.count)")
    return findings.isEmpty && gaps.isEmpty
  }

  /// What a run of some minutes should have looked at and did not.
  private func gaps(_ coverage: Coverage) -> [String] {
    let rare = coverage.rareOperators
    let missing = BrokenFile.allCases.map(\.rawValue).filter { fileCounts[$0, default: 0] == 0 }
    return (rare.isEmpty ? [] : ["used fewer than \(Coverage.fewestUses) times: \(rare.joined(separator: ", "))"])
      + (missing.isEmpty ? [] : ["no broken file of kind \(missing.joined(separator: ", "))"])
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
