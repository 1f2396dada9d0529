import Foundation
import TestSupport
import Testing

/// `recurve learn` as a user calls it.
@Suite(.enabled(if: KilledRun.isPossible)) struct LearnCommandTests {
  private func run(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
    let (process, output, errors) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: KilledRun.executable)
    process.arguments = ["learn"] + arguments
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let problems = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, problems)
  }

  @Test func listsTheExamples() throws {
    let found = try run()
    #expect(found.status == 0 && found.output.contains("6b    The same network again"))
    let json = try JSONDecoder().decode([[String: String]].self, from: Data(try run("--json").output.utf8))
    #expect(json.count == 15 && json[1]["name"] == "4a" && json[1]["idea"]?.isEmpty == false)
  }

  @Test func writesResultsAndKeepsThem() throws {
    try withTemporaryFolder { folder in
      let first = try run("4a", "--seeds", "2", "--output", folder)
      #expect(first.status == 0 && first.output.contains("4a  Momentum: 2 seeds"), "\(first.errors)")
      for name in ["result.json", "loss.svg", "loss.png"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/4a/\(name)"))
      }
      let result = try Data(contentsOf: URL(fileURLWithPath: folder + "/4a/result.json"))
      let again = try run("4a", "--seeds", "2", "--output", folder, "--resume", "--json")
      #expect(again.output.contains("\"name\" : \"4a\"") && again.errors.isEmpty, "nothing runs again")
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/4a/result.json")) == result)
      let fewer = try run("4a", "--seeds", "1", "--output", folder)
      #expect(
        fewer.status != 0
          && fewer.errors.contains("found a result of 2 seeds, needs one of 1 at most; name another folder"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/4a/result.json")) == result)
    }
  }

  @Test func mistakesAreNamed() throws {
    let unknown = try run("11")
    #expect(unknown.status != 0 && unknown.errors.contains("no example is called '11'; there are all, 0, 4a, 4b"))
    #expect(try run("4a", "--seeds", "0").errors.contains("--seeds is 0, needs at least 1"))
  }
}
