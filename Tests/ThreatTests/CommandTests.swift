import Foundation
import TestSupport
import Testing

/// What the command line says of files and arguments of others, and how it lives with what it is started with.
@Suite(.enabled(if: RecurveRun.isPossible)) struct CommandTests {
  private static let model = ["tiny-recursion", "--preset", "nano", "--batch", "2", "--depth", "1", "--threads", "1"]

  private static func expectQuoted(_ run: RecurveRun, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(run.status != 0, sourceLocation: sourceLocation)
    #expect(!run.errors.isEmpty && run.errors.count < 10_000, sourceLocation: sourceLocation)
    for byte: UInt8 in [0x1B, 0x9B, 0x07] {
      #expect(!run.errors.contains(byte), "\(byte)", sourceLocation: sourceLocation)
    }
  }

  /// A safetensors file with one tensor of a name as it stands in JSON.
  private static func tensors(named name: String) -> Data {
    let header = Data("{\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return Data(length) + header + Data(count: 4)
  }

  @Test func namesInCheckpointsControlNoTerminal() throws {
    try withTemporaryFolder { folder in
      let name = "a\\u001b[31m\\u0007\\u009b2J" + String(repeating: "x", count: 5_000_000)
      let path = folder + "/checkpoint.safetensors"
      try Self.tensors(named: name).write(to: URL(fileURLWithPath: path))
      Self.expectQuoted(try RecurveRun(["run"] + Self.model + ["--checkpoint", path]))
      Self.expectQuoted(try RecurveRun(["train"] + Self.model + ["--steps", "1", "--resume", "--output", folder]))
    }
  }

  @Test func argumentsControlNoTerminal() throws {
    let run = try RecurveRun(["plan", "tiny-recursion", "--\u{1B}[31m"])
    Self.expectQuoted(run)
    #expect(run.status == 64)
    #expect(String(decoding: run.errors, as: UTF8.self).contains("--\u{FFFD}[31m"))
  }

  /// Nor is a file that gnuplot would read when it starts.
  @Test func startUpFilesAreNotRead() throws {
    try withTemporaryFolder { folder in
      for name in [".gnuplot", "gnuplotrc"] {
        try Data("system 'touch \(folder)/ran'\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      let log = folder + "/log.jsonl"
      try Data("{\"step\":1,\"loss\":2,\"metrics\":{}}\n".utf8).write(to: URL(fileURLWithPath: log))
      let run = try RecurveRun(
        ["plot", log, "--output", folder + "/x.svg"], environment: ["HOME": folder, "GNUPLOT_LIB": folder])
      #expect(run.status == 0, "\(String(decoding: run.errors, as: UTF8.self))")
      #expect(names(in: folder) == [".gnuplot", "gnuplotrc", "log.jsonl", "x.svg"])
    }
  }

  @Test func helpIsAResult() throws {
    let run = try RecurveRun(["--help"])
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(String(decoding: run.output, as: UTF8.self).contains("recurve <subcommand>"))
  }

  /// A pipe that does not block is full most of the time.
  @Test func standardOutputMayRefuseToBlock() throws {
    let arguments = ["print"] + Self.model + ["--stage", "kernels"]
    let whole = try RecurveRun(arguments).output
    #expect(whole.count > 8_192)
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // F_SETPIPE_SZ: the smallest pipe.
    _ = fcntl(ends[1], 1031, 4096)
    _ = fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: RecurveRun.executable)
    process.arguments = arguments
    process.standardOutput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
    try process.run()
    close(ends[1])
    var found = Data()
    var bytes = [UInt8](repeating: 0, count: 1024)
    while true {
      let count = read(ends[0], &bytes, bytes.count)
      if count <= 0 { break }
      found.append(contentsOf: bytes[..<count])
      usleep(500)
    }
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && found == whole)
  }

  /// Whoever ignores the ends of children passes that on.
  @Test func failuresOfTheCompilerAreSeenWhereEndsOfChildrenAreIgnored() throws {
    try withTemporaryFolder { folder in
      let compiler = folder + "/clang"
      try "#!/bin/sh\nexit 3\n".write(toFile: compiler, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler)
      let run = try RecurveRun(
        ["run"] + Self.model, by: ["/usr/bin/env", "--ignore-signal=CHLD"],
        environment: ["RECURVE_CC": compiler, "RECURVE_CACHE": folder + "/cache"])
      #expect(run.status == 1)
      let text = String(decoding: run.errors, as: UTF8.self)
      #expect(text.contains("the C compiler failed on generated code (status 3); `recurve print"), "\(text)")
    }
  }
}
