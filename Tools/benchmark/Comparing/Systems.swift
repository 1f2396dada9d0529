import Foundation

/// Starts a program and waits for it.
enum ChildProcess {
  /// - Returns: what it printed on standard output.
  static func output(
    _ program: String, _ arguments: [String], environment: [String: String], folder: String? = nil
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let (output, log) = (Pipe(), NSTemporaryDirectory() + "recurve-benchmark-\(getpid()).log")
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: log) }
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: log)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let messages = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw BenchmarkError.failedProcess(
        ([program] + arguments).joined(separator: " "), String(messages.suffix(600)))
    }
    return text
  }
}

/// Runs our own workloads, each in a fresh process.
struct OwnRunner {
  var threads: Int
  var seconds: Double

  func measure(_ configuration: Configuration, provider: String, round: Int) -> SystemReport {
    var measurement = SystemReport(Self.name(provider), configuration, round: round)
    var environment = ProcessInfo.processInfo.environment
    environment["OPENBLAS_CORETYPE"] = nil
    let options = ["--matmul", provider, "--threads", "\(threads)", "--seconds", "\(seconds)", "--cold", "--json"]
    do {
      measurement.read(
        try ChildProcess.output(Self.program(), configuration.arguments + options, environment: environment))
    } catch { measurement.error = "\(error)" }
    return measurement
  }

  private static func program() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  }

  static func name(_ provider: String) -> String { provider == "generated" ? "recurve" : "recurve-\(provider)" }
}

/// Runs the peers by their own scripts, each in a fresh process.
struct PeerRunner {
  let python: String
  let scripts: String
  let data: String
  var seconds: Double

  /// - Parameters:
  ///   - environment: folder of a Python environment that has the peers.
  ///   - scripts: folder with `run.py`; it is copied, because results go next to it.
  init(environment: String, scripts: String, seconds: Double) throws {
    try Self.check(environment: environment, scripts: scripts)
    python = Self.python(environment)
    let working = NSTemporaryDirectory() + "recurve-benchmark-peers-\(getuid())"
    self.scripts = working + "/scripts"
    data = working + "/data"
    self.seconds = seconds
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: self.scripts)
    _ = try ChildProcess.output(
      "/bin/cp", ["-r", "--no-preserve=mode", scripts, self.scripts],
      environment: ProcessInfo.processInfo.environment)
  }

  private static func python(_ environment: String) -> String { environment + "/bin/python" }

  /// - Throws: `BenchmarkError.missingPeers` for a folder that is none of these.
  static func check(environment: String, scripts: String) throws {
    for path in [python(environment), scripts + "/run.py"] where !FileManager.default.fileExists(atPath: path) {
      throw BenchmarkError.missingPeers(path)
    }
  }

  func measure(_ configuration: Configuration, system: String, round: Int) -> SystemReport {
    var measurement = SystemReport(system, configuration, round: round)
    var environment = ProcessInfo.processInfo.environment
    environment["PEER_DATA"] = data
    environment["PEER_LOCK"] = data + "/lock"
    environment["PEER_BUDGET"] = "\(seconds)"
    do {
      measurement.read(
        try ChildProcess.output(
          python, ["run.py", "spawn", system] + configuration.peerArguments, environment: environment,
          folder: scripts))
    } catch { measurement.error = "\(error)" }
    return measurement
  }
}
