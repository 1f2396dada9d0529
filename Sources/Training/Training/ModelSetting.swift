/// A number or a choice that only one family has, by its name: commands take `--set name=value`.
public struct ModelSetting: Sendable, Hashable {
  public enum Values: Sendable, Hashable {
    case wholeNumbers(ClosedRange<Int>)
    case numbers(ClosedRange<Double>)
    case choices([String])
    /// What the family reads itself, in words.
    case text(needed: String)
  }

  public let name: String
  /// One line for lists.
  public let summary: String
  public let values: Values
  /// Where neither a user nor the preset says anything else.
  public let standard: String

  public init(_ name: String, _ summary: String, _ values: Values, standard: String) {
    (self.name, self.summary, self.values, self.standard) = (name, summary, values, standard)
  }

  /// What is needed, in words.
  public var needed: String {
    switch values {
    case .wholeNumbers(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .numbers(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .choices(let names): "one of \(names.joined(separator: ", "))"
    case .text(let needed): needed
    }
  }

  /// The value in the form that records have; nil for what it cannot be.
  func canonical(_ text: String) -> String? {
    switch values {
    case .wholeNumbers(let range): Int(text).flatMap { range.contains($0) ? "\($0)" : nil }
    case .numbers(let range): Double(text).flatMap { range.contains($0) ? "\($0)" : nil }
    case .choices(let names): names.contains(text) ? text : nil
    case .text: text
    }
  }
}

extension ModelOptions {
  /// The value of a setting that is a whole number; 0 where the options lack it.
  public func integer(_ setting: String) -> Int { settings[setting].flatMap { Int($0) } ?? 0 }

  /// The value of a setting that is a number; 0 where the options lack it.
  public func number(_ setting: String) -> Double { settings[setting].flatMap { Double($0) } ?? 0 }
}

extension [ModelSetting] {
  /// The value of every setting: what was given, else the preset's, else the standard one.
  ///
  /// - Throws: `ModelFamilyError`.
  func completed(_ given: [String: String], _ preset: [String: String]) throws -> [String: String] {
    if let unknown = given.keys.sorted().first(where: { name in !contains { $0.name == name } }) {
      throw ModelFamilyError.unknown("setting", unknown, known: map(\.name))
    }
    return try reduce(into: [:]) { values, setting in
      let text = given[setting.name] ?? preset[setting.name] ?? setting.standard
      guard let value = setting.canonical(text) else {
        throw ModelFamilyError.setting(setting.name, found: text, needed: setting.needed)
      }
      values[setting.name] = value
    }
  }
}
