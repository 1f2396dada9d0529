import TensorTypes

/// Which mazes are held out, so that training never sees one that a model is judged by.
///
/// A maze is held out by its walls: with everything that turning and mirroring makes of it, and whatever start and goal it has.
public struct MazeSplit: Sendable {
  private let rule: Rule

  private enum Rule {
    /// Of all mazes, those whose key is divisible.
    case oneIn(UInt64)
    case keys(Set<UInt64>)
  }

  private init(_ rule: Rule) { self.rule = rule }

  /// One generated maze in sixteen, the same for every seed.
  public static let generated = MazeSplit(.oneIn(16))

  /// One maze of a file in sixteen, at least one, chosen by the walls alone.
  ///
  /// - Throws: when there are no two mazes that differ in more than start, goal, turning and mirroring.
  public init(of mazes: [Maze]) throws(MazeSplitError) {
    let keys = Set(mazes.map { Self.key($0.isOpen, side: $0.side) })
    guard keys.count > 1 else { throw MazeSplitError(found: keys.count) }
    self.init(.keys(Set(keys.sorted().prefix(max(1, keys.count / 16)))))
  }

  public func isHeldOut(_ maze: Maze) -> Bool { isHeldOut(maze.isOpen, side: maze.side) }

  func isHeldOut(_ isOpen: [Bool], side: Int) -> Bool {
    let key = Self.key(isOpen, side: side)
    return switch rule {
    case .oneIn(let count): key % count == 0
    case .keys(let keys): keys.contains(key)
    }
  }

  /// A number that depends on every cell, and is the same for all forms of a maze.
  private static func key(_ isOpen: [Bool], side: Int) -> UInt64 {
    let keys = (0..<SquareSymmetry.count).map { form in
      (0..<isOpen.count).reduce(0 as UInt64) { key, cell in
        let isOpen = isOpen[SquareSymmetry.source(of: cell, in: form, side: side)]
        return CounterRandom.mixed((key ^ (isOpen ? 1 : 0)) &+ 0x9E37_79B9_7F4A_7C15)
      }
    }
    return keys.min() ?? 0
  }
}

extension Maze {
  /// What is no wall.
  fileprivate var isOpen: [Bool] { question.map { $0 != .wall } }
}

/// What keeps mazes from being split.
public struct MazeSplitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Mazes that differ.
  public let found: Int

  public var description: String {
    "needed at least 2 mazes that turning and mirroring do not make one, so that one can be held out, got \(found)"
  }
}
