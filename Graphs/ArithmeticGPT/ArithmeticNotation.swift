import Recurve

/// How expressions and answers are written as tokens.
///
/// A question is `345+678=`, what is asked for `3201` and the end: the digits of answers from the last to the first, unless
/// they are plain. With a scratchpad steps come before, and the answer behind the last `=`: `34x52=86+0071=8671`.
public struct ArithmeticNotation: Sendable {
  public let settings: ArithmeticSettings
  public let vocabulary: CharacterVocabulary
  /// The token behind an answer.
  public let end: Int32

  static let characters = "0123456789+-x/=r"
  static let endName = "<end>"

  /// - Throws: `ModelFamilyError.setting`.
  public init(_ settings: ArithmeticSettings) throws {
    try settings.check()
    self.settings = settings
    vocabulary = try CharacterVocabulary(Array(Self.characters.unicodeScalars), special: [Self.endName])
    end = Int32(Self.characters.unicodeScalars.count)
  }

  /// `345+678=`, `543+876=` where both are reversed.
  public func question(_ expression: ArithmeticExpression) -> String {
    let width = settings.isPadded ? settings.longestOperand : 0
    return expression.text { number in
      let digits = padded("\(number)", to: width)
      return settings.order == .both ? String(digits.reversed()) : digits
    } + "="
  }

  /// What follows a question up to the end: steps, then the answer.
  public func response(_ expression: ArithmeticExpression) -> String {
    (settings.hasScratchpad ? steps(expression) : "") + answer(expression)
  }

  /// The answer alone, as it is written behind the last `=`.
  public func answer(_ expression: ArithmeticExpression) -> String {
    switch expression.value {
    case .number(let number): written(number, width: settings.isPadded ? settings.longestAnswer : 0)
    case .quotient(let quotient, let remainder):
      written(quotient, width: settings.isPadded ? settings.longestOperand : 0) + "r" + written(remainder)
    }
  }

  /// The answer of a response as people write it; nil for a response that holds none.
  public func plainAnswer(in response: String) -> String? {
    let answer = response.split(separator: "=", omittingEmptySubsequences: false).last ?? ""
    let parts = answer.split(separator: "r", omittingEmptySubsequences: false).map { plain($0) }
    let isWhole = (1...2).contains(parts.count) && parts.allSatisfy { $0 != nil }
    return isWhole ? parts.compactMap { $0 }.joined(separator: "r") : nil
  }

  /// The value as people write it.
  public func plainAnswer(of expression: ArithmeticExpression) -> String {
    switch expression.value {
    case .number(let number): "\(number)"
    case .quotient(let quotient, let remainder): "\(quotient)r\(remainder)"
    }
  }

  // MARK: Numbers

  private func padded(_ digits: String, to width: Int) -> String {
    String(repeating: "0", count: max(width - digits.count, 0)) + digits
  }

  private func written(_ number: Int128, width: Int = 0) -> String {
    let digits = padded("\(number.magnitude)", to: width)
    return (number < 0 ? "-" : "") + (settings.order != .plain ? String(digits.reversed()) : digits)
  }

  /// The number as people write it, without the zeros in front that padding puts there; nil where there is none.
  private func plain(_ text: Substring) -> String? {
    let (isNegative, digits) = (text.hasPrefix("-"), text.drop { $0 == "-" })
    guard text.count - digits.count <= 1, !digits.isEmpty, digits.allSatisfy(\.isNumber) else { return nil }
    let ordered = settings.order != .plain ? String(digits.reversed()) : String(digits)
    let stripped = settings.isPadded ? ordered.drop { $0 == "0" } : ordered[...]
    return stripped.isEmpty ? "0" : (isNegative ? "-" : "") + stripped
  }

  // MARK: Steps

  private func steps(_ expression: ArithmeticExpression) -> String {
    expression.steps.map { $0.text { written($0) } + "=" }.joined()
  }
}
