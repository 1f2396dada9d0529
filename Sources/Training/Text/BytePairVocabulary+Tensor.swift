import TensorTypes

extension BytePairVocabulary {
  /// Before the first character of a special token's name.
  private static let firstMark: Int32 = -1
  /// Before the others.
  private static let nextMark: Int32 = -2

  /// The vocabulary as a checkpoint holds it, `i32[n, 2]`: the two tokens of which each is made, from token 256 on; then each
  /// special token's name, a character a row, as its code point behind -1 for the first and -2 for the others.
  public var tensor: HostTensor {
    let names = special.flatMap { name in
      name.unicodeScalars.enumerated().flatMap { [$0 == 0 ? Self.firstMark : Self.nextMark, Int32($1.value)] }
    }
    let numbers = merges.flatMap { [$0.first, $0.second] } + names
    return HostTensor([numbers.count / 2, 2], numbers)
  }

  /// - Throws: `BytePairError` for numbers that are no vocabulary.
  public init(_ tensor: HostTensor) throws {
    guard tensor.elementType == .int32, tensor.shape.rank == 2, tensor.shape[1] == 2 else {
      throw BytePairError(line: nil, found: "\(tensor.type)", needed: "i32[n, 2], the two tokens that each is made of")
    }
    let numbers = tensor.integers
    let pairs = stride(from: 0, to: numbers.count, by: 2).map { Pair(first: numbers[$0], second: numbers[$0 + 1]) }
    let border = pairs.firstIndex { $0.first == Self.firstMark } ?? pairs.endIndex
    try self.init(Array(pairs[..<border]), special: try Self.names(pairs[border...]))
  }

  /// - Parameter rows: from the first special token on.
  private static func names(_ rows: ArraySlice<Pair>) throws -> [String] {
    try rows.reduce(into: []) { names, row in
      let isKnown = row.first == firstMark || row.first == nextMark
      guard isKnown, row.second >= 0, let character = Unicode.Scalar(UInt32(row.second)) else {
        throw BytePairError(
          line: nil, found: "\(row.first) \(row.second)",
          needed: "\(firstMark) or \(nextMark) and a character of a special token")
      }
      if row.first == firstMark { names.append("") }
      names[names.count - 1].unicodeScalars.append(character)
    }
  }

  /// Why tokens of a checkpoint mean something else here; nil where they do not.
  ///
  /// - Parameter tensor: the vocabulary that it holds.
  public func problem(in tensor: HostTensor) -> String? {
    do {
      let other = try BytePairVocabulary(tensor)
      return difference(from: other).map { "the vocabulary is another one: \($0)" }
    } catch { return "the vocabulary is none: \(error)" }
  }

  /// How the vocabulary of a checkpoint differs from this one, for messages; nil where it does not.
  private func difference(from checkpoint: BytePairVocabulary) -> String? {
    let pairs = zip(merges, checkpoint.merges)
    if let index = Array(pairs).firstIndex(where: { $0 != $1 }) {
      let token = Int32(256 + index)
      return "token \(token) is '\(checkpoint.decode([token]))' in the checkpoint and '\(decode([token]))' here"
    }
    if merges.count != checkpoint.merges.count {
      return "the checkpoint has \(checkpoint.count) tokens, here are \(count)"
    }
    guard special != checkpoint.special else { return nil }
    func listed(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: " ") }
    return "special tokens are \(listed(checkpoint.special)) in the checkpoint and \(listed(special)) here"
  }
}
