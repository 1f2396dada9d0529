import TensorTypes

extension BytePairVocabulary {
  /// The vocabulary as a checkpoint holds it, `i32[n, 2]`: the two tokens of which each is made, from token 256 on.
  public var tensor: HostTensor {
    HostTensor([merges.count, 2], merges.flatMap { [$0.first, $0.second] })
  }

  /// - Throws: `BytePairError` for numbers that are no vocabulary.
  public init(_ tensor: HostTensor) throws {
    guard tensor.elementType == .int32, tensor.shape.rank == 2, tensor.shape[1] == 2 else {
      throw BytePairError(line: nil, found: "\(tensor.type)", needed: "i32[n, 2], the two tokens that each is made of")
    }
    let numbers = tensor.integers
    try self.init(
      stride(from: 0, to: numbers.count, by: 2).map { Pair(first: numbers[$0], second: numbers[$0 + 1]) })
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
    return count == checkpoint.count ? nil : "the checkpoint has \(checkpoint.count) tokens, here are \(count)"
  }
}
