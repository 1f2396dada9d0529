import ArgumentParser
import CodeGeneration
import Compilation
import Foundation

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Checks the machine: compiler, libraries, speed, settings that slow it down.")

  @Flag(help: "Prints the findings as JSON.")
  var json = false

  func run() throws {
    let report = DoctorReport.make()
    if json { return try Output.json(report.findings) }
    for finding in report.findings {
      let name = finding.name + String(repeating: " ", count: max(0, 18 - finding.name.count))
      try Output.result("\(finding.isGood ? "ok  " : "look") \(name) \(finding.text)")
    }
  }
}
