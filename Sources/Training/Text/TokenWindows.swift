import TensorTypes

/// Windows of one long sequence of tokens, each with what follows every token of it.
///
/// The last tenth is held out, so that no window of training reaches into it.
public struct TokenWindows: Sendable {
  public let tokens: [Int32]
  /// Tokens of a window, L.
  public let length: Int
  public let seed: UInt64
  /// The first token that is held out.
  private let border: Int

  public enum Part: Sendable { case training, validation }

  /// - Throws: `TokenWindowError` where a part is shorter than one window and what follows it.
  public init(_ tokens: [Int32], length: Int, seed: UInt64) throws {
    (self.tokens, self.length, self.seed) = (tokens, length, seed)
    border = tokens.count - tokens.count / 10
    guard length >= 1, range(.validation).count > length, range(.training).count > length else {
      throw TokenWindowError(found: tokens.count, needed: 10 * (length + 1))
    }
  }

  /// Windows of a text whose parts were told apart before it became tokens.
  ///
  /// - Throws: `TokenWindowError` where a part is shorter than one window and what follows it.
  public init(_ text: BytePairText, length: Int, seed: UInt64) throws {
    try self.init(training: text.training, validation: text.validation, length: length, seed: seed)
  }

  /// Windows of documents, each of which may hold parts of several.
  ///
  /// - Throws: `TokenWindowError` where a part is shorter than one window and what follows it.
  public init(_ documents: DocumentTokens, length: Int, seed: UInt64) throws {
    try self.init(training: documents.training, validation: documents.validation, length: length, seed: seed)
  }

  private init(training: [Int32], validation: [Int32], length: Int, seed: UInt64) throws {
    (tokens, self.length, self.seed) = (training + validation, length, seed)
    border = training.count
    for (part, tokens) in [(Part.training, training), (.validation, validation)]
    where length < 1 || tokens.count <= length {
      throw TokenWindowError(found: tokens.count, needed: length + 1, part: part)
    }
  }

  /// The tokens of a part.
  public func range(_ part: Part) -> Range<Int> {
    part == .training ? 0..<border : border..<tokens.count
  }

  /// Windows at random places of a part, `i32[B, L]` both; a pure function of seed and number.
  public func batch(_ number: Int, of part: Part, count: Int) -> (tokens: HostTensor, labels: HostTensor) {
    let stream = UInt64(bitPattern: Int64(number)) &* 2 &+ (part == .training ? 0 : 1)
    var random = CounterRandom(seed: seed, stream: stream)
    let range = range(part)
    return windows(from: (0..<count).map { _ in range.lowerBound + random.index(below: range.count - length) })
  }

  /// Windows that begin at given places.
  public func windows(from starts: [Int]) -> (tokens: HostTensor, labels: HostTensor) {
    let shape = Shape([starts.count, length])
    func part(_ shift: Int) -> HostTensor {
      HostTensor(shape, starts.flatMap { tokens[$0 + shift..<$0 + shift + length] })
    }
    return (part(0), part(1))
  }

  /// The places of windows that lie side by side in a part, what is left at its end without.
  public func places(in part: Part) -> [Int] {
    let range = range(part)
    return Array(stride(from: range.lowerBound, to: range.upperBound - length, by: length))
  }

  /// The places of those windows in batches of one size, as few and as large as `size` allows; fewer windows than there are batches
  /// are left out.
  public func batches(in part: Part, size: Int) -> [[Int]] {
    let places = places(in: part)
    let count = (places.count + size - 1) / size
    let even = places.count / max(count, 1)
    return (0..<count).map { Array(places[$0 * even..<($0 + 1) * even]) }
  }
}

/// A text that is too short.
public struct TokenWindowError: Error, Hashable, CustomStringConvertible {
  public var found: Int
  public var needed: Int
  /// The part that is; nil for the whole.
  public var part: TokenWindows.Part?

  public var description: String {
    switch part {
    case nil:
      "the text has \(found) tokens, needs at least \(needed), so that the tenth that is held out has a sequence"
    case .training: "what is not held out of the text has \(found) tokens, needs at least \(needed) for a sequence"
    case .validation:
      "the tenth of the text that is held out has \(found) tokens, needs at least \(needed) for a sequence"
    }
  }
}
