import TensorTypes

/// An endless sequence of generated puzzles, each a pure function of seed and number.
///
/// Every count of blanks appears equally often, in turn. Nothing is kept, so that any part of the sequence costs what its
/// own puzzles cost.
public struct SudokuStream: Sendable {
  /// The puzzles that a model learns from, or those that it is judged by.
  public enum Part: Sendable, Hashable { case training, heldOut }

  public let size: SudokuSize
  public let blanks: ClosedRange<Int>
  public let part: Part
  private let seed: UInt64
  private let split: SudokuSplit

  /// - Parameter blanks: nil for those that the size has where nobody asks for others.
  /// - Throws: when the size does not permit so many blanks.
  public init(
    size: SudokuSize, seed: UInt64, blanks: ClosedRange<Int>? = nil, part: Part
  ) throws(SudokuStreamError) {
    let blanks = blanks ?? Self.usualBlanks(size)
    let possible = Self.possibleBlanks(size)
    guard possible.contains(blanks.lowerBound), possible.contains(blanks.upperBound) else {
      throw SudokuStreamError(blanks: blanks, size: size)
    }
    (self.size, self.seed, self.blanks, self.part) = (size, seed, blanks, part)
    split = SudokuSplit(size: size)
  }

  /// 2 to 10 of 16 cells, and about the same share of the larger boards.
  public static func usualBlanks(_ size: SudokuSize) -> ClosedRange<Int> {
    switch size {
    case .four: 2...10
    case .six: 4...22
    default: 10...50
    }
  }

  /// Those that can be asked for: each is looked for until it is found, and the generator hardly reaches more.
  public static func possibleBlanks(_ size: SudokuSize) -> ClosedRange<Int> {
    0...SudokuGenerator.maximumBlankCount(size: size)
  }

  /// The puzzle of a number, from 0.
  public subscript(number: Int) -> SudokuPuzzle {
    precondition(number >= 0, "the number of a puzzle must not be negative, got \(number)")
    let count = blanks.lowerBound + number % blanks.count
    // The parts draw apart: equal numbers of both shall not lead to boards that resemble each other.
    let stream = 2 * UInt64(number) + (part == .heldOut ? 1 : 0)
    var random = CounterRandom(seed: seed, stream: stream)
    let (split, isHeldOut) = (split, part == .heldOut)
    var generator = SudokuGenerator(
      size: size, random: CounterRandom(seed: random.next()), blanks: count...count, difficulty: nil
    ) { split.isHeldOut($0) == isHeldOut }
    return generator.next()
  }
}

/// Blanks of which there are no puzzles, or too few to find them.
public struct SudokuStreamError: Error, Hashable, Sendable, CustomStringConvertible {
  public let blanks: ClosedRange<Int>
  public let size: SudokuSize

  public var description: String {
    let possible = SudokuStream.possibleBlanks(size)
    return "blanks of \(size) puzzles must be \(possible.lowerBound) to \(possible.upperBound), "
      + "got \(blanks.lowerBound) to \(blanks.upperBound)"
  }
}
