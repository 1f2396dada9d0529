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

  /// A recipe whose steps are null where the data say how many there are.
  private struct ListedRecipe: Encodable {
    var recipe: Recipe
    var fitsData: Bool

    func encode(to encoder: any Encoder) throws {
      try recipe.encode(to: encoder)
      if !fitsData { return }
      var members = encoder.container(keyedBy: Recipe.CodingKeys.self)
      try members.encodeNil(forKey: .steps)
    }
  }

  private struct Entry: Encodable {
    var name: String
    var summary: String
    var presets: [String]
    var variants: [String]
    /// Variants that are trained where nobody names one, by preset, where they are not the first.
    var default_variants: [String: String]
    /// The preset where data come from a file and nobody names one, where it is not the first.
    var preset_for_files: String?
    /// By preset, and by preset and variant where the variant has its own.
    var recipes: [String: ListedRecipe]
    /// Of each preset, by name.
    var settings: [String: [String: String]]
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
      default_variants: Dictionary(
        uniqueKeysWithValues: family.presets.compactMap { preset in preset.variant.map { (preset.name, $0) } }),
      preset_for_files: family.presetForFiles,
      recipes: Dictionary(
        uniqueKeysWithValues: family.presets.flatMap(recipes).map { name, _, recipe in
          (name, ListedRecipe(recipe: recipe, fitsData: family.fitsRecipes))
        }),
      settings: Dictionary(uniqueKeysWithValues: family.presets.map { ($0.name, settings(family, $0)) }))
  }

  private func settings(_ family: ModelFamily, _ preset: ModelPreset) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: family.settings.map { ($0.name, preset.settings[$0.name] ?? $0.standard) })
  }

  /// With the variant that has each, where not the preset's.
  private func recipes(_ preset: ModelPreset) -> [(name: String, variant: String?, recipe: Recipe)] {
    [(preset.name, nil, preset.recipe)]
      + preset.variantRecipes.sorted { $0.key < $1.key }.map { ("\(preset.name) \($0.key)", $0.key, $0.value) }
  }

  private func text(_ recipe: Recipe, of family: ModelFamily) -> String {
    family.fitsRecipes ? recipe.text(steps: "steps as the data need") : "\(recipe)"
  }

  private func show(_ family: ModelFamily) throws {
    let header = ["preset", "batch", family.depthName, "gradient", "variant", "recipe"]
    let rows = family.presets.flatMap { preset in
      let variant = preset.variant ?? family.variants.first ?? "none"
      return recipes(preset).map { name, own, recipe in
        [name, "\(preset.batch)", "\(preset.depth)", "\(preset.gradient)", own ?? variant, text(recipe, of: family)]
      }
    }
    try Output.result(TextTable.aligned([header] + rows, leftColumns: [0, 3, 4, 5]))
    if let preset = family.presetForFiles { try Output.result("\nwith --data: the preset \(preset) without another") }
    try showSettings(family)
    try showPrograms(family)
  }

  private func showSettings(_ family: ModelFamily) throws {
    if family.settings.isEmpty { return }
    let settings = family.settings.map { setting in
      [setting.name] + family.presets.map { $0.settings[setting.name] ?? setting.standard }
        + [setting.needed, setting.summary]
    }
    let columns = ["--set"] + family.presets.map(\.name) + ["needs", "what it is"]
    try Output.result(
      "\n" + TextTable.aligned([columns] + settings, leftColumns: [0, columns.count - 2, columns.count - 1]))
  }

  /// None where the model cannot be made without data of the user's.
  private func showPrograms(_ family: ModelFamily) throws {
    let programs = (try? family.make(ModelOptions()))?.programs.map { [$0.name, $0.summary] } ?? []
    if programs.isEmpty { return }
    try Output.result("\n" + TextTable.aligned([["program", "what it is"]] + programs, leftColumns: [0, 1]))
  }
}
