import ArgumentParser
import Comparison
import Reports
import Training

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the models with their presets and variants; of one model, its recipes.")

  @Argument(help: "A model, of which sizes and recipe of every preset are shown.")
  var model: String?

  @Flag(help: "Prints the list as JSON.")
  var json = false

  private struct Entry: Codable {
    var name: String
    var summary: String
    var presets: [String]
    var variants: [String]
    /// Variants that are trained where nobody names one, by preset, where they are not the first.
    var trained_variants: [String: String]
    /// By preset, and by preset and variant where the variant has its own.
    var recipes: [String: Recipe]
  }

  func run() throws {
    let families = try model.map { [try RecurveCommandLine.family($0)] } ?? RecurveCommandLine.families
    if json { return try Output.json(families.map(entry)) }
    if model != nil, let family = families.first { return try show(family) }
    let rows = families.map { family in
      [
        family.name, family.presets.map(\.name).joined(separator: ", "), family.variants.joined(separator: ", "),
        family.summary,
      ]
    }
    try Output.result(
      TextTable.aligned([["model", "presets", "variants", "what it is"]] + rows, leftColumns: [0, 1, 2, 3]))
  }

  private func entry(_ family: ModelFamily) -> Entry {
    Entry(
      name: family.name, summary: family.summary, presets: family.presets.map(\.name), variants: family.variants,
      trained_variants: Dictionary(
        uniqueKeysWithValues: family.presets.compactMap { preset in preset.trainedVariant.map { (preset.name, $0) } }),
      recipes: Dictionary(uniqueKeysWithValues: family.presets.flatMap(recipes)))
  }

  private func recipes(_ preset: ModelPreset) -> [(String, Recipe)] {
    [(preset.name, preset.recipe)]
      + preset.variantRecipes.sorted { $0.key < $1.key }.map { ("\(preset.name) \($0.key)", $0.value) }
  }

  private func show(_ family: ModelFamily) throws {
    let header = ["preset", "batch", family.depthName, "gradient", "trained variant", "recipe"]
    let rows = family.presets.flatMap { preset in
      let variant = preset.trainedVariant ?? family.variants.first ?? "none"
      return recipes(preset).map { name, recipe in
        [name, "\(preset.batch)", "\(preset.depth)", "\(preset.gradient)", variant, "\(recipe)"]
      }
    }
    try Output.result(TextTable.aligned([header] + rows, leftColumns: [0, 3, 4, 5]))
    try showPrograms(family)
  }

  /// None where the model cannot be made without data of the user's.
  private func showPrograms(_ family: ModelFamily) throws {
    let programs = (try? family.make(ModelOptions()))?.programs.map { [$0.name, $0.summary] } ?? []
    if programs.isEmpty { return }
    try Output.result("
" + TextTable.aligned([["program", "what it is"]] + programs, leftColumns: [0, 1]))
  }
}
