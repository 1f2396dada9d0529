import Foundation
import Reports
import TestSupport
import Testing

/// Tools that fail in any way end neither the process nor the picture that was there.
@Suite struct ToolTests {
  /// A tool of that behaviour, as a shell script.
  private static func tool(_ folder: String, _ script: String, seconds: Double = 20, mostBytes: Int = 1 << 24) throws
    -> ExternalTool
  {
    let path = folder + "/tool"
    try ("#!/bin/sh\n" + script + "\n").write(toFile: path, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return ExternalTool("tool", package: "tools", searchPath: folder, seconds: seconds, mostBytes: mostBytes)
  }

  private static let input = Data(repeating: 65, count: 4 << 20)

  @Test(arguments: [
    ("exit 3", "tool failed with status 3"),
    ("echo bad thing >&2; exit 1", "tool failed with status 1: bad thing"),
    ("printf '\\033[31mred' >&2; exit 1", "tool failed with status 1: \u{FFFD}[31mred"),
    ("cat > /dev/null; head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 2", nil),
    ("kill -9 $$", "tool was ended by signal 9"),
    ("exit 0", "tool put out nothing"),
  ]) func failuresAreErrors(_ script: String, _ message: String?) throws {
    try withTemporaryFolder { folder in
      let tool = try Self.tool(folder, script)
      let error = #expect(throws: ExternalToolError.self) { try tool.run([], input: Self.input) }
      if let message { #expect(error?.description == message) }
    }
  }

  /// Both directions carry more than a pipe holds, at the same time.
  @Test func muchInputAndOutputDoNotBlock() throws {
    try withTemporaryFolder { folder in
      let tool = try Self.tool(folder, "cat; echo said >&2")
      #expect(try tool.run([], input: Self.input) == Self.input)
    }
  }

  @Test(arguments: ["sleep 100", "cat > /dev/null; sleep 100 & wait", "exec 1>&- 2>&-; sleep 100"])
  func hangingToolsAreEnded(_ script: String) throws {
    try withTemporaryFolder { folder in
      let tool = try Self.tool(folder, script, seconds: 0.3)
      let error = #expect(throws: ExternalToolError.self) { try tool.run([], input: Self.input) }
      #expect(error?.description == "tool took more than 300.0 ms and was ended")
    }
  }

  @Test func endlessOutputIsEnded() throws {
    try withTemporaryFolder { folder in
      let tool = try Self.tool(folder, "yes", mostBytes: 1_000_000)
      let error = #expect(throws: ExternalToolError.self) { try tool.run([], input: Data()) }
      #expect(error?.description == "tool put out more than 1.0 MB and was ended")
    }
  }

  @Test func missingToolsAreNamed() {
    let error = #expect(throws: ExternalToolError.self) {
      try ExternalTool("tool", package: "tools", searchPath: "relative:/nowhere").run([], input: Data())
    }
    #expect(error?.description == "found no tool on the search path; the package tools has it")
  }
}
