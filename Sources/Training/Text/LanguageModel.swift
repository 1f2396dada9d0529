import Modeling

/// A model that says what may follow each position of sequences of tokens.
public protocol LanguageModel: Sendable {
  /// V.
  var vocabularyCount: Int { get }

  /// Scores of the token behind each position, of which it sees itself and those before: `i32[B, L] -> [B, L, V]`.
  ///
  /// - Parameter cache: what is known of the positions before, and takes these in; the caller moves it on.
  func scores(_ tokens: Tensor, cache: KeyValueCache?) -> Tensor
}
