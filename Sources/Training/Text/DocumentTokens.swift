/// Documents as tokens, a tenth of them held out.
///
/// Where there is more than one, each stands behind a token `<end>`, with which it begins, and the last before one, with which
/// it ends: nothing is joined that was apart, and windows of the tokens are packed with documents. Whole documents are held
/// out where one begins near the border of the tenth.
public struct DocumentTokens: Sendable {
  public let vocabulary: any TextVocabulary
  public let training: [Int32]
  /// What is held out.
  public let validation: [Int32]

  /// By characters. Those that are there fewer times in what is trained on become `<unk>`, as do those that are not there.
  ///
  /// - Parameter minimumCount: at least 1; 0 for no `<unk>`: the vocabulary is that of all documents then.
  /// - Throws: `VocabularyError` for documents without a character that is a token.
  public init(_ text: TextDocuments, minimumCount: Int) throws {
    let parts = DocumentParts(text.documents)
    let special = minimumCount > 0 ? [SpecialToken.unknown] : []
    let vocabulary = try CharacterVocabulary(
      of: minimumCount > 0 ? parts.training : text.documents, special: special + parts.special,
      minimumCount: max(minimumCount, 1))
    self.vocabulary = vocabulary
    (training, validation) = try parts.tokens(vocabulary) { try $0.map(vocabulary.encode) }
  }

  /// By the byte pairs of what is trained on.
  ///
  /// - Parameter count: tokens that texts spell, 256 at least; fewer where no pair is there twice any more.
  /// - Throws: `BytePairError` for a smaller count.
  public init(_ text: TextDocuments, pairs count: Int) throws {
    let pairs = try BytePairText(text, tokens: count)
    vocabulary = pairs.vocabulary
    (training, validation) = (pairs.training, pairs.validation)
  }
}

/// Documents in two parts, the second of which is held out.
struct DocumentParts {
  let training: [String]
  let validation: [String]
  /// Whether the last document of the first part goes on in the second.
  let cutsDocument: Bool
  /// What marks the ends of documents, where there is more than one.
  let special: [String]

  /// Cuts before the document that begins nearest to nine tenths of all bytes, if one begins between four fifths and all but a
  /// twentieth of them; within a document otherwise, before the white space that follows nine tenths.
  init(_ documents: [String]) {
    special = documents.count > 1 ? [SpecialToken.end] : []
    var starts = [0]
    for document in documents { starts.append(starts[starts.count - 1] + document.utf8.count) }
    let total = starts[documents.count]
    let place = total - total / 10
    let near = documents.indices.filter { starts[$0] >= total - total / 5 && starts[$0] <= total - total / 20 }
    if let first = near.min(by: { abs(starts[$0] - place) < abs(starts[$1] - place) }), first > 0 {
      (training, validation, cutsDocument) = (Array(documents[..<first]), Array(documents[first...]), false)
      return
    }
    let cut = documents.indices.last { starts[$0] <= place } ?? 0
    let halves = BytePairText.parts(of: documents[cut], cutNear: place - starts[cut])
    training = Array(documents[..<cut]) + [halves.training]
    let rest = Array(documents[(cut + 1)...])
    validation = halves.validation.isEmpty ? rest : [halves.validation] + rest
    cutsDocument = !halves.validation.isEmpty
  }

  /// The tokens of both parts: an end before each document, and one behind the last of each part, but for a document that is cut.
  ///
  /// - Parameter encoded: the tokens of each of several texts.
  func tokens(
    _ vocabulary: some TextVocabulary, _ encoded: ([String]) throws -> [[Int32]]
  ) rethrows -> (training: [Int32], validation: [Int32]) {
    let end = special.compactMap { vocabulary.number(ofSpecial: $0) }
    func joined(_ documents: [[Int32]], cutBefore: Bool, cutBehind: Bool) -> [Int32] {
      var joined: [Int32] = []
      for (number, tokens) in documents.enumerated() { joined += (number == 0 && cutBefore ? [] : end) + tokens }
      return cutBehind || documents.isEmpty ? joined : joined + end
    }
    return (
      joined(try encoded(training), cutBefore: false, cutBehind: cutsDocument),
      joined(try encoded(validation), cutBefore: cutsDocument, cutBehind: false)
    )
  }
}
