import ArgumentParser
import Comparison
import Reports
import Training

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the models with their presets and variants.")

  @Flag(help: "Prints the list as JSON.")
  var json = false

  private struct Entry: Codable {
    var name: String
    var summary: String
    var presets: [String]
    var variants: [String]
  }

  func run() throws {
    let families = RecurveCommandLine.families
    if json {
      return try Output.json(
        families.map { Entry(name: $0.name, summary: $0.summary, presets: $0.presets, variants: $0.variants) })
    }
    let rows = families.map { family in
      [
        family.name, family.presets.joined(separator: ", "), family.variants.joined(separator: ", "), family.summary,
      ]
    }
    try Output.result(
      TextTable.aligned([["model", "presets", "variants", "what it is"]] + rows, leftColumns: [0, 1, 2, 3]))
  }
}
