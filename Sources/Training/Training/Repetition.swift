/// What the options about depth mean to a form of a model.
public enum Repetition: Sendable, Hashable {
  /// `depth` counts iterations, and a gradient reaches back through them.
  case recursion
  /// `depth` counts layers; nothing is repeated that a gradient could reach back through.
  case layers
  /// Neither means anything.
  case none

  /// Options without effect would be believed to have one.
  ///
  /// - Parameter form: of the model, for messages: its variant, or its name.
  /// - Throws: `ModelFamilyError.setting` for a depth or a gradient that the form does not have.
  func check(_ options: ModelOptions, _ preset: ModelPreset, of form: String) throws {
    if self == .none, let depth = options.depth, depth != preset.depth {
      throw ModelFamilyError.setting("depth", found: "\(depth)", needed: "none, since \(form) repeats nothing")
    }
    if self != .recursion, let gradient = options.gradient, gradient != preset.gradient {
      throw ModelFamilyError.setting("gradient", found: "\(gradient)", needed: "none, since \(form) repeats nothing")
    }
  }
}
