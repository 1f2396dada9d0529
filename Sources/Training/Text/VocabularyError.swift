/// Why something is no vocabulary, or a text none of its.
public enum VocabularyError: Error, Hashable, CustomStringConvertible {
  case empty
  case repeated(String)
  case zero
  case notScalar(Int32)
  case notNumbers(String)
  case unknown(Unicode.Scalar, line: Int, column: Int, near: Unicode.Scalar?, count: Int)

  public var description: String {
    switch self {
    case .empty: "a vocabulary needs at least one character, got none"
    case .repeated(let token): "a vocabulary has each token once, got '\(token)' again"
    case .zero: "a vocabulary cannot have the character U+0000"
    case .notScalar(let code): "a vocabulary's characters are Unicode scalars, got \(code)"
    case .notNumbers(let type): "got \(type), needs i32[n], the characters' code points"
    case .unknown(let scalar, let line, let column, let near, let count):
      "line \(line), column \(column): \(Self.quoted(scalar)) is not among the \(count) tokens of the vocabulary"
        + (near.map { "; there is \(Self.quoted($0))" } ?? "")
    }
  }

  private static func quoted(_ scalar: Unicode.Scalar) -> String {
    let code = String(scalar.value, radix: 16, uppercase: true)
    let name = "U+" + String(repeating: "0", count: max(4 - code.count, 0)) + code
    return scalar.properties.generalCategory == .control ? name : "'\(Character(scalar))' (\(name))"
  }
}
