import Training

extension TextDocuments.Division {
  /// What models that read texts call it: `--set documents=blank-lines`.
  public static let setting: ModelSetting = ModelSetting(
    "documents", "where documents end, with a token \(SpecialToken.end); joined: nowhere", .text(needed: needed),
    standard: "files")

  /// What options ask for; where files end without.
  ///
  /// - Throws: `ModelFamilyError.setting`.
  public init(of options: ModelOptions) throws {
    let text = options.settings[Self.setting.name] ?? Self.setting.standard
    guard let division = Self(text) else {
      throw ModelFamilyError.setting(Self.setting.name, found: text, needed: Self.needed)
    }
    self = division
  }
}
